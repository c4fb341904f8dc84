//! `AWS::Serverless::Function`.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::path::Path;
use super::policy::statements;
use super::resource::{Resource, of, read};
use super::{QueueTrigger, Result, Schedule, Statement, Trigger};

/// A Lambda function of the template.
#[derive(Clone, Debug)]
pub struct Function {
    /// The binary that the function runs, which is also its name on this machine.
    pub binary: String,
    /// The deployed name.
    pub name: String,
    pub arn: String,
    /// The timeout of an invocation.
    pub timeout: Duration,
    /// In MB.
    pub memory: i32,
    /// The number of concurrent invocations; `None` for no bound of its own.
    pub concurrency: Option<usize>,
    /// The time for which an asynchronous invocation is tried, such as that of a schedule.
    pub event_age: Duration,
    pub variables: BTreeMap<String, String>,
    pub policy: Vec<Statement>,
    /// The streams that invoke the function.
    pub triggers: Vec<Trigger>,
    /// The queues that invoke the function.
    pub queues: Vec<QueueTrigger>,
    /// The schedules that invoke the function.
    pub schedules: Vec<Schedule>,
    /// The events of type `HttpApi`, by name.
    pub(crate) http_events: BTreeMap<String, Value>,
}

impl Function {
    /// Returns true if an event other than a request invokes the function.
    pub(super) fn has_events(&self) -> bool {
        !(self.triggers.is_empty() && self.queues.is_empty() && self.schedules.is_empty())
    }
}

/// The supported properties, including those without an effect on this machine. Any other
/// property might matter, so it is rejected: a `Role`, for example, replaces the policies.
const PROPERTIES: [&str; 13] = [
    "Architectures",
    "CodeUri",
    "Environment",
    "EventInvokeConfig",
    "Events",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "Policies",
    "ReservedConcurrentExecutions",
    "Runtime",
    "Timeout",
    "Tracing",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    timeout: u64,
    memory_size: i32,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    events: BTreeMap<String, Event>,
    #[serde(default)]
    event_invoke_config: Option<EventInvokeConfig>,
    #[serde(default)]
    policies: Vec<Value>,
    reserved_concurrent_executions: Option<Count>,
}

/// A number, which is text if it is the value of a parameter.
#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(usize),
    Text(String),
}

/// The handling of failed asynchronous invocations, such as those of a schedule.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EventInvokeConfig {
    maximum_retry_attempts: u8,
    maximum_event_age_in_seconds: Option<u64>,
}

/// "Up to 6 hours by default."
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
const EVENT_AGE: Duration = Duration::from_hours(6);

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Event {
    r#type: String,
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    build_properties: BuildProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

/// Reads all functions, by logical id.
pub(super) fn all(resources: &[Resource]) -> Result<BTreeMap<String, Function>> {
    of(resources, "AWS::Serverless::Function")
        .map(|resource| Ok((resource.logical_id.clone(), function(resource)?)))
        .collect()
}

fn function(resource: &Resource) -> Result<Function> {
    let metadata: Metadata = read(&resource.metadata, &resource.at.key("Metadata"))?;
    let properties: Properties = resource.properties()?;
    let at = resource.at.key("Properties");
    let mut named = resource.properties.as_object().into_iter().flat_map(Map::keys);
    if let Some(unknown) = named.find(|name| !PROPERTIES.contains(&name.as_str())) {
        return Err(at.key(unknown).error("the runner does not support this property"));
    }
    let asynchronous = properties.event_invoke_config;
    if asynchronous.as_ref().is_some_and(|it| it.maximum_retry_attempts > 0) {
        let at = at.key("EventInvokeConfig.MaximumRetryAttempts");
        return Err(at.error("the runner supports only 0"));
    }
    let event_age = asynchronous.and_then(|it| it.maximum_event_age_in_seconds);
    let concurrency = properties.reserved_concurrent_executions.map(|count| match count {
        Count::Number(number) => Ok(number),
        Count::Text(text) => text
            .parse()
            .map_err(|_| at.key("ReservedConcurrentExecutions").error("must be a number")),
    });
    let policy = statements(&properties.policies, &at.key("Policies"))?;
    let Callers { triggers, queues, schedules, http_events } =
        callers(resource, properties.events, &at.key("Events"))?;
    Ok(Function {
        binary: metadata.build_properties.binary,
        name: resource.physical_name.clone(),
        arn: resource.arn.clone().unwrap_or_default(),
        timeout: Duration::from_secs(properties.timeout),
        memory: properties.memory_size,
        concurrency: concurrency.transpose()?,
        event_age: event_age.map_or(EVENT_AGE, Duration::from_secs),
        variables: properties.environment.variables.into_iter().map(variable).collect(),
        policy,
        triggers,
        queues,
        schedules,
        http_events,
    })
}

/// The callers of a function, by kind of event.
#[derive(Default)]
struct Callers {
    triggers: Vec<Trigger>,
    queues: Vec<QueueTrigger>,
    schedules: Vec<Schedule>,
    http_events: BTreeMap<String, Value>,
}

fn callers(function: &Resource, events: BTreeMap<String, Event>, at: &Path) -> Result<Callers> {
    let mut callers = Callers::default();
    for (name, Event { r#type, properties }) in events {
        let at = at.key(&name);
        match r#type.as_str() {
            "HttpApi" => {
                callers.http_events.insert(name, properties);
            }
            "DynamoDB" => callers.triggers.push(Trigger::read(&properties, &at)?),
            "SQS" => callers.queues.push(QueueTrigger::read(&properties, &at)?),
            "Schedule" => {
                callers.schedules.push(Schedule::read(function, &name, &properties, &at)?);
            }
            other => {
                return Err(at.error(format!("the runner does not support events of type {other}")));
            }
        }
    }
    Ok(callers)
}

/// Converts a variable's value into text, as a process receives numbers and booleans.
fn variable((name, value): (String, Value)) -> (String, String) {
    match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    }
}

#[cfg(test)]
impl Function {
    /// Returns a function with this policy that has no callers.
    pub(crate) fn for_test(policy: Vec<Statement>) -> Self {
        Self {
            binary: "test".into(),
            name: "waybill-Test".into(),
            arn: "arn:test".into(),
            timeout: Duration::from_mins(1),
            memory: 256,
            concurrency: None,
            event_age: EVENT_AGE,
            variables: BTreeMap::new(),
            policy,
            triggers: Vec::new(),
            queues: Vec::new(),
            schedules: Vec::new(),
            http_events: BTreeMap::new(),
        }
    }
}
