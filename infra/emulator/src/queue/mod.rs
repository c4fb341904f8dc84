//! The template's queues. A queue that invokes a function is received from by its event source,
//! and its messages are deleted when the function has succeeded. Any other queue keeps its messages
//! until they are inspected. In a data folder each queue is a file with one message per line.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html>

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clock::Clock;
use tokio::sync::watch;

use crate::template;

mod journal;
mod message;
mod messages;
mod protocol;
mod source;

#[cfg(test)]
mod tests;

pub use message::{Attributes, QueueMessage};
pub(crate) use protocol::query_error;
pub use source::{DeadLetters, EventSource};

use journal::{Journal, Stored};
use message::Outgoing;
use messages::{Messages, Receipt};

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
    messages: Arc<Mutex<Messages>>,
    /// Changes with each message that is sent.
    sent: watch::Sender<()>,
    clock: Clock,
}

impl Queues {
    /// Creates the queues that the template declares. The messages are stored in `folder`, the
    /// data folder, and those from before are kept; without a folder they are in memory. Fails if
    /// a queue's file cannot be read.
    pub fn new(
        declared: &BTreeMap<String, template::Queue>,
        folder: Option<&Path>,
        clock: &Clock,
    ) -> io::Result<Self> {
        let queue = |(logical_id, declared): (&String, &template::Queue)| {
            let file = |folder: &Path| folder.join(FOLDER).join(format!("{}.jsonl", declared.name));
            let journal = folder.map_or(Journal::Memory, |folder| Journal::File(file(folder)));
            let messages = Arc::new(Mutex::new(Messages::read(journal)?));
            let (declared, clock) = (declared.clone(), clock.clone());
            let queue = Queue { declared, messages, sent: watch::Sender::default(), clock };
            Ok((logical_id.clone(), queue))
        };
        Ok(Self(Arc::new(declared.iter().map(queue).collect::<io::Result<_>>()?)))
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
    /// write to disk, which is acceptable for a developer's load.
    pub fn send(&self, sender: &str, body: &str) -> io::Result<()> {
        self.send_all(sender, &[Outgoing { body: body.to_owned(), ..Outgoing::default() }])?;
        Ok(())
    }

    /// Stores messages from the function `sender`, all or none.
    fn send_all(&self, sender: &str, sent: &[Outgoing]) -> io::Result<Vec<QueueMessage>> {
        let now = self.clock.now();
        let stored = |sent: &Outgoing| Stored {
            message: QueueMessage::new(sender, sent, now),
            visible_at: (sent.delay_seconds > 0)
                .then(|| now.plus_seconds(sent.delay_seconds.into())),
        };
        let stored: Vec<Stored> = sent.iter().map(stored).collect();
        self.add(stored.clone())?;
        Ok(stored.into_iter().map(|stored| stored.message).collect())
    }

    /// Adds messages. In a queue that nothing reads from, each is reported: it waits for a person.
    fn add(&self, stored: Vec<Stored>) -> io::Result<()> {
        let ids: Vec<_> = stored.iter().map(|stored| stored.message.id.clone()).collect();
        let mut messages = self.held();
        messages.add(stored)?;
        if !self.declared.has_consumer {
            let (queue, place) = (&self.declared.name, &messages.journal);
            for id in ids {
                tracing::warn!(queue.name = queue, message.id = id, %place, "a message is waiting in a queue");
            }
        }
        self.sent.send_replace(());
        Ok(())
    }

    /// Returns the messages in the queue, oldest first: those that can be received, those that are
    /// delayed, and those in flight.
    pub fn messages(&self) -> Vec<QueueMessage> {
        self.held().all().cloned().collect()
    }

    /// Receives messages; they are hidden for the queue's visibility timeout.
    fn receive(&self, most: usize, bytes: usize) -> io::Result<Vec<Receipt>> {
        let hidden = self.declared.visibility_timeout;
        self.held().receive(most, bytes, self.clock.now(), hidden)
    }

    fn delete<'r>(&self, receipts: impl Iterator<Item = &'r Receipt>) -> io::Result<()> {
        self.held().delete(receipts)
    }

    /// Moves the messages that were received `most` times to another queue. A message that is
    /// there already was moved before a kill, which prevented its deletion here.
    fn redrive(&self, most: u32, dead_letters: &Self) -> io::Result<()> {
        let exhausted = self.held().exhausted(most, self.clock.now());
        if exhausted.is_empty() {
            return Ok(());
        }
        let moved = dead_letters.messages();
        let left = exhausted.iter().map(|receipt| &receipt.message);
        let left = left.filter(|message| moved.iter().all(|moved| moved.id != message.id));
        let dead = |message: &QueueMessage| Stored {
            message: message.clone().unreceived(),
            visible_at: None,
        };
        dead_letters.add(left.map(dead).collect())?;
        self.delete(exhausted.iter())
    }

    fn held(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
