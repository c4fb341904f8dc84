//! The template's queues. What is sent to one lies there until somebody looks:
//! there is no consumer on this machine, so nothing is received, hidden or
//! deleted here. In a data folder each queue is a file with a message a line.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html>

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use clock::Clock;

use crate::template;

mod message;
mod protocol;
mod storage;

#[cfg(test)]
mod tests;

pub use message::{Attributes, QueueMessage};

use storage::MessageStorage;

/// The folder of the queues' files in the data folder.
const FOLDER: &str = "queues";

/// The queues of one deployment, by the logical ids of the template. Clones
/// share them.
#[derive(Clone, Debug, Default)]
pub struct Queues(Arc<BTreeMap<String, Queue>>);

/// One queue. Clones share it.
#[derive(Clone, Debug)]
pub struct Queue {
    declared: template::Queue,
    storage: Arc<MessageStorage>,
    clock: Clock,
}

impl Queues {
    /// The queues that the template declares, with what `folder`, the data
    /// folder, has of them from before; without one they are in memory.
    pub fn new(
        declared: &BTreeMap<String, template::Queue>,
        folder: Option<&Path>,
        clock: &Clock,
    ) -> Self {
        let queue = |(logical_id, declared): (&String, &template::Queue)| {
            let file = |folder: &Path| folder.join(FOLDER).join(format!("{}.jsonl", declared.name));
            let storage = Arc::new(MessageStorage::new(folder.map(file)));
            let queue = Queue { declared: declared.clone(), storage, clock: clock.clone() };
            (logical_id.clone(), queue)
        };
        Self(Arc::new(declared.iter().map(queue).collect()))
    }

    /// The queue of that logical id.
    pub fn get(&self, logical_id: &str) -> Option<&Queue> {
        self.0.get(logical_id)
    }

    /// The queue with that ARN.
    pub fn with_arn(&self, arn: &str) -> Option<&Queue> {
        self.0.values().find(|queue| queue.declared.arn == arn)
    }

    /// The queue at that URL.
    fn at(&self, url: &str) -> Option<&Queue> {
        self.0.values().find(|queue| queue.declared.url == url)
    }
}

impl Queue {
    /// Puts a message of the function `sender` into the queue; it lies there
    /// when this returns. Blocks for a write to disk: what enters a queue here
    /// is what nobody expected.
    pub fn send(&self, sender: &str, body: &str) -> io::Result<QueueMessage> {
        let message = QueueMessage::new(sender, body, self.clock.now());
        self.storage.add(&message)?;
        let (queue, place) = (&self.declared.name, &self.storage);
        tracing::warn!(queue.name = queue, message.id, %place, "a message is waiting in a queue");
        Ok(message)
    }

    /// All messages that were ever sent to it, the oldest first.
    pub fn messages(&self) -> io::Result<Vec<QueueMessage>> {
        self.storage.all()
    }
}
