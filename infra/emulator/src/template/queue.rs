//! `AWS::SQS::Queue`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html>

use std::collections::BTreeMap;

use serde_json::Map;

use super::Result;
use super::resource::{Resource, of};

/// A queue of the template.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The physical name, `{stack}-{logical id}`.
    pub name: String,
    pub arn: String,
    /// The URL to which messages are sent; the value of `Ref`.
    pub url: String,
}

/// Properties without an effect on one machine: nothing is encrypted here, and a message is kept
/// until its file is deleted. Any other property might matter, so it is rejected.
const PROPERTIES: [&str; 2] = ["MessageRetentionPeriod", "SqsManagedSseEnabled"];

/// Reads all queues, by logical id.
pub(super) fn all(resources: &[Resource]) -> Result<BTreeMap<String, Queue>> {
    of(resources, "AWS::SQS::Queue")
        .map(|resource| Ok((resource.logical_id.clone(), queue(resource)?)))
        .collect()
}

fn queue(resource: &Resource) -> Result<Queue> {
    let mut named = resource.properties.as_object().into_iter().flat_map(Map::keys);
    if let Some(unknown) = named.find(|name| !PROPERTIES.contains(&name.as_str())) {
        let at = resource.at.key("Properties").key(unknown);
        return Err(at.error("the runner does not support this property"));
    }
    Ok(Queue {
        name: resource.physical_name.clone(),
        arn: resource.arn.clone().unwrap_or_default(),
        url: resource.reference.clone(),
    })
}
