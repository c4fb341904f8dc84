//! The template's resources, with all intrinsic functions resolved.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::attributes::Referent;
use super::intrinsic::{resolve, resolve_map};
use super::path::Path;
use super::scope::{Scope, section};
use super::{Result, Stack, globals, rules};

/// The types that the runner plays, and those without an effect on one machine.
const KNOWN: [&str; 19] = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::RouteResponse",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
];

/// A resource of the stack.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) logical_id: String,
    pub(super) physical_name: String,
    pub(super) reference: String,
    pub(super) arn: Option<String>,
    pub(super) stream_arn: Option<String>,
    pub(super) kind: String,
    pub(super) properties: Value,
    pub(super) metadata: Value,
    pub(super) at: Path,
}

impl Resource {
    /// Deserialises the properties.
    pub(super) fn properties<T: DeserializeOwned>(&self) -> Result<T> {
        read(&self.properties, &self.at.key("Properties"))
    }
}

/// Deserialises `value`; an error names the place `at`.
pub(super) fn read<T: DeserializeOwned>(value: &Value, at: &Path) -> Result<T> {
    T::deserialize(value).map_err(|error| at.error(error.to_string()))
}

/// Returns the resources of `kind`.
pub(super) fn of<'r>(
    resources: &'r [Resource],
    kind: &'static str,
) -> impl Iterator<Item = &'r Resource> {
    resources.iter().filter(move |resource| resource.kind == kind)
}

/// Returns the resource of `kind`, if there is one; a second one is an error.
pub(super) fn only<'r>(
    resources: &'r [Resource],
    kind: &'static str,
) -> Result<Option<&'r Resource>> {
    let mut all = of(resources, kind);
    let first = all.next();
    match all.next() {
        Some(second) => Err(second.at.error(format!("the runner supports only one {kind}"))),
        None => Ok(first),
    }
}

/// Returns the resources of this stack. Every intrinsic function of the template is resolved,
/// also in outputs and in resources that this stack does not have, so that a dangling reference
/// is found wherever it is.
pub(super) fn resolve_all(document: &Value, stack: &Stack) -> Result<Vec<Resource>> {
    let document = &globals::merge(document.clone())?;
    let scope = &Scope::new(document, stack)?;
    let any_stack = &scope.of_any_stack();
    let root = Path::root();
    rules::check(scope, section(document, "Rules"))?;
    for (name, output) in section(document, "Outputs") {
        let at = root.key("Outputs").key(name);
        let scope = if scope.has(output, &at)? { scope } else { any_stack };
        resolve(scope, output, &at)?;
    }
    let mut resources = Vec::new();
    for (logical_id, resource) in section(document, "Resources") {
        let at = root.key("Resources").key(logical_id);
        if scope.has(resource, &at)? {
            resources.push(resolve_one(scope, &stack.name, logical_id, resource, at)?);
        } else {
            resolve_one(any_stack, &stack.name, logical_id, resource, at)?;
        }
    }
    Ok(resources)
}

fn resolve_one(
    scope: &Scope,
    stack: &str,
    logical_id: &str,
    resource: &Value,
    at: Path,
) -> Result<Resource> {
    let kind = resource["Type"].as_str().unwrap_or_default();
    if !KNOWN.contains(&kind) {
        return Err(at.error(format!("the runner does not support the type {kind:?}")));
    }
    let part = |name: &str| match resource[name].as_object() {
        Some(map) => resolve_map(scope, map, &at.key(name)).map(Value::Object),
        None => Ok(Value::Object(serde_json::Map::new())),
    };
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        resolve(scope, &resource[policy], &at.key(policy))?;
    }
    let referent = Referent { stack, logical_id, kind, properties: &resource["Properties"] };
    Ok(Resource {
        logical_id: logical_id.to_owned(),
        physical_name: referent.physical_name(),
        reference: referent.reference(),
        arn: referent.attribute("Arn"),
        stream_arn: referent.attribute("StreamArn"),
        kind: kind.to_owned(),
        properties: part("Properties")?,
        metadata: part("Metadata")?,
        at,
    })
}
