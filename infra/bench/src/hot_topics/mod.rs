//! How many may listen to one topic: a simulation in a time of its own.
//!
//! It plays what `functions::live::broadcast` does with a batch, and what a design with a queue
//! would do, against a model of AWS's quotas and latencies. No request is sent and nothing
//! waits. It counts in whole numbers and draws from fixed seeds, so that it says the same on
//! every machine. [`page`] returns docs/explanation/hot-topics.md, which names the assumptions.

mod assumptions;
mod chance;
mod inline;
mod lane;
mod outcome;
mod page;
mod posting;
mod push;
mod quota;
mod rounds;
mod sharded;
mod tables;

use std::path::Path;
use std::time::Duration;

pub use page::page;

use emulator::template::{Stack, Template, TemplateError};

/// A time, or a length of time, in millionths of a second.
type Micros = u64;

/// A second.
const SECOND: Micros = 1_000_000;

#[expect(clippy::cast_possible_truncation, reason = "far from 500,000 years")]
const fn micros(time: Duration) -> Micros {
    time.as_micros() as Micros
}

/// Why there is nothing to simulate.
#[derive(Debug, thiserror::Error)]
pub enum HotTopicsError {
    /// The template does not read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// It has no relay.
    #[error("the template has no function that runs the binary relay on a stream; add one")]
    NoRelay,
}

/// The relay's settings in the template.
#[derive(Clone, Copy, Debug)]
struct Relay {
    /// How many changes a batch has at most.
    batch_size: usize,
    /// How long an invocation may take.
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
