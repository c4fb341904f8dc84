//! The stream of `orders` as Lambda may deliver it: in order for each order, in any order between
//! orders, at least once, in batches of any size.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::chance::Chance;

/// The maximum number of records in a batch.
const BATCH: usize = 12;

/// The records that are still to be delivered.
#[derive(Debug, Default)]
pub struct Stream {
    /// Batches to be retried, which come before everything else.
    again: VecDeque<Vec<Value>>,
    waiting: BTreeMap<String, VecDeque<Value>>,
    /// The orders of the batches that are being delivered. Another lane may deliver others.
    busy: Vec<BTreeSet<String>>,
}

/// The outcome of an invocation, as Lambda sees it.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// The function's response counts.
    Responded,
    /// Lambda regards the invocation as failed, whatever it did, and retries the batch.
    Failed,
    /// As `Failed`, and the batch is split in two.
    Bisected,
}

impl End {
    pub fn draw(chance: &mut Chance) -> Self {
        match chance.below(10) {
            0 => Self::Failed,
            1 => Self::Bisected,
            _ => Self::Responded,
        }
    }
}

impl Stream {
    pub fn add(&mut self, record: Value) {
        let id = order_of(&record).to_owned();
        self.waiting.entry(id).or_default().push_back(record);
    }

    /// Returns the number of batches that are being delivered.
    pub fn busy(&self) -> usize {
        self.busy.len()
    }

    pub fn is_empty(&self) -> bool {
        self.again.is_empty() && self.waiting.values().all(VecDeque::is_empty)
    }

    /// Returns the next batch, with no order of those that are being delivered; empty if there is
    /// none.
    pub fn next(&mut self, chance: &mut Chance) -> Vec<Value> {
        let batch = self.draw(chance);
        if !batch.is_empty() {
            self.busy.push(batch.iter().map(|record| order_of(record).to_owned()).collect());
        }
        batch
    }

    fn draw(&mut self, chance: &mut Chance) -> Vec<Value> {
        // A lane delivers a batch again before its later ones, and these may be any.
        if let Some(again) = self.again.pop_front_if(|_| self.busy.is_empty()) {
            return again;
        }
        if !self.again.is_empty() {
            return Vec::new();
        }
        let mut batch = Vec::new();
        let most = 1 + chance.below(BATCH);
        while batch.len() < most {
            self.waiting.retain(|_, waiting| !waiting.is_empty());
            let is_free = |order: &&String| !self.busy.iter().any(|busy| busy.contains(*order));
            let orders: Vec<_> = self.waiting.keys().filter(is_free).cloned().collect();
            if orders.is_empty() {
                break;
            }
            let order = chance.pick(&orders);
            let record = self.waiting.get_mut(&order).and_then(VecDeque::pop_front);
            batch.extend(record);
        }
        batch
    }

    /// Requeues the records that an invocation with a batch did not complete.
    pub fn settle(&mut self, mut batch: Vec<Value>, end: End, response: Option<&Value>) {
        self.busy.pop();
        match (end, response) {
            (End::Responded, Some(response)) => {
                let failures = response["batchItemFailures"].as_array().into_iter().flatten();
                let failed = |record: &Value| {
                    let number = &record["dynamodb"]["SequenceNumber"];
                    failures.clone().any(|failure| failure["itemIdentifier"] == *number)
                };
                if let Some(first) = batch.iter().position(failed) {
                    self.again.push_front(batch.split_off(first));
                }
            }
            (End::Bisected, _) if batch.len() > 1 => {
                let second = batch.split_off(batch.len() / 2);
                self.again.push_front(second);
                self.again.push_front(batch);
            }
            _ => self.again.push_front(batch),
        }
    }
}

fn order_of(record: &Value) -> &str {
    record["dynamodb"]["Keys"]["order_id"]["S"].as_str().expect("an id")
}

/// Returns the event of a function for a batch.
pub fn event(batch: &[Value]) -> Value {
    json!({ "Records": batch })
}
