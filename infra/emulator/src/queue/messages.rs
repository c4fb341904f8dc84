//! The messages of one queue, and the choice of those that a receive gets.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io;

use clock::Timestamp;
use random::random_uuid;

use super::QueueMessage;
use super::journal::{Journal, Line, Stored};

/// The messages of a queue, by a number that grows with each.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) journal: Journal,
    stored: BTreeMap<u64, Stored>,
    next: u64,
}

/// A message that was received.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    /// The message's number in the queue.
    number: u64,
    /// New for each receive.
    pub(super) handle: String,
    pub(super) message: QueueMessage,
    /// The time from which the message can be received again.
    pub(super) until: Timestamp,
}

/// The messages of one tenant.
#[derive(Default)]
struct Tenant {
    in_flight: usize,
    /// The numbers of those that can be received.
    waiting: VecDeque<u64>,
}

impl Messages {
    pub(super) fn read(journal: Journal) -> io::Result<Self> {
        let mut messages = Self { stored: BTreeMap::new(), next: 0, journal };
        for stored in messages.journal.read()? {
            messages.push(stored);
        }
        Ok(messages)
    }

    /// Returns all messages that were not deleted, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &QueueMessage> {
        self.stored.values().map(|stored| &stored.message)
    }

    /// Adds messages at the end.
    pub(super) fn add(&mut self, messages: Vec<Stored>) -> io::Result<()> {
        self.journal.add(&messages)?;
        for stored in messages {
            self.push(stored);
        }
        Ok(())
    }

    fn push(&mut self, stored: Stored) {
        self.stored.insert(self.next, stored);
        self.next += 1;
    }

    /// Receives at most `most` messages, and so many that their bodies as JSON have no more than
    /// `bytes`, but at least one. They cannot be received again for `seconds`.
    pub(super) fn receive(
        &mut self,
        most: usize,
        bytes: usize,
        now: Timestamp,
        seconds: u16,
    ) -> io::Result<Vec<Receipt>> {
        let until = now.plus_seconds(seconds.into());
        let mut receipts = Vec::new();
        let mut size = 0;
        for number in self.in_turn(now).take(most) {
            let message = self.stored[&number].message.clone().received(now);
            size += serde_json::to_string(&message.body)?.len();
            if size > bytes && !receipts.is_empty() {
                break;
            }
            let handle = random_uuid().to_string();
            receipts.push(Receipt { number, handle, message, until });
        }
        let hidden = |receipt: &Receipt| Stored {
            message: receipt.message.clone(),
            visible_at: Some(receipt.until),
        };
        let lines: Vec<Line> = receipts.iter().map(hidden).map(Line::Stored).collect();
        self.journal.note(&lines)?;
        self.stored.extend(receipts.iter().map(|receipt| (receipt.number, hidden(receipt))));
        Ok(receipts)
    }

    /// Returns the numbers of the messages that can be received. The tenant with the fewest messages
    /// in flight comes first, then the oldest message. SQS prefers quiet tenants only from some
    /// dozens of messages in flight on; here it is so from the first, because one machine has fewer.
    fn in_turn(&self, now: Timestamp) -> impl Iterator<Item = u64> {
        let mut tenants: HashMap<&str, Tenant> = HashMap::new();
        for (number, stored) in &self.stored {
            let tenant = tenants.entry(stored.message.tenant()).or_default();
            if stored.is_visible(now) {
                tenant.waiting.push_back(*number);
            } else if stored.message.receives() > 0 {
                tenant.in_flight += 1;
            }
        }
        let turn = |name, Tenant { in_flight, mut waiting }| {
            let first = waiting.pop_front()?;
            Some((in_flight, first, name, waiting))
        };
        let turns = tenants.into_iter().filter_map(move |(name, tenant)| turn(name, tenant));
        let mut turns: BTreeSet<_> = turns.collect();
        std::iter::from_fn(move || {
            let (in_flight, number, name, waiting) = turns.pop_first()?;
            turns.extend(turn(name, Tenant { in_flight: in_flight + 1, waiting }));
            Some(number)
        })
    }

    /// Returns the messages that can be received but were received `most` times already.
    pub(super) fn exhausted(&self, most: u32, now: Timestamp) -> Vec<Receipt> {
        let exhausted = self
            .stored
            .iter()
            .filter(|(_, stored)| stored.is_visible(now) && stored.message.receives() >= most);
        let receipt = |(number, stored): (&u64, &Stored)| Receipt {
            number: *number,
            handle: String::new(),
            message: stored.message.clone(),
            until: now,
        };
        exhausted.map(receipt).collect()
    }

    /// Deletes messages; one that is gone already is skipped.
    pub(super) fn delete<'r>(
        &mut self,
        receipts: impl Iterator<Item = &'r Receipt>,
    ) -> io::Result<()> {
        let present = receipts.filter(|receipt| self.stored.contains_key(&receipt.number));
        let present: Vec<_> = present.collect();
        let line = |receipt: &&Receipt| Line::Deleted { id: receipt.message.id.clone() };
        self.journal.note(&present.iter().map(line).collect::<Vec<_>>())?;
        for receipt in present {
            self.stored.remove(&receipt.number);
        }
        Ok(())
    }
}

impl Stored {
    fn is_visible(&self, now: Timestamp) -> bool {
        self.visible_at.is_none_or(|at| at <= now)
    }
}
