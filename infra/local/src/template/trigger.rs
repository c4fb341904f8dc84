//! SAM's event source `DynamoDB`.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-dynamodb.html>

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Result;
use super::path::Path;
use super::resource::read;

/// A DynamoDB stream that calls a function.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The stream's ARN, as the template's own references give it.
    pub stream_arn: String,
    /// How many records one call is given at most.
    pub batch_size: u16,
    /// Whether a failed batch is halved.
    pub bisect_batch_on_function_error: bool,
    /// How often a failed batch is tried again; `None` without end.
    pub maximum_retry_attempts: Option<u32>,
    /// How old a record may be; `None` for as old as the stream keeps it.
    pub maximum_record_age: Option<Duration>,
    /// Whether the function says from which record on a batch failed.
    pub report_batch_item_failures: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    stream: String,
    /// The runner reads what is new, whatever stands here: see `stream`.
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
    /// There is no queue on this machine: what Lambda would send is logged.
    #[serde(rename = "DestinationConfig")]
    _destination_config: Option<Value>,
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
fn default_batch_size() -> u16 {
    100
}

fn without_end() -> i64 {
    -1
}

impl Trigger {
    pub(super) fn read(properties: &Value, at: &Path) -> Result<Self> {
        let properties: Properties = read(properties, at)?;
        let types = &properties.function_response_types;
        if let Some(unknown) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
            return Err(at.error(format!("the runner does not play the response type {unknown}")));
        }
        Ok(Self {
            stream_arn: properties.stream,
            batch_size: properties.batch_size,
            bisect_batch_on_function_error: properties.bisect_batch_on_function_error,
            maximum_retry_attempts: properties.maximum_retry_attempts.try_into().ok(),
            maximum_record_age: properties
                .maximum_record_age_in_seconds
                .try_into()
                .ok()
                .map(Duration::from_secs),
            report_batch_item_failures: !types.is_empty(),
        })
    }
}
