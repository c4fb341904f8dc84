//! A shard of a stream: its position, and the records that were read but not yet processed.

use std::collections::VecDeque;
use std::time::Duration;

use clock::Timestamp;
use random::random_uuid;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::batch::{Batch, Discarded, as_lambda_sends, sequence_number};
use super::response::Outcome;
use super::{Progress, Settings};
use crate::dynamodb::{CallError, DynamoDb};

/// Stream records expire after a day, so there are no retries after that.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>
const RETENTION: Duration = Duration::from_hours(24);

/// The delay between retries doubles from the first of these to the second. Lambda backs off as
/// well but does not document the delays; these suit a developer's machine.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// The position in a shard from which to continue reading.
#[derive(Clone, Debug)]
pub(super) enum Position {
    /// After the existing records.
    Latest,
    /// At the oldest record.
    TrimHorizon,
    /// After the record with this sequence number.
    After(String),
}

/// A shard and its batches, in order.
#[derive(Debug)]
pub(super) struct Shard {
    id: String,
    parent: Option<String>,
    position: Position,
    /// DynamoDB's iterator at the position; it expires after 15 minutes.
    iterator: Option<String>,
    /// True if the shard is closed and has been read to its end.
    exhausted: bool,
    batches: VecDeque<Batch>,
    retry_at: Option<Instant>,
    /// The number of times that the function was throttled since it last ran.
    throttles: u32,
}

