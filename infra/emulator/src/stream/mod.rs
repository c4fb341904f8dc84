//! Lambda's event source mapping for a DynamoDB stream.
//!
//! Delivers one batch at a time per shard, in order and at least once; retries, splits and gives
//! up batches as Lambda documents it. A mapping's progress is not stored: on the runner a mapping
//! starts at the present end of the stream, because the connections that need the changes do not
//! outlive the runner. <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>

use std::collections::HashSet;
use std::fmt::Display;
use std::time::Duration;

use clock::Clock;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::dynamodb::{CallError, DynamoDb};
use crate::invoke::FunctionError;

mod batch;
mod failure;
mod filter;
mod response;
mod settings;
mod shard;

use batch::Discarded;
pub use filter::{Pattern, PatternError};
use response::Outcome;
pub use settings::{Settings, Slice, StartingPosition};
pub(crate) use shard::backoff;
use shard::{Position, Shard};

/// "Lambda polls shards in your DynamoDB stream for records at a base rate of 4 times per
/// second." A commit of this process triggers a poll at once.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The result of one [`EventSourceMapping::poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Records were delivered, skipped or given up: there may be more.
    Progressed,
    /// A batch failed and will be retried after this time.
    Wait(Duration),
    /// There is nothing to do.
    Idle,
}

/// The error of an invocation.
pub trait InvokeError: Display {
    /// True if the function did not run, because it has as many invocations as it may have.
    fn is_throttled(&self) -> bool;
}

impl InvokeError for FunctionError {
    fn is_throttled(&self) -> bool {
        Self::is_throttled(self)
    }
}

/// A mapping that delivers the records of one stream to one function.
#[derive(Debug)]
pub struct EventSourceMapping {
    db: DynamoDb,
    settings: Settings,
    clock: Clock,
    shards: Vec<Shard>,
    known_shards: HashSet<String>,
}

impl EventSourceMapping {
    /// Finds the stream's shards. With [`StartingPosition::Latest`], every record written from
    /// now on is read.
    pub async fn start(db: DynamoDb, settings: Settings, clock: Clock) -> Result<Self, CallError> {
        let position = match settings.starting_position {
            StartingPosition::Latest => Position::Latest,
            StartingPosition::TrimHorizon => Position::TrimHorizon,
        };
        let (shards, known_shards) = (Vec::new(), HashSet::new());
        let mut mapping = Self { db, settings, clock, shards, known_shards };
        mapping.discover_shards(&position).await?;
        Ok(mapping)
    }

    /// Reads from each shard that is not waiting for a retry, invokes the function with the next
    /// batch and processes its response. `on_failure` receives the message that Lambda sends to a
    /// failure destination for a batch that is given up. Does not sleep. If the future is
    /// dropped, the next poll invokes the function with the batch again.
    pub async fn poll<Invoked, E: InvokeError>(
        &mut self,
        invoke: &impl Fn(Value) -> Invoked,
        on_failure: &impl Fn(Value),
    ) -> Result<Progress, CallError>
    where
        Invoked: Future<Output = Result<Value, E>>,
    {
        if self.shards.is_empty() || self.shards.iter().any(Shard::is_finished) {
            self.discover_shards(&Position::TrimHorizon).await?;
            self.shards.retain(|shard| !shard.is_finished());
        }
        let unfinished: HashSet<String> =
            self.shards.iter().map(|shard| shard.id().to_owned()).collect();
        // A shard's records must be processed before those of the shards it was split into.
        let ready = self
            .shards
            .iter_mut()
            .filter(|shard| !shard.parent().is_some_and(|parent| unfinished.contains(parent)));
        let (db, settings, clock) = (&self.db, &self.settings, &self.clock);
        let steps = join_all(ready.map(async |shard| {
            if let Some(wait) = shard.wait(Instant::now()) {
                return Ok(Progress::Wait(wait));
            }
            match shard.fill(db, settings).await? {
                Progress::Progressed => {
                    Ok(hand_on(shard, settings, clock, invoke, on_failure).await)
                }
                step @ (Progress::Wait(_) | Progress::Idle) => Ok(step),
            }
        }))
        .await;
        steps.into_iter().try_fold(Progress::Idle, |all, step| Ok(all.and(step?)))
    }

