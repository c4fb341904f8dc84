//! template.yaml, read as AWS would read it: intrinsic functions are resolved, SAM's globals
//! merged, and the parts that the runner plays extracted.
//!
//! A declaration has the same name as the type that plays it: `invoke::Function` is created from
//! a [`Function`] of this module; the same is true of [`Queue`], [`Table`] and [`Authorizer`].
//!
//! Anything in the template that this machine cannot do is an error here, at the start, with its
//! place in the template.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

mod attributes;
mod callers;
mod cors;
mod function;
mod globals;
mod http_api;
mod intrinsic;
mod path;
mod policy;
mod queue;
mod queue_trigger;
mod resource;
mod rules;
mod schedule;
mod scope;
mod trigger;
mod websocket_api;
mod yaml;

#[cfg(test)]
mod tests;

pub use attributes::{ACCOUNT_ID, PARTITION, REGION};
pub use cors::Cors;
pub use function::Function;
pub use http_api::{Authorizer, HttpApi, HttpRoute, Throttling};
pub use policy::Statement;
pub use queue::{Queue, RedrivePolicy};
pub use queue_trigger::QueueTrigger;
pub use schedule::Schedule;
pub use trigger::Trigger;
pub use websocket_api::{LiveRoute, WebSocketApi};

use path::Path;
use resource::Resource;
use scope::Scope;

type Result<T, E = TemplateError> = std::result::Result<T, E>;

/// An error that prevents playing a template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The file is not YAML.
    #[error("the template is not valid YAML: {0}")]
    Syntax(#[source] yaml_serde::Error),
    /// A part of the template is invalid, or not supported by the runner.
    #[error("{at}: {problem}")]
    Invalid {
        /// The place, such as `Resources.Relay.Properties.Timeout`.
        at: String,
        problem: String,
    },
}

/// A deployment of a template: a name for the resources that it creates, and its parameters.
#[derive(Clone, Debug)]
pub struct Stack {
    pub name: String,
    /// The UUID at the end of the stack's id.
    pub uuid: String,
    /// The values of the template's parameters; omitted ones have their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl Stack {
    /// Returns the value of `AWS::StackId`.
    fn id(&self) -> String {
        let Self { name, uuid, .. } = self;
        format!("arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT_ID}:stack/{name}/{uuid}")
    }
}

/// The template as the runner plays it.
#[derive(Clone, Debug)]
pub struct Template {
    /// The functions, by logical id.
    pub functions: BTreeMap<String, Function>,
    pub http_api: Option<HttpApi>,
    pub websocket_api: Option<WebSocketApi>,
    /// The tables, by logical id.
    pub tables: BTreeMap<String, Table>,
    /// The queues, by logical id.
    pub queues: BTreeMap<String, Queue>,
    parameters: BTreeMap<String, String>,
}

/// A DynamoDB table to create.
#[derive(Clone, Debug)]
pub struct Table {
    /// The physical name, `{stack}-{logical id}`.
    pub name: String,
    /// The value of `GetAtt …StreamArn` inside the template, if the table has a stream.
    pub stream_arn: Option<String>,
    /// The resolved properties of `AWS::DynamoDB::Table`.
    pub properties: Value,
}

impl Template {
    /// Reads and parses the file at `path`.
    pub fn load(path: &std::path::Path, stack: &Stack) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, stack)
    }

    /// Returns the value of a parameter that the runner itself needs.
    pub fn parameter(&self, name: &str) -> Result<&str> {
        let missing = || Path::root().key("Parameters").error(format!("the runner needs {name}"));
        self.parameters.get(name).map(String::as_str).ok_or_else(missing)
    }

    /// Parses a template.
    pub fn parse(text: &str, stack: &Stack) -> Result<Self> {
        let document = yaml::parse(text)?;
        let parameters = Scope::new(&document, stack)?.parameters();
        let resources = resource::resolve_all(&document, stack)?;
        let functions = function::all(&resources)?;
        let template = Self {
            http_api: http_api::read_api(&resources, &functions)?,
            websocket_api: websocket_api::read_api(&resources, &functions)?,
            tables: tables(&resources),
            queues: queue::all(&resources, &functions)?,
            functions,
            parameters,
        };
        callers::check(&template)?;
        Ok(template)
    }
}

fn tables(resources: &[Resource]) -> BTreeMap<String, Table> {
    let tables = resources.iter().filter(|resource| resource.kind == "AWS::DynamoDB::Table");
    tables
        .map(|resource| {
            let table = Table {
                name: resource.physical_name.clone(),
                stream_arn: resource.stream_arn.clone(),
                properties: resource.properties.clone(),
            };
            (resource.logical_id.clone(), table)
        })
        .collect()
}
