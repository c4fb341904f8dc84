//! A stream that a test reads itself.

use std::sync::{Mutex, PoisonError};

use emulator::invoke::FunctionError;
use emulator::stream::EventSourceMapping;
use serde_json::{Value, json};
use waybill::Runner;

/// The new records of a stream: that of `orders`, unless it is said.
pub struct Records(EventSourceMapping);

impl Records {
    /// Opens the stream of a runner that does not poll its streams itself.
    pub async fn of(runner: &Runner) -> Self {
        Self::of_table(runner, "OrdersTable").await
    }

    /// Opens the stream of `positions` in the same way, without the filter of its function.
    pub async fn of_positions(runner: &Runner) -> Self {
        Self::of_table(runner, "PositionsTable").await
    }

    async fn of_table(runner: &Runner, table: &str) -> Self {
        Self(runner.stream(table).await.expect("a stream"))
    }

    /// Returns the new records as Lambda delivers them; waits until there are at least `count`.
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

    /// Returns the new records that are available now.
    pub async fn take(&mut self) -> Vec<Value> {
        let taken: Mutex<Vec<Value>> = Mutex::default();
        let take = async |event: Value| {
            let records = event["Records"].as_array().cloned().unwrap_or_default();
            taken.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
            Ok::<_, FunctionError>(json!({}))
        };
        self.0.poll(&take, &|_| {}).await.expect("a stream that reads");
        taken.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
