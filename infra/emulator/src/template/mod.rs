//! template.yaml, read as AWS would: intrinsic functions resolved, SAM's globals
//! merged, and what the runner plays taken out of it.
//!
//! What the template declares has the name of what plays it: a [`Function`] here is what
//! `invoke::Function` is made of, and so are [`Queue`], [`Table`] and [`Authorizer`].
//!
//! Whatever the template says that this machine cannot do is an error here, at
//! the start, with the place where it stands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

mod attributes;
mod callers;
mod function;
mod globals;
mod http_api;
mod intrinsic;
mod path;
mod policy;
mod queue;
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
pub use function::Function;
pub use http_api::{Authorizer, HttpApi, HttpRoute};
pub use policy::Statement;
pub use queue::Queue;
pub use schedule::Schedule;
pub use trigger::Trigger;
pub use websocket_api::{LiveRoute, WebSocketApi};

use path::Path;
use resource::Resource;
use scope::Scope;

type Result<T, E = TemplateError> = std::result::Result<T, E>;

/// Why a template cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not YAML.
    #[error("the template is not valid YAML: {0}")]
    Syntax(#[source] yaml_serde::Error),
    /// Something in it cannot be, or cannot be played here.
    #[error("{at}: {problem}")]
    Invalid {
        /// The place, as `Resources.Relay.Properties.Timeout`.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// One deployment of a template: a name for what it makes, and its parameters.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What the names of its resources begin with.
    pub name: String,
    /// The UUID at the end of its id.
    pub uuid: String,
    /// The values of the template's parameters; those left out take their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl Stack {
    /// What `AWS::StackId` gives.
    fn id(&self) -> String {
        let Self { name, uuid, .. } = self;
        format!("arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT_ID}:stack/{name}/{uuid}")
    }
}

/// What the runner plays.
#[derive(Clone, Debug)]
pub struct Template {
    /// The functions, by logical id.
    pub functions: BTreeMap<String, Function>,
    /// The HTTP API, if there is one.
    pub http_api: Option<HttpApi>,
    /// The WebSocket API, if there is one.
    pub websocket_api: Option<WebSocketApi>,
    /// The tables, by logical id.
    pub tables: BTreeMap<String, Table>,
    /// The queues, by logical id.
    pub queues: BTreeMap<String, Queue>,
    /// The values of the parameters.
    parameters: BTreeMap<String, String>,
}

/// A DynamoDB table to create.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its physical name, `{stack}-{logical id}`.
    pub name: String,
    /// What `GetAtt …StreamArn` gives inside the template, if it has a stream.
    pub stream_arn: Option<String>,
    /// The properties of `AWS::DynamoDB::Table`, resolved.
    pub properties: Value,
}

impl Template {
    /// Reads the file at `path`.
    pub fn load(path: &std::path::Path, stack: &Stack) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, stack)
    }

    /// The value of a parameter that the runner itself goes by.
    pub fn parameter(&self, name: &str) -> Result<&str> {
        let missing = || Path::root().key("Parameters").error(format!("the runner needs {name}"));
        self.parameters.get(name).map(String::as_str).ok_or_else(missing)
    }

    /// Reads a template's text.
    pub fn parse(text: &str, stack: &Stack) -> Result<Self> {
        let document = yaml::parse(text)?;
        let parameters = Scope::new(&document, stack)?.parameters();
        let resources = resource::resolve_all(&document, stack)?;
        let functions = function::all(&resources)?;
        let template = Self {
            http_api: http_api::read_api(&resources, &functions)?,
            websocket_api: websocket_api::read_api(&resources, &functions)?,
            tables: tables(&resources),
            queues: queue::all(&resources)?,
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
