//! SAM's event source `SQS`.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sqs.html>

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value;

use super::Result;
use super::path::Path;
use super::resource::read;

/// A queue that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTrigger {
    pub queue_arn: String,
    /// The maximum number of messages per invocation.
    pub batch_size: usize,
    /// The maximum number of concurrent invocations by this queue.
    pub concurrency: usize,
    /// True if the function's response names the messages that failed.
    pub report_batch_item_failures: bool,
}

/// The possible numbers of messages per invocation without a batching window.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const BATCH_SIZES: RangeInclusive<usize> = 1..=10;

/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
const CONCURRENCIES: RangeInclusive<usize> = 2..=1000;

/// The concurrency of a mapping without a maximum. Lambda begins with five invocations and adds
/// more while messages wait; five are enough for one machine.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
const DEFAULT_CONCURRENCY: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    queue: String,
    #[serde(default = "default_batch_size")]
    batch_size: usize,
    #[serde(default)]
    function_response_types: Vec<String>,
    scaling_config: Option<ScalingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    maximum_concurrency: usize,
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html>
fn default_batch_size() -> usize {
    10
}

impl QueueTrigger {
    pub(super) fn read(properties: &Value, at: &Path) -> Result<Self> {
        let Properties { queue, batch_size, function_response_types, scaling_config } =
            read(properties, at)?;
        let unplayed = |key: &str, what: &str| {
            Err(at.key(key).error(format!("the runner supports only {what}")))
        };
        if !BATCH_SIZES.contains(&batch_size) {
            return unplayed("BatchSize", "1 to 10 messages");
        }
        if function_response_types.iter().any(|kind| kind != "ReportBatchItemFailures") {
            return unplayed("FunctionResponseTypes", "ReportBatchItemFailures only");
        }
        let maximum = scaling_config.map(|scaling| scaling.maximum_concurrency);
        if maximum.is_some_and(|maximum| !CONCURRENCIES.contains(&maximum)) {
            return unplayed("ScalingConfig.MaximumConcurrency", "2 to 1,000");
        }
        Ok(Self {
            queue_arn: queue,
            batch_size,
            concurrency: maximum.unwrap_or(DEFAULT_CONCURRENCY),
            report_batch_item_failures: !function_response_types.is_empty(),
        })
    }
}
