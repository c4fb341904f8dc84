//! What a mapping is told.

use std::time::Duration;

use serde_json::Value;

use super::Pattern;
use crate::dynamodb::REGION;

/// How a function is fed from a stream.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
#[derive(Clone, Debug)]
pub struct Settings {
    /// The stream, as its DynamoDB names it.
    pub stream_arn: String,
    /// The stream, as the function is told it (`eventSourceARN`).
    pub event_source_arn: String,
    /// The Region that the function is told (`awsRegion`).
    pub region: String,
    /// The function, for the records of failed batches.
    pub function_arn: String,
    /// Where reading begins. The runner starts at [`StartingPosition::Latest`],
    /// whatever template.yaml says: what it did before a restart, nobody is
    /// connected for any more.
    pub starting_position: StartingPosition,
    /// How many records one invocation is handed at most, 1–1,000: what
    /// DynamoDB gives at once. (Lambda joins reads up to 10,000.)
    pub batch_size: u16,
    /// How long a batch that is not full waits for more records; with zero it is
    /// Only records that one of these matches are handed on; all if there are none.
    pub filters: Vec<Pattern>,
    /// Whether a batch whose invocation fails is tried again as two.
    pub bisect_batch_on_function_error: bool,
    /// How often a failed batch is tried again; without end if `None`.
    pub maximum_retry_attempts: Option<u32>,
    /// How old a record may be to be handed on; `None` for as old as the
    /// stream keeps it.
    pub maximum_record_age: Option<Duration>,
    /// Whether the function's answer says from where on a batch failed.
    pub report_batch_item_failures: bool,
}

impl Settings {
    /// Whether the function is to be invoked with a record.
    pub(super) fn wants(&self, record: &Value) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.matches(record))
    }

    /// Whatever the stream has from now on, as much at once as it gives, and each once.
    pub fn plain(stream_arn: String) -> Self {
        Self {
            event_source_arn: stream_arn.clone(),
            stream_arn,
            region: REGION.to_owned(),
            function_arn: String::new(),
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

/// Where in a stream reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingPosition {
    /// After what is there.
    Latest,
    /// At the oldest record kept.
    TrimHorizon,
}
