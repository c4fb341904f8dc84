//! `AWS::SQS::Queue`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html>

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Map;

use super::path::Path;
use super::resource::{Resource, of};
use super::{Function, Result};

/// A queue of the template.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The physical name, `{stack}-{logical id}`.
    pub name: String,
    pub arn: String,
    /// The URL to which messages are sent; the value of `Ref`.
    pub url: String,
    /// The time for which a received message is hidden, in seconds.
    pub visibility_timeout: u16,
    pub redrive_policy: Option<RedrivePolicy>,
    /// True if the queue invokes a function.
    pub has_consumer: bool,
}

/// The fate of messages that were received too often.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedrivePolicy {
    /// The ARN of the queue to which they are moved.
    #[serde(rename = "deadLetterTargetArn")]
    pub dead_letters: String,
    /// The number of receives after which they are moved.
    pub max_receive_count: u32,
}

/// The properties with an effect, and those without one on one machine: nothing is encrypted here,
/// and a message is kept until its file is deleted. Any other property might matter, so it is
/// rejected.
const PROPERTIES: [&str; 4] =
    ["MessageRetentionPeriod", "RedrivePolicy", "SqsManagedSseEnabled", "VisibilityTimeout"];

/// The possible visibility timeouts, in seconds: up to 12 hours.
const TIMEOUTS: RangeInclusive<u16> = 0..=43_200;

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
const RECEIVE_COUNTS: RangeInclusive<u32> = 1..=1000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    #[serde(default = "default_timeout")]
    visibility_timeout: u16,
    redrive_policy: Option<RedrivePolicy>,
}

fn default_timeout() -> u16 {
    30
}

/// Reads all queues, by logical id. Queues that invoke one of `functions` have a consumer.
pub(super) fn all(
    resources: &[Resource],
    functions: &BTreeMap<String, Function>,
) -> Result<BTreeMap<String, Queue>> {
    of(resources, "AWS::SQS::Queue")
        .map(|resource| Ok((resource.logical_id.clone(), queue(resource, functions)?)))
        .collect()
}

fn queue(resource: &Resource, functions: &BTreeMap<String, Function>) -> Result<Queue> {
    let mut named = resource.properties.as_object().into_iter().flat_map(Map::keys);
    let at = resource.at.key("Properties");
    if let Some(unknown) = named.find(|name| !PROPERTIES.contains(&name.as_str())) {
        return Err(at.key(unknown).error("the runner does not support this property"));
    }
    let Properties { visibility_timeout, redrive_policy } = resource.properties()?;
    let arn = resource.arn.clone().unwrap_or_default();
    if let Some(policy) = &redrive_policy {
        check_policy(policy, &arn, &at.key("RedrivePolicy"))?;
    }
    let invokes = |function: &&Function| function.queues.iter().any(|it| it.queue_arn == arn);
    let consumers: Vec<_> = functions.values().filter(invokes).collect();
    check_timeout(visibility_timeout, &consumers, &at.key("VisibilityTimeout"))?;
    Ok(Queue {
        name: resource.physical_name.clone(),
        url: resource.reference.clone(),
        visibility_timeout,
        redrive_policy,
        has_consumer: !consumers.is_empty(),
        arn,
    })
}

fn check_policy(policy: &RedrivePolicy, arn: &str, at: &Path) -> Result<()> {
    if !RECEIVE_COUNTS.contains(&policy.max_receive_count) {
        return Err(at.key("maxReceiveCount").error("must be 1 to 1,000"));
    }
    if policy.dead_letters == arn {
        return Err(at.key("deadLetterTargetArn").error("must be another queue"));
    }
    Ok(())
}

/// Checks the timeout against those of the functions that the queue invokes: Lambda refuses a
/// mapping whose messages would come again while the function still has them.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
fn check_timeout(seconds: u16, consumers: &[&Function], at: &Path) -> Result<()> {
    if !TIMEOUTS.contains(&seconds) {
        return Err(at.error("must be 0 to 43,200 seconds"));
    }
    let hidden = Duration::from_secs(seconds.into());
    consumers.iter().find(|function| function.timeout > hidden).map_or(Ok(()), |slow| {
        let (name, timeout) = (&slow.name, slow.timeout.as_secs());
        let problem =
            format!("{seconds} seconds are less than the timeout of {name}, {timeout} seconds");
        Err(at.error(problem))
    })
}
