//! The template's queues. A queue keeps its messages until they are inspected: there is no
//! consumer on this machine, so messages are never received, hidden or deleted here. In a data
//! folder each queue is a file with one message per line.
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
    /// Creates the queues that the template declares. The messages are stored in `folder`, the
    /// data folder, and those from before are kept; without a folder they are in memory.
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

    /// Returns the queue with that logical id.
    pub fn get(&self, logical_id: &str) -> Option<&Queue> {
        self.0.get(logical_id)
    }

    /// Returns the queue with that ARN.
    pub fn with_arn(&self, arn: &str) -> Option<&Queue> {
        self.0.values().find(|queue| queue.declared.arn == arn)
    }

    /// Returns the queue with that URL.
    fn at(&self, url: &str) -> Option<&Queue> {
        self.0.values().find(|queue| queue.declared.url == url)
    }
}

impl Queue {
    /// Stores a message from the function `sender`; it is stored when this returns. Blocks for a
    /// write to disk, which is acceptable since messages are rare: they report unexpected
    /// failures.
    pub fn send(&self, sender: &str, body: &str) -> io::Result<QueueMessage> {
        let message = QueueMessage::new(sender, body, self.clock.now());
        self.storage.add(&message)?;
        let (queue, place) = (&self.declared.name, &self.storage);
        tracing::warn!(queue.name = queue, message.id, %place, "a message is waiting in a queue");
        Ok(message)
    }

    /// Returns all messages that were ever sent to the queue, oldest first.
    pub fn messages(&self) -> io::Result<Vec<QueueMessage>> {
        self.storage.all()
    }
}
