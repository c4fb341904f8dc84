//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clock::Clock;
use clock::Timestamp;

/// A stopped clock with whole seconds. Clones share the time.
#[derive(Clone, Debug)]
pub struct Stopped(Arc<AtomicI64>);

impl Stopped {
    /// Returns a clock stopped at the machine's current second.
    pub fn now() -> Self {
        Self(Arc::new(AtomicI64::new(Clock::system().now().epoch_seconds())))
    }

    /// Returns a clock stopped at this time.
    pub fn at(time: &str) -> Self {
        let time = Timestamp::parse(time).expect("a time");
        Self(Arc::new(AtomicI64::new(time.epoch_seconds())))
    }

    /// Returns the clock in the form that a runner takes.
    pub fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::new(move || {
            let seconds = seconds.load(Ordering::SeqCst);
            Timestamp::from_epoch_seconds(seconds).expect("a year of four digits")
        })
    }

    /// Moves this clock and all its clones forward.
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}
