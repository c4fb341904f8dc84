//! Where time and chance come in: everything else takes them as arguments.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::time::Timestamp;

/// Tells the time. Cloning shares the clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the edge")]
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

/// A UUID whose first bits are the time, so that ids sort by creation.
#[expect(clippy::disallowed_methods, reason = "the edge")]
pub fn time_ordered_uuid() -> Uuid {
    Uuid::now_v7()
}

/// 122 random bits.
#[expect(clippy::disallowed_methods, reason = "the edge")]
pub fn random_uuid() -> Uuid {
    Uuid::new_v4()
}

/// A random while below `bound`.
pub fn jitter(bound: Duration) -> Duration {
    let bound = bound.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(random_uuid().as_u128() % bound).unwrap_or(u64::MAX))
}

/// How long a secret is.
pub const SECRET_BYTES: usize = 32;

/// Random bytes that nobody guesses, 244 of their bits random.
pub fn random_secret() -> [u8; SECRET_BYTES] {
    let mut secret = [0; SECRET_BYTES];
    secret[..16].copy_from_slice(random_uuid().as_bytes());
    secret[16..].copy_from_slice(random_uuid().as_bytes());
    secret
}
