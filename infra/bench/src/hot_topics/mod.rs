//! Simulates how many clients can subscribe to one topic, in a simulated time.
//!
//! The simulation models the way `functions::live::broadcast` processes a batch, and the way a
//! design with a queue would, against AWS's quotas and latencies. It sends no request and never
//! waits. It counts in integers and draws from fixed seeds, so that its results are the same on
//! every machine. [`page`] returns docs/explanation/hot-topics.md, which lists the assumptions.

mod account;
mod assumptions;
mod chance;
mod inline;
mod lane;
mod outcome;
mod pace;
mod page;
mod posting;
mod push;
mod quota;
mod rounds;
mod sharded;
mod tables;
mod update;

use std::path::Path;
use std::time::Duration;

pub use page::page;

use emulator::template::{Stack, Template, TemplateError};

/// A time or a duration, in microseconds.
type Micros = u64;

const SECOND: Micros = 1_000_000;

#[expect(clippy::cast_possible_truncation, reason = "far from 500,000 years")]
const fn micros(time: Duration) -> Micros {
    time.as_micros() as Micros
}

/// The error of the template, which has the settings of the simulated relay.
#[derive(Debug, thiserror::Error)]
pub enum HotTopicsError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("the template has no function that runs the binary relay on a stream; add one")]
    NoRelay,
}

/// The relay's settings in the template.
#[derive(Clone, Copy, Debug)]
struct Relay {
    /// The maximum number of changes in a batch.
    batch_size: usize,
    timeout: Micros,
    /// In MB.
    memory: usize,
}

impl Relay {
    fn load(template: &Path) -> Result<Self, HotTopicsError> {
        let parameters =
            [("Stage", "dev"), ("Issuer", "http://localhost"), ("Audience", "waybill")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let stack = Stack { name: "waybill".to_owned(), uuid: String::new(), parameters };
        let functions = Template::load(template, &stack)?.functions;
        let relay = functions.values().find(|function| function.binary == "relay");
        relay.and_then(Self::of).ok_or(HotTopicsError::NoRelay)
    }

    fn of(function: &emulator::template::Function) -> Option<Self> {
        let stream = function.triggers.first()?;
        Some(Self {
            batch_size: stream.batch_size.into(),
            timeout: micros(function.timeout),
            memory: function.memory.try_into().ok()?,
        })
    }
}
