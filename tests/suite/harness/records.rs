//! A stream that is read by hand.

use std::sync::{Mutex, PoisonError};

use emulator::stream::EventSourceMapping;
use serde_json::{Value, json};
use waybill::Runner;

/// What the stream of `orders` has from now on.
pub struct Records(EventSourceMapping);

impl Records {
    /// Of a runner that leaves its streams to others.
    pub async fn of(runner: &Runner) -> Self {
        Self(runner.stream("OrdersTable").await.expect("a stream"))
    }

    /// What came since, as Lambda hands it on: so many records at least, which may take
    /// their time.
    pub async fn take_all(&mut self, count: usize) -> Vec<Value> {
        let mut records = Vec::new();
        let taking = async {
            while records.len() < count {
                records.extend(self.take().await);
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(super::DEADLINE, taking).await.expect("the records in time");
        records
    }

    /// What came since and is there.
    pub async fn take(&mut self) -> Vec<Value> {
        let taken: Mutex<Vec<Value>> = Mutex::default();
        let take = async |event: Value| {
            let records = event["Records"].as_array().cloned().unwrap_or_default();
            taken.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
            Ok::<_, String>(json!({}))
        };
        self.0.poll(&take, &|_| {}).await.expect("a stream that reads");
        taken.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
