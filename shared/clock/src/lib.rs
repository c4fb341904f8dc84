//! The time. Nothing else reads the machine's clock; what needs the time takes it as an
//! argument.

use std::fmt;
use std::sync::Arc;

mod timestamp;

pub use timestamp::Timestamp;

/// Tells the time. Cloning shares the clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
        Self::new(|| Timestamp::new(chrono::Utc::now()))
    }

    /// A clock that tells what `now` returns.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
