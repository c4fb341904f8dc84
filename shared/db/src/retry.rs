//! Retries with a random delay.

use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tokio::time::Instant;

use crate::DbError;
use crate::error::{is_conflict, is_unmet};

/// The maximum number of attempts.
const MOST: u32 = 24;

/// The time limit of all attempts, well below a function's timeout, so that the caller receives
/// the error.
const LIMIT: Duration = Duration::from_secs(6);

/// A counter of attempts, which also waits between them.
#[derive(Debug)]
pub(super) struct Tries {
    made: u32,
    since: Instant,
}

impl Tries {
    pub(super) fn new() -> Self {
        Self { made: 0, since: Instant::now() }
    }

    /// Starts another attempt, and returns false when it is time to give up.
    pub(super) fn begin(&mut self) -> bool {
        self.made += 1;
        self.made <= MOST && self.since.elapsed() < LIMIT
    }

    /// Waits for a random time of up to 40 ms after the first attempt. The bound doubles with
    /// each attempt, up to 640 ms, so that writers that collided once do not collide again ("full
    /// jitter", <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
    pub(super) async fn pause(&self) {
        let bound = Duration::from_millis(20 << self.made.min(5));
        tokio::time::sleep(random::jitter(bound)).await;
    }
}

/// Writes one item, and repeats the write as long as a transaction holds the item. The SDK repeats
/// throttled and lost requests, but not these.
pub(super) async fn unless_held<T, E, R, Written>(
    write: impl Fn() -> Written,
) -> Result<T, SdkError<E, R>>
where
    Written: Future<Output = Result<T, SdkError<E, R>>>,
    E: ProvideErrorMetadata,
{
    let mut tries = Tries::new();
    tries.begin();
    loop {
        let written = write().await;
        if !written.as_ref().is_err_and(is_conflict) || !tries.begin() {
            return written;
        }
        tries.pause().await;
    }
}

/// Writes one item as [`unless_held`] does, on the write's condition. Returns false if the condition
/// is not met, so that nothing is written.
pub(super) async fn if_met<T, E, R, Written>(write: impl Fn() -> Written) -> Result<bool, DbError>
where
    Written: Future<Output = Result<T, SdkError<E, R>>>,
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match unless_held(write).await {
        Ok(_) => Ok(true),
        Err(error) if is_unmet(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
