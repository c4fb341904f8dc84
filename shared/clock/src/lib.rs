//! The time. No other crate reads the machine's clock; code that needs the time takes it as an
//! argument.

use std::fmt;
use std::sync::Arc;

mod timestamp;

pub use timestamp::Timestamp;

/// A source of the current time. Clones share the clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Returns the machine's clock.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
        Self::new(|| Timestamp::new(chrono::Utc::now()))
    }

    /// Creates a clock that shows the time that `now` returns.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