impl Shard {
    /// Creates a shard from its description in the response of `DescribeStream`.
    pub(super) fn new(description: &Value, position: Position) -> Self {
        Self {
            id: description["ShardId"].as_str().unwrap_or_default().to_owned(),
            parent: description["ParentShardId"].as_str().map(str::to_owned),
            position,
            iterator: None,
            exhausted: false,
            batches: VecDeque::new(),
            retry_at: None,
            throttles: 0,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the shard that it was split from.
    pub(super) fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    /// Returns true if all records of a closed shard have been processed.
    pub(super) fn is_finished(&self) -> bool {
        self.exhausted && self.batches.is_empty()
    }

    /// Returns the time until the next batch may be retried; `None` if it need not wait.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.retry_at.map(|at| at.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    /// Returns the batch to deliver next.
    pub(super) fn next_batch(&self) -> Option<&Batch> {
        self.batches.front()
    }

    /// Returns an iterator at the position where reading begins or continues.
    pub(super) async fn locate(
        &mut self,
        db: &DynamoDb,
        stream_arn: &str,
    ) -> Result<String, CallError> {
        if let Some(iterator) = &self.iterator {
            return Ok(iterator.clone());
        }
        let mut request = json!({ "StreamArn": stream_arn, "ShardId": self.id });
        request["ShardIteratorType"] = match &self.position {
            Position::Latest => json!("LATEST"),
            Position::TrimHorizon => json!("TRIM_HORIZON"),
            Position::After(number) => {
                request["SequenceNumber"] = json!(number);
                json!("AFTER_SEQUENCE_NUMBER")
            }
        };
        let response = db.request("GetShardIterator", &request).await?;
        let iterator = response["ShardIterator"].as_str().unwrap_or_default().to_owned();
        self.iterator = Some(iterator.clone());
        Ok(iterator)
    }

    /// Reads more records if there is no batch to deliver. Returns [`Progress::Progressed`] if
    /// there is a batch now, or if records were read.
    pub(super) async fn fill(
        &mut self,
        db: &DynamoDb,
        settings: &Settings,
    ) -> Result<Progress, CallError> {
        if !self.batches.is_empty() {
            return Ok(Progress::Progressed);
        }
        let progressed = !self.exhausted && self.read_on(db, settings).await?;
        Ok(if progressed { Progress::Progressed } else { Progress::Idle })
    }

    /// Returns true if records were read. An expired iterator, or one at trimmed records, is
    /// replaced at the next call.
    async fn read_on(&mut self, db: &DynamoDb, settings: &Settings) -> Result<bool, CallError> {
        match self.read(db, settings).await {
            Err(error) if error.kind == "ExpiredIteratorException" => self.iterator = None,
            Err(error) if error.kind == "TrimmedDataAccessException" => {
                self.iterator = None;
                self.position = Position::TrimHorizon;
            }
            result => return result,
        }
        Ok(false)
    }

    async fn read(&mut self, db: &DynamoDb, settings: &Settings) -> Result<bool, CallError> {
        let iterator = self.locate(db, &settings.stream_arn).await?;
        let request = json!({ "ShardIterator": iterator, "Limit": settings.batch_size });
        let mut response = db.request("GetRecords", &request).await?;
        self.iterator = response["NextShardIterator"].as_str().map(str::to_owned);
        self.exhausted = self.iterator.is_none();
        let Value::Array(records) = response["Records"].take() else { return Ok(false) };
        let Some(last) = records.last() else { return Ok(false) };
        self.position = Position::After(sequence_number(last).to_owned());
        let sent = records.into_iter().map(|record| as_lambda_sends(record, settings));
        let wanted = sent.filter(|record| settings.wants(record));
        self.batches.extend(Batch::new(wanted.collect()));
        Ok(true)
    }

    /// Removes the expired records from the next batch.
    pub(super) fn discard_expired(
        &mut self,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Discarded> {
        let age = settings.maximum_record_age.map_or(RETENTION, |age| age.min(RETENTION));
        let expired = self.batches.front().map_or(0, |batch| batch.older_than(age, now));
        if expired == 0 {
            return None;
        }
        let (discarded, rest) = self.batches.pop_front()?.split_off(expired);
        self.put_back(rest);
        discarded.map(|batch| Discarded { batch, condition: "RecordAgeExceeded" })
    }

    /// Applies the outcome of the invocation with the next batch. Returns the records that are
    /// given up, if any. A throttled invocation changes nothing: "if a Lambda event source mapping
    /// is unable to invoke the function due to throttling or other issues, it retries until the
    /// records expire or exceed the maximum age".
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>
    pub(super) fn settle(
        &mut self,
        outcome: Outcome,
        settings: &Settings,
        now: Instant,
    ) -> Option<Discarded> {
        if outcome == Outcome::Throttled {
            self.throttles = self.throttles.saturating_add(1);
            self.retry_at = Some(now + backoff(self.throttles));
            return None;
        }
        let batch = self.batches.pop_front()?;
        (self.retry_at, self.throttles) = (None, 0);
        let failed = match outcome {
            Outcome::Succeeded | Outcome::Throttled => return None,
            Outcome::FailedFrom(place) => batch.split_off(place).1?.failed(),
            Outcome::Failed if settings.bisect_batch_on_function_error => match batch.bisect() {
                Ok(halves) => {
                    self.retry_at = Some(now + backoff(halves[0].failures()));
                    self.put_back(halves.into_iter().rev());
                    return None;
                }
                Err(single) => single.failed(),
            },
            Outcome::Failed => batch.failed(),
        };
        if settings.maximum_retry_attempts.is_some_and(|retries| failed.failures() > retries) {
            return Some(Discarded { batch: failed, condition: "RetryAttemptsExhausted" });
        }
        self.retry_at = Some(now + backoff(failed.failures()));
        self.put_back([failed]);
        None
    }

    /// Puts batches back before the others; the last one comes first.
    fn put_back(&mut self, batches: impl IntoIterator<Item = Batch>) {
        for batch in batches {
            self.batches.push_front(batch);
        }
    }
}

/// Returns the delay after so many failures: half of it fixed, half of it random, so that several
/// shards do not retry in step.
pub(crate) fn backoff(failures: u32) -> Duration {
    let (first, last) = BACKOFF;
    let doublings = failures.saturating_sub(1).min(16);
    let longest = first.saturating_mul(1 << doublings).min(last);
    let (drawn, _) = random_uuid().as_u64_pair();
    let share = f64::from(u32::try_from(drawn >> 32).unwrap_or_default()) / f64::from(u32::MAX);
    longest.mul_f64(f64::midpoint(1.0, share))
}
