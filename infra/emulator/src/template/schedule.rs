//! SAM's event source `Schedule`.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedule.html>

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Result;
use super::attributes::arn;
use super::path::Path;
use super::resource::{Resource, read};

/// A rule of `EventBridge` that invokes a function periodically.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub rule_arn: String,
    /// The time between two invocations on AWS.
    pub period: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    schedule: String,
    /// Ignored: here `EventBridge` delivers every event to Lambda at once.
    #[serde(rename = "RetryPolicy")]
    _retry_policy: Option<Value>,
}

impl Schedule {
    /// Reads the event `name` of `function`.
    pub(super) fn read(
        function: &Resource,
        name: &str,
        properties: &Value,
        at: &Path,
    ) -> Result<Self> {
        let Properties { schedule, .. } = read(properties, at)?;
        let period = rate(&schedule).map_err(|problem| at.key("Schedule").error(problem))?;
        // SAM names the rule by the ids of the function and the event.
        let rule_arn = arn("events", &format!("rule/{}{name}", function.physical_name));
        Ok(Self { rule_arn, period })
    }
}

/// Parses a rate into its period: "If the value is equal to 1, then the unit must be singular. If
/// the value is greater than 1, the unit must be plural."
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html>
fn rate(expression: &str) -> Result<Duration, &'static str> {
    const NO_RATE: &str = "is not a valid rate; write rate(1 minute), rate(5 minutes), or the same \
                           with hours or days";
    let rate = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let rate = rate.ok_or("the runner supports only rate(...)")?;
    let (value, unit) = rate.split_once(' ').ok_or(NO_RATE)?;
    let value: u32 = value.parse().map_err(|_| NO_RATE)?;
    let seconds = match (value, unit) {
        (1, "minute") | (2.., "minutes") => 60,
        (1, "hour") | (2.., "hours") => 60 * 60,
        (1, "day") | (2.., "days") => 24 * 60 * 60,
        _ => return Err(NO_RATE),
    };
    Ok(Duration::from_secs(u64::from(value) * seconds))
}
