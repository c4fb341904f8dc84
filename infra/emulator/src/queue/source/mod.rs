//! The event source mapping of a queue: it receives messages and invokes a function with them.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use std::io;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Queue, Receipt};
use crate::invoke::PAYLOAD_LIMIT;
use crate::stream::{InvokeError, backoff};

mod event;
mod response;

/// The longest time between two looks at the queue's clock.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The size of the bodies in one event: a batch ends at the limit of an event. The rest is left to
/// the attributes of ten messages.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const BATCH_BYTES: usize = PAYLOAD_LIMIT - 64 * 1024;

/// A mapping that delivers the messages of one queue to one function. A message is delivered at
/// least once.
#[derive(Clone, Debug)]
pub struct EventSource {
    pub queue: Queue,
    /// The queue for messages that failed too often; without one they are delivered for ever.
    pub dead_letters: Option<DeadLetters>,
    /// The maximum number of messages per invocation.
    pub batch_size: usize,
    /// True if the function's response names the messages that failed.
    pub report_batch_item_failures: bool,
    /// The maximum number of concurrent invocations.
    pub concurrency: usize,
}

/// A queue's redrive policy.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>
#[derive(Clone, Debug)]
pub struct DeadLetters {
    pub queue: Queue,
    /// The number of receives after which a message is moved.
    pub max_receive_count: u32,
}

impl EventSource {
    /// Receives a batch and invokes the function with it once. Returns the number of messages that
    /// were received; 0 if none can be received now. Messages that fail, or whose invocation is
    /// throttled, can be received again after the queue's visibility timeout. Fails if the queue's
    /// file cannot be written.
    pub async fn poll<Invoked, E: InvokeError>(
        &self,
        invoke: &impl Fn(Value) -> Invoked,
    ) -> io::Result<usize>
    where
        Invoked: Future<Output = Result<Value, E>>,
    {
        let batch = self.receive()?;
        if !batch.is_empty() {
            self.attempt(&batch, invoke).await;
        }
        Ok(batch.len())
    }

    /// Delivers batches until `shutdown`, several at once; then waits for those in progress.
    pub async fn run<Invoked, E: InvokeError>(
        self,
        invoke: impl Fn(Value) -> Invoked,
        shutdown: impl Future<Output = ()>,
    ) where
        Invoked: Future<Output = Result<Value, E>>,
    {
        let mut sent = self.queue.sent.subscribe();
        let mut shutdown = std::pin::pin!(shutdown);
        let (mut running, stopping) = (FuturesUnordered::new(), CancellationToken::new());
        loop {
            sent.mark_unchanged();
            while running.len() < self.concurrency {
                let batch = self.receive().unwrap_or_else(|error| {
                    tracing::warn!(%error, "cannot receive from a queue");
                    Vec::new()
                });
                if batch.is_empty() {
                    break;
                }
                running.push(self.deliver(batch, &invoke, stopping.clone()));
            }
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(()) = running.next() => {}
                _ = sent.changed() => {}
                () = sleep(POLL_INTERVAL) => {}
            }
        }
        stopping.cancel();
        while running.next().await.is_some() {}
    }

    /// Receives the messages of the next invocation. Those that were received too often are moved
    /// before.
    fn receive(&self) -> io::Result<Vec<Receipt>> {
        if let Some(DeadLetters { queue, max_receive_count }) = &self.dead_letters {
            self.queue.redrive(*max_receive_count, queue)?;
        }
        self.queue.receive(self.batch_size, BATCH_BYTES)
    }

    /// Invokes the function with a batch; again while it is throttled and the messages are hidden:
    /// "Lambda continues to retry the message until the message's timestamp exceeds your queue's
    /// visibility timeout".
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
    async fn deliver<Invoked, E: InvokeError>(
        &self,
        batch: Vec<Receipt>,
        invoke: &impl Fn(Value) -> Invoked,
        stopping: CancellationToken,
    ) where
        Invoked: Future<Output = Result<Value, E>>,
    {
        let until = batch.iter().map(|receipt| receipt.until).min();
        for throttles in 1.. {
            let is_throttled = self.attempt(&batch, invoke).await;
            if !is_throttled || until.is_none_or(|until| until <= self.queue.clock.now()) {
                return;
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                () = sleep(backoff(throttles)) => {}
            }
        }
    }

    /// Invokes the function once and deletes the messages that are done. Returns true if the
    /// invocation was throttled.
    async fn attempt<Invoked, E: InvokeError>(
        &self,
        batch: &[Receipt],
        invoke: &impl Fn(Value) -> Invoked,
    ) -> bool
    where
        Invoked: Future<Output = Result<Value, E>>,
    {
        let queue = &self.queue.declared;
        let failed = match invoke(event::of(batch, &queue.arn)).await {
            Ok(_) if !self.report_batch_item_failures => Some(Vec::new()),
            Ok(response) => response::failed(&response, batch),
            Err(error) if error.is_throttled() => return true,
            Err(error) => {
                tracing::warn!(%error, queue.name = queue.name, "a batch failed");
                None
            }
        };
        let Some(failed) = failed else { return false };
        let is_done = |receipt: &&Receipt| !failed.contains(&receipt.message.id);
        if let Err(error) = self.queue.delete(batch.iter().filter(is_done)) {
            tracing::error!(%error, "a message that was delivered cannot be deleted");
        }
        false
    }
}