    /// Polls until `shutdown`, at once after each commit of this process. After the shutdown,
    /// records that can be delivered at once are still delivered, but a batch that waits for a
    /// retry is not.
    pub async fn run<Invoked, E: InvokeError>(
        mut self,
        invoke: impl Fn(Value) -> Invoked,
        on_failure: impl Fn(Value),
        shutdown: impl Future<Output = ()>,
    ) where
        Invoked: Future<Output = Result<Value, E>>,
    {
        let mut commits = self.db.commits();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            commits.mark_unchanged();
            let pause = match self.poll(&invoke, &on_failure).await {
                Ok(Progress::Progressed) => Duration::ZERO,
                Ok(Progress::Wait(wait)) => wait.min(POLL_INTERVAL),
                Ok(Progress::Idle) => POLL_INTERVAL,
                Err(error) => {
                    tracing::warn!(%error, stream.arn = self.settings.stream_arn, "cannot poll");
                    POLL_INTERVAL
                }
            };
            tokio::select! {
                biased;
                // Records committed before the shutdown are still delivered.
                () = &mut shutdown, if !pause.is_zero() => return,
                // Even a timer of zero length takes a millisecond.
                () = yield_now(), if pause.is_zero() => {}
                _ = commits.changed() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Adds the shards that are not known yet, to be read from `position`.
    async fn discover_shards(&mut self, position: &Position) -> Result<(), CallError> {
        let mut request = json!({ "StreamArn": self.settings.stream_arn });
        loop {
            let mut response = self.db.request("DescribeStream", &request).await?;
            let mut stream = response["StreamDescription"].take();
            for description in stream["Shards"].as_array().into_iter().flatten() {
                let mut shard = Shard::new(description, position.clone());
                if self.known_shards.contains(shard.id()) {
                    continue;
                }
                shard.locate(&self.db, &self.settings.stream_arn).await?;
                self.known_shards.insert(shard.id().to_owned());
                self.shards.push(shard);
            }
            if stream["LastEvaluatedShardId"].is_null() {
                return Ok(());
            }
            request["ExclusiveStartShardId"] = stream["LastEvaluatedShardId"].take();
        }
    }
}

impl Progress {
    /// Combines the progress of two shards.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Progressed, _) | (_, Self::Progressed) => Self::Progressed,
            (Self::Wait(one), Self::Wait(another)) => Self::Wait(one.min(another)),
            (Self::Wait(wait), Self::Idle) | (Self::Idle, Self::Wait(wait)) => Self::Wait(wait),
            (Self::Idle, Self::Idle) => Self::Idle,
        }
    }
}

/// Gives up expired records and invokes the function with the shard's next batch. Without a
/// batch, the shard has progressed: its records were skipped or given up.
async fn hand_on<Invoked, E: InvokeError>(
    shard: &mut Shard,
    settings: &Settings,
    clock: &Clock,
    invoke: &impl Fn(Value) -> Invoked,
    on_failure: &impl Fn(Value),
) -> Progress
where
    Invoked: Future<Output = Result<Value, E>>,
{
    let give_up = |shard: &Shard, discarded: &Discarded| {
        on_failure(failure::record(settings, shard.id(), discarded, clock.now()));
    };
    let expired = shard.discard_expired(settings, clock.now());
    if let Some(expired) = &expired {
        give_up(shard, expired);
    }
    let Some(batch) = shard.next_batch() else { return Progress::Progressed };
    let outcome = match invoke(batch.event()).await {
        Ok(_) if !settings.report_batch_item_failures => Outcome::Succeeded,
        Ok(response) => Outcome::read(&response, batch),
        Err(error) if error.is_throttled() => Outcome::Throttled,
        Err(error) => {
            tracing::warn!(%error, function.arn = settings.function_arn, "a batch failed");
            Outcome::Failed
        }
    };
    if let Some(exhausted) = shard.settle(outcome, settings, Instant::now()) {
        give_up(shard, &exhausted);
    }
    shard.wait(Instant::now()).map_or(Progress::Progressed, Progress::Wait)
}

#[cfg(test)]
mod tests;
