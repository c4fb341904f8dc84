//! A limit on how often something may happen.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// A token bucket, as API Gateway's throttling is: each use takes a token.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    burst: f64,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// Creates a full bucket of `burst` tokens, which gains `per_second` tokens.
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        let level = Mutex::new(Level { tokens: burst, at: Instant::now() });
        Self { per_second, burst, level }
    }

    /// Takes a token; returns false if there is none.
    pub(crate) fn take(&self) -> bool {
        let now = Instant::now();
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let gained = now.duration_since(level.at).as_secs_f64() * self.per_second;
        let tokens = (level.tokens + gained).min(self.burst);
        let is_taken = tokens >= 1.0;
        *level = Level { tokens: if is_taken { tokens - 1.0 } else { tokens }, at: now };
        is_taken
    }
}

/// The requests that the APIs of an account share. Clones are the same requests; without a quota,
/// none is refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests(Option<Arc<Bucket>>);

impl Requests {
    /// Creates the requests of an account with a quota of so many per second, in bursts of half as
    /// many.
    pub(crate) fn new(per_second: Option<u32>) -> Self {
        let bucket = per_second.map(f64::from).map(|rate| Bucket::new(rate, (rate / 2.0).max(1.0)));
        Self(bucket.map(Arc::new))
    }

    /// Counts a request; returns false if it is throttled.
    pub(crate) fn take(&self) -> bool {
        self.0.as_ref().is_none_or(|bucket| bucket.take())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_then_the_rate() {
        let bucket = Bucket::new(10.0, 20.0);
        let taken = || (0..1000).take_while(|_| bucket.take()).count();
        assert_eq!(taken(), 20);
        advance(Duration::from_millis(99)).await;
        assert_eq!(taken(), 0);
        advance(Duration::from_millis(2)).await;
        assert_eq!(taken(), 1);
        advance(Duration::from_hours(1)).await;
        assert_eq!(taken(), 20);
    }
}
