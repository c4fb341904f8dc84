//! SAM's event source `DynamoDB`.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-dynamodb.html>

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Result;
use super::path::Path;
use super::resource::read;
use crate::stream::Pattern;

/// A DynamoDB stream that invokes a function.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The stream's ARN, as references in the template resolve to it.
    pub stream_arn: String,
    /// The maximum number of records per invocation.
    pub batch_size: u16,
    /// A record is delivered if it matches one of these patterns, or if there are none.
    pub filters: Vec<Pattern>,
    /// True if a failed batch is split in two before it is retried.
    pub bisect_batch_on_function_error: bool,
    /// How often a failed batch is retried; `None` for no limit.
    pub maximum_retry_attempts: Option<u32>,
    /// The maximum age of a record; `None` for the stream's retention.
    pub maximum_record_age: Option<Duration>,
    /// True if the function's response names the records that failed.
    pub report_batch_item_failures: bool,
    /// The ARN of the queue that is notified of batches that are given up.
    pub on_failure: Option<String>,
}

/// The possible numbers of records per invocation: up to the limit of one `GetRecords`.
const BATCH_SIZES: RangeInclusive<u16> = 1..=1000;

/// "By default, you can define up to five different filters".
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
const FILTERS: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    stream: String,
    /// Ignored: the runner always reads from the present end of the stream; see
    /// `stream::Settings`.
    #[serde(rename = "StartingPosition")]
    _starting_position: String,
    #[serde(default = "default_batch_size")]
    batch_size: u16,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default = "without_end")]
    maximum_record_age_in_seconds: i64,
    #[serde(default = "without_end")]
    maximum_retry_attempts: i64,
    #[serde(default)]
    filter_criteria: FilterCriteria,
    #[serde(default)]
    destination_config: DestinationConfig,
    #[serde(default = "one")]
    parallelization_factor: u8,
    /// Ignored: the runner waits for no further records.
    #[serde(default, rename = "MaximumBatchingWindowInSeconds")]
    _maximum_batching_window_in_seconds: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationConfig {
    on_failure: Option<OnFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnFailure {
    /// SAM uses the type to let the function's role send to the destination.
    r#type: String,
    destination: String,
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
fn default_batch_size() -> u16 {
    100
}

fn one() -> u8 {
    1
}

fn without_end() -> i64 {
    -1
}

impl Trigger {
    pub(super) fn read(properties: &Value, at: &Path) -> Result<Self> {
        let properties: Properties = read(properties, at)?;
        properties.check(at)?;
        Ok(Self {
            stream_arn: properties.stream,
            batch_size: properties.batch_size,
            filters: patterns(&properties.filter_criteria.filters, at)?,
            bisect_batch_on_function_error: properties.bisect_batch_on_function_error,
            maximum_retry_attempts: properties.maximum_retry_attempts.try_into().ok(),
            maximum_record_age: properties
                .maximum_record_age_in_seconds
                .try_into()
                .ok()
                .map(Duration::from_secs),
            report_batch_item_failures: !properties.function_response_types.is_empty(),
            on_failure: properties.destination_config.on_failure.map(|it| it.destination),
        })
    }
}

impl Properties {
    /// Checks that the runner, and Lambda, support these properties.
    fn check(&self, at: &Path) -> Result<()> {
        let unplayed = |key: &str, what: &str| {
            Err(at.key(key).error(format!("the runner supports only {what}")))
        };
        if !BATCH_SIZES.contains(&self.batch_size) {
            return unplayed("BatchSize", "1 to 1,000 records");
        }
        if self.parallelization_factor != 1 {
            return unplayed("ParallelizationFactor", "1 only");
        }
        if self.function_response_types.iter().any(|kind| kind != "ReportBatchItemFailures") {
            return unplayed("FunctionResponseTypes", "ReportBatchItemFailures only");
        }
        if self.destination_config.on_failure.as_ref().is_some_and(|it| it.r#type != "SQS") {
            return unplayed("DestinationConfig.OnFailure.Type", "SQS only");
        }
        Ok(())
    }
}

fn patterns(filters: &[Filter], at: &Path) -> Result<Vec<Pattern>> {
    let at = at.key("FilterCriteria.Filters");
    if filters.len() > FILTERS {
        return Err(at.error(format!("at most {FILTERS} filters are allowed")));
    }
    let pattern = |(i, Filter { pattern }): (usize, &Filter)| {
        Pattern::parse(pattern).map_err(|error| at.index(i).key("Pattern").error(error.to_string()))
    };
    filters.iter().enumerate().map(pattern).collect()
}
