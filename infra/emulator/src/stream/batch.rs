//! Records that are handed to a function together.

use std::time::Duration;

use clock::Timestamp;
use serde_json::{Value, json};

use super::Settings;

/// Consecutive records of one shard; never empty.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    records: Vec<Value>,
    /// How often an invocation with these records failed since one last got
    /// past a record, not counting those after which the batch was cut in two.
    failures: u32,
}

/// A batch that is given up.
#[derive(Clone, Debug)]
pub(super) struct Discarded {
    /// What no invocation succeeded with.
    pub(super) batch: Batch,
    /// Why no more are tried, in Lambda's word.
    pub(super) condition: &'static str,
}

impl Batch {
    /// The records as Lambda sends them; `None` if there are none.
    pub(super) fn new(records: Vec<Value>) -> Option<Self> {
        (!records.is_empty()).then_some(Self { records, failures: 0 })
    }

    /// What the function is invoked with.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-sample-dynamodb>
    pub(super) fn event(&self) -> Value {
        json!({ "Records": self.records })
    }

    /// The records' names, in order.
    pub(super) fn sequence_numbers(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(sequence_number)
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// When the first and the last record were written, to the second.
    pub(super) fn written(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.records.first().and_then(written), self.records.last().and_then(written))
    }

    /// How often it failed.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts one more failure.
    pub(super) fn failed(mut self) -> Self {
        self.failures = self.failures.saturating_add(1);
        self
    }

    /// Without the records before `place`, which are done or given up. Lambda
    /// does not document whether progress renews the number of retries; here it
    /// does, so that one record's failures are not held against another's.
    pub(super) fn split_off(mut self, place: usize) -> (Option<Self>, Option<Self>) {
        if place == 0 {
            return (None, Some(self));
        }
        let rest = self.records.split_off(place);
        let rest = (!rest.is_empty()).then_some(Self { records: rest, failures: 0 });
        (Some(self), rest)
    }

    /// The two halves, each with the failures so far: "splitting batches
    /// doesn't consume the retry quota". `Err` if there is one record only.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>
    pub(super) fn bisect(mut self) -> Result<[Self; 2], Self> {
        if self.records.len() < 2 {
            return Err(self);
        }
        let second = self.records.split_off(self.records.len() / 2);
        let second = Self { records: second, failures: self.failures };
        Ok([self, second])
    }

    /// How many records, from the first, are older than `age`.
    pub(super) fn older_than(&self, age: Duration, now: Timestamp) -> usize {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let expired = |record: &&Value| {
            written(record).is_some_and(|at| now.epoch_seconds() - at.epoch_seconds() > age)
        };
        self.records.iter().take_while(expired).count()
    }
}

/// `GetRecords` gives a record nearly as Lambda hands it on.
pub(super) fn as_lambda_sends(mut record: Value, settings: &Settings) -> Value {
    let written = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds are what is wanted")]
    let seconds = written as i64;
    record["dynamodb"]["ApproximateCreationDateTime"] = json!(seconds);
    record["awsRegion"] = json!(settings.region);
    record["eventSourceARN"] = json!(settings.event_source_arn);
    record
}

/// A record's place in its shard, as text.
pub(super) fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

fn written(record: &Value) -> Option<Timestamp> {
    let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_i64()?;
    Timestamp::from_epoch_seconds(seconds)
}
