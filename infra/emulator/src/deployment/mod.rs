//! A template deployed on this machine, from start to shutdown.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use axum::Router;
use clock::Clock;
use jwt::Verifier;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::timeout;

use crate::TimeScale;
use crate::dynamodb::{CallError, DynamoDb, Table, TableError};
use crate::gateway::http::AuthorizerError;
use crate::gateway::live::LiveGateway;
use crate::iam::{Iam, OPERATOR};
use crate::invoke::{FunctionError, Functions, Handler};
use crate::meter::Meter;
use crate::queue::{QueueMessage, Queues};
use crate::stream::{EventSourceMapping, Settings};
use crate::template::{Template, TemplateError};
use crate::transport::{Faults, Transport};

mod listener;
mod sandbox;
mod schedules;
mod server;
mod start;
mod tasks;
mod triggers;

pub use listener::{Listener, SEND_BUFFER};
pub use sandbox::{Sandbox, sdk_config};
use tasks::{END_LIMIT, Tasks};

/// Who hands functions what streams have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// The deployment, as Lambda does.
    Polled,
    /// Whoever started it, out of [`Deployment::stream`], batch by batch.
    ByHand,
}

/// Who calls functions when their schedules say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedules {
    /// The deployment, sixty times as often as AWS does: every second what says
    /// `rate(1 minute)`.
    Played,
    /// Whoever started it, by [`Deployment::invoke`].
    ByHand,
}

/// What a deployment is started with.
pub struct DeploymentOptions {
    /// What is played.
    pub template: Template,
    /// Where it answers.
    pub listener: Listener,
    /// Where its tables are.
    pub db: DynamoDb,
    /// The folder that its queues are kept in; none keeps them in memory.
    pub folder: Option<PathBuf>,
    /// What time it is.
    pub clock: Clock,
    /// How much faster than `clock` time passes from the start on for the functions.
    /// Streams and queues go by `clock`: what they have is as old as it is.
    pub time_scale: TimeScale,
    /// Who hands functions what streams have.
    pub streams: Streams,
    /// Who calls functions when their schedules say so.
    pub schedules: Schedules,
    /// What goes wrong between the functions and AWS.
    pub faults: Faults,
}

/// The code of the function in a sandbox; an error says why it cannot start.
pub type Code = Box<dyn Fn(&Sandbox) -> Result<Handler, String> + Send>;

/// What a template is played with: all that is not AWS's.
pub struct Program {
    /// The functions' code.
    pub code: Code,
    /// Verifies the tokens of JWT authorizers. They must name its issuer and audience.
    pub verifier: Verifier,
    /// What answers beside the template's APIs, and before them.
    pub routes: Router,
}

/// Why a template cannot be deployed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The template cannot be played.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A function has no code, or its code cannot start.
    #[error("Resources.{function}: {reason}")]
    Function {
        /// The function's logical id.
        function: String,
        /// Why not.
        reason: String,
    },
    /// A function is to be called by a stream that no table has.
    #[error("Resources.{function}: {stream} is not the stream of a table in this template")]
    NoStream {
        /// The function's logical id.
        function: String,
        /// The stream that the template names.
        stream: String,
    },
    /// What a stream's batches are given up to is no queue.
    #[error("Resources.{function}: {destination} is not the ARN of a queue in this template")]
    NoQueue {
        /// The function's logical id.
        function: String,
        /// The failure destination that the template names.
        destination: String,
    },
    /// An authorizer cannot be played.
    #[error(transparent)]
    Authorizer(#[from] AuthorizerError),
    /// A table cannot be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A stream cannot be read.
    #[error("cannot read a table's stream: {0}")]
    Stream(#[from] CallError),
}

/// A running deployment. Dropping it stops it at once; [`Deployment::shutdown`] lets it
/// finish what it has begun.
pub struct Deployment {
    address: SocketAddr,
    stage: Option<String>,
    functions: Functions,
    variables: BTreeMap<String, String>,
    db: DynamoDb,
    clock: Clock,
    tables: BTreeMap<String, Table>,
    queues: Queues,
    transport: Transport,
    iam: Iam,
    meter: Meter,
    live: Option<Arc<LiveGateway>>,
    server: Tasks,
    schedules: Tasks,
    mappings: Tasks,
}

impl Deployment {
    /// Where HTTP clients go, without a slash at its end.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where WebSocket clients go.
    pub fn live_url(&self) -> String {
        format!("ws://{}/{}", self.address, self.stage.as_deref().unwrap_or_default())
    }

    /// Calls the function of that binary (or logical id) with an event.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, FunctionError> {
        let response = self.functions.invoke(function, event).await?;
        Ok(serde_json::from_slice(&response).unwrap_or_default())
    }

    /// The environment variables of all functions together.
    pub const fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// How much memory the function of that binary has, in MB.
    pub fn memory(&self, function: &str) -> Option<i32> {
        self.functions.find(function).map(|function| function.memory())
    }

    /// DynamoDB, as an operator sees it and no function does.
    pub fn dynamodb(&self) -> Client {
        Client::new(&sdk_config(self.transport.client_for(OPERATOR)))
    }

    /// Writes items in bulk, past the table's stream.
    pub async fn import(&self, table: &str, items: &[Box<RawValue>]) -> Result<(), CallError> {
        self.db.import(table, items).await
    }

    /// What the functions may do, and what of it they have done.
    pub fn iam(&self) -> &Iam {
        &self.iam
    }

    /// What the functions consume.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The name of a table.
    ///
    /// # Panics
    /// If the template has no table of that logical id.
    pub fn table(&self, logical_id: &str) -> &str {
        &self.tables[logical_id].name
    }

    /// What a table's stream has from now on.
    ///
    /// # Panics
    /// If the template has no table of that logical id.
    pub async fn stream(&self, table: &str) -> Result<EventSourceMapping, CallError> {
        let arn = self.tables[table].stream_arn.clone().unwrap_or_default();
        EventSourceMapping::start(self.db.clone(), Settings::plain(arn), self.clock.clone()).await
    }

    /// What was sent to a queue, by functions and by mappings that gave up, the
    /// oldest message first; of a data folder, also before this start.
    ///
    /// # Panics
    /// If the template has no queue of that logical id.
    pub fn messages(&self, logical_id: &str) -> io::Result<Vec<QueueMessage>> {
        let queue = self.queues.get(logical_id);
        queue.unwrap_or_else(|| panic!("the template has no queue {logical_id}")).messages()
    }

    /// Stops accepting, and lets requests, then scheduled calls, then stream batches,
    /// then messages end, each within 10 seconds; closes the sockets with code 1001, and at last
    /// the data, so that somebody else can have it.
    pub async fn shutdown(self) {
        let responded = self.server.end().await;
        // Before the mappings, so that what is still committed is handed on.
        let called = self.schedules.end().await;
        let handed_on = self.mappings.end().await;
        let closed = match &self.live {
            Some(live) => timeout(END_LIMIT, live.close("The runner is stopping")).await.is_ok(),
            None => true,
        };
        if !(responded && called && handed_on && closed) {
            tracing::warn!("stopped with requests still in flight");
        }
        // A connection's task may still hold the database for a moment.
        self.db.close().await;
    }
}
