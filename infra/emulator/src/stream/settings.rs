//! The settings of an event source mapping.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::Value;

use super::Pattern;
use crate::dynamodb::REGION;

/// The settings with which a mapping delivers a stream to a function.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
#[derive(Clone, Debug)]
pub struct Settings {
    /// The stream's ARN in the DynamoDB that holds it.
    pub stream_arn: String,
    /// The stream's ARN as the function sees it (`eventSourceARN`).
    pub event_source_arn: String,
    /// The Region as the function sees it (`awsRegion`).
    pub region: String,
    /// The function's ARN, for the messages about batches that are given up.
    pub function_arn: String,
    /// The part of the stream that is delivered.
    pub slice: Slice,
    /// The position where reading begins. The runner always uses [`StartingPosition::Latest`],
    /// whatever template.yaml says: no client is still connected for changes from before a
    /// restart.
    pub starting_position: StartingPosition,
    /// The maximum number of records per invocation, 1–1,000: the limit of one `GetRecords`.
    /// (Lambda combines reads up to 10,000.)
    pub batch_size: u16,
    /// Only records that match one of these are delivered; without filters, all records are.
    pub filters: Vec<Pattern>,
    /// True if a failed batch is split in two before it is retried.
    pub bisect_batch_on_function_error: bool,
    /// How often a failed batch is retried; `None` for no limit.
    pub maximum_retry_attempts: Option<u32>,
    /// The maximum age of a delivered record; `None` for the stream's retention.
    pub maximum_record_age: Option<Duration>,
    /// True if the function's response names the records that failed.
    pub report_batch_item_failures: bool,
}

impl Settings {
    /// Returns true if the record is to be delivered to the function.
    pub(super) fn wants(&self, record: &Value) -> bool {
        self.slice.has(record) && self.is_filtered_in(record)
    }

    fn is_filtered_in(&self, record: &Value) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.matches(record))
    }

    /// Returns settings that deliver all records of a stream from now on, as many at once as one
    /// `GetRecords` returns, without retries.
    pub fn plain(stream_arn: String) -> Self {
        Self {
            event_source_arn: stream_arn.clone(),
            stream_arn,
            region: REGION.to_owned(),
            function_arn: String::new(),
            slice: Slice::WHOLE,
            starting_position: StartingPosition::Latest,
            batch_size: 1000,
            filters: Vec::new(),
            bisect_batch_on_function_error: false,
            maximum_retry_attempts: Some(0),
            maximum_record_age: None,
            report_batch_item_failures: false,
        }
    }
}

/// A part of a stream, as if the stream had `of` shards: those of the items whose key falls to
/// `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    pub index: u32,
    pub of: u32,
}

impl Slice {
    /// All items.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    fn has(self, record: &Value) -> bool {
        let mut hasher = DefaultHasher::new();
        record["dynamodb"]["Keys"].to_string().hash(&mut hasher);
        hasher.finish() % u64::from(self.of.max(1)) == u64::from(self.index)
    }
}

/// The position in a stream where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingPosition {
    /// After the existing records.
    Latest,
    /// At the oldest record in the stream.
    TrimHorizon,
}
