//! Records that are delivered to a function together.

use std::time::Duration;

use clock::Timestamp;
use serde_json::{Value, json};

use super::Settings;

/// Consecutive records of one shard; never empty.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    records: Vec<Value>,
    /// The number of failed invocations with these records since the last progress, not counting
    /// the failures after which the batch was split.
    failures: u32,
}

/// A batch that was given up.
#[derive(Clone, Debug)]
pub(super) struct Discarded {
    pub(super) batch: Batch,
    /// The reason, in Lambda's wording.
    pub(super) condition: &'static str,
}

impl Batch {
    /// Creates a batch of records in Lambda's format; `None` if there are none.
    pub(super) fn new(records: Vec<Value>) -> Option<Self> {
        (!records.is_empty()).then_some(Self { records, failures: 0 })
    }

    /// Returns the event with which the function is invoked.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-sample-dynamodb>
    pub(super) fn event(&self) -> Value {
        json!({ "Records": self.records })
    }

    /// Returns the records' sequence numbers, in order.
    pub(super) fn sequence_numbers(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(sequence_number)
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns the write times of the first and the last record, to the second.
    pub(super) fn written(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.records.first().and_then(written), self.records.last().and_then(written))
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts one more failure.
    pub(super) fn failed(mut self) -> Self {
        self.failures = self.failures.saturating_add(1);
        self
    }

    /// Splits off the records before `place`, which are done or given up. The rest starts without
    /// failures: Lambda does not document if progress resets the number of retries; here it does,
    /// so that the failures of one record do not count against another.
    pub(super) fn split_off(mut self, place: usize) -> (Option<Self>, Option<Self>) {
        if place == 0 {
            return (None, Some(self));
        }
        let rest = self.records.split_off(place);
        let rest = (!rest.is_empty()).then_some(Self { records: rest, failures: 0 });
        (Some(self), rest)
    }

    /// Splits the batch into halves, each with the failures so far: "splitting batches doesn't
    /// consume the retry quota". Returns `Err` if there is only one record.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>
    pub(super) fn bisect(mut self) -> Result<[Self; 2], Self> {
        if self.records.len() < 2 {
            return Err(self);
        }
        let second = self.records.split_off(self.records.len() / 2);
        let second = Self { records: second, failures: self.failures };
        Ok([self, second])
    }

    /// Returns the number of leading records that are older than `age`.
    pub(super) fn older_than(&self, age: Duration, now: Timestamp) -> usize {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let expired = |record: &&Value| {
            written(record).is_some_and(|at| now.epoch_seconds() - at.epoch_seconds() > age)
        };
        self.records.iter().take_while(expired).count()
    }
}

/// Converts a record of `GetRecords` into the slightly different form in which Lambda sends it.
pub(super) fn as_lambda_sends(mut record: Value, settings: &Settings) -> Value {
    let written = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds are what is wanted")]
    let seconds = written as i64;
    record["dynamodb"]["ApproximateCreationDateTime"] = json!(seconds);
    record["awsRegion"] = json!(settings.region);
    record["eventSourceARN"] = json!(settings.event_source_arn);
    record
}

/// Returns a record's sequence number, its position in the shard.
pub(super) fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

fn written(record: &Value) -> Option<Timestamp> {
    let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_i64()?;
    Timestamp::from_epoch_seconds(seconds)
}
