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

use crate::dynamodb::{CallError, DynamoDb, Table, TableError};
use crate::gateway::http::AuthorizerError;
use crate::gateway::live::LiveGateway;
use crate::iam::{Iam, OPERATOR};
use crate::invoke::{FunctionError, Functions, Handler};
use crate::meter::Meter;
use crate::queue::{QueueMessage, Queues};
use crate::stream::{EventSourceMapping, Settings};
use crate::template::{Template, TemplateError};
use crate::transport::{Attempts, Faults, Transport};
use crate::{Account, TimeScale};

mod consumers;
mod hosts;
mod listener;
mod sandbox;
mod schedules;
mod server;
mod start;
mod tasks;
mod triggers;

#[cfg(test)]
mod tests;

use consumers::Consumer;
pub use listener::{Listener, SEND_BUFFER};
pub use sandbox::{Sandbox, sdk_config};
use tasks::{END_LIMIT, Tasks};

/// The way in which functions receive the records of streams and the messages of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// The deployment polls the streams and queues, as Lambda does.
    Polled,
    /// The caller delivers the records and messages batch by batch, with [`Deployment::stream`] and
    /// [`Deployment::deliver`].
    ByHand,
}

/// The way in which scheduled functions are invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedules {
    /// The deployment invokes them, 60 times as often as AWS does: `rate(1 minute)` means every
    /// second.
    Played,
    /// The caller invokes them, with [`Deployment::invoke`].
    ByHand,
}

/// The options of a deployment.
pub struct DeploymentOptions {
    pub template: Template,
    /// The address that it serves.
    pub listener: Listener,
    /// The hosts that a request can name beside the listener's own, as in `Host`: such as
    /// `localhost:8080` behind a forwarded port.
    pub hosts: Vec<String>,
    /// The database of its tables.
    pub db: DynamoDb,
    /// The folder in which its queues are stored; without one they are kept in memory.
    pub folder: Option<PathBuf>,
    pub clock: Clock,
    /// How much faster than `clock` time passes for the functions, from the start of the
    /// deployment. Streams and queues use `clock` itself, so the age of their records and
    /// messages is real.
    pub time_scale: TimeScale,
    pub streams: Streams,
    pub schedules: Schedules,
    pub faults: Faults,
    /// The record of the functions' requests to the world.
    pub attempts: Attempts,
    pub account: Account,
}

/// The code of the function that runs in the sandbox, or the reason why it cannot start.
pub type Code = Box<dyn Fn(&Sandbox) -> Result<Handler, String> + Send>;

/// The program that a template is played with: everything that AWS does not provide.
pub struct Program {
    /// The functions' code.
    pub code: Code,
    /// Verifies the tokens of JWT authorizers, whose issuer and audience must be the verifier's.
    pub verifier: Verifier,
    /// The claim of tokens that the log of requests shows.
    pub logged_claim: String,
    /// Routes that are served in addition to the template's APIs and take precedence over them.
    pub routes: Router,
}

/// An error that prevents the deployment of a template.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A function has no code, or its code cannot start.
    #[error("Resources.{function}: {reason}")]
    Function {
        /// The function's logical id.
        function: String,
        reason: String,
    },
    /// A function's trigger names a stream that no table has.
    #[error("Resources.{function}: {stream} is not the stream of a table in this template")]
    NoStream {
        /// The function's logical id.
        function: String,
        /// The stream's ARN, as the template writes it.
        stream: String,
    },
    /// An event, a stream's failure destination or the target of a redrive policy is not a queue.
    #[error("Resources.{resource}: {destination} is not the ARN of a queue in this template")]
    NoQueue {
        /// The logical id of the function, or of the queue with the redrive policy.
        resource: String,
        /// The ARN, as the template writes it.
        destination: String,
    },
    #[error(transparent)]
    Authorizer(#[from] AuthorizerError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("cannot read the messages of the queues: {0}")]
    Queues(#[from] io::Error),
    #[error("cannot read a table's stream: {0}")]
    Stream(#[from] CallError),
}

/// A running deployment. Dropping it stops it at once; [`Deployment::shutdown`] lets it finish
/// the work in progress.
pub struct Deployment {
    address: SocketAddr,
    stage: Option<String>,
    functions: Functions,
    variables: BTreeMap<String, String>,
    db: DynamoDb,
    clock: Clock,
    tables: BTreeMap<String, Table>,
    queues: Queues,
    consumers: Vec<Consumer>,
    transport: Transport,
    iam: Iam,
    meter: Meter,
    live: Option<Arc<LiveGateway>>,
    server: Tasks,
    schedules: Tasks,
    mappings: Tasks,
}

impl Deployment {
    /// Returns the base URL for HTTP clients, without a trailing slash.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the URL for WebSocket clients.
    pub fn live_url(&self) -> String {
        format!("ws://{}/{}", self.address, self.stage.as_deref().unwrap_or_default())
    }

    /// Invokes the function with that logical id (or binary) and returns its response.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, FunctionError> {
        let response = self.functions.invoke(function, event).await?;
        Ok(serde_json::from_slice(&response).unwrap_or_default())
    }

    /// Returns the environment variables of all functions, merged.
    pub const fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Returns the memory of the function with that logical id or binary, in MB.
    pub fn memory(&self, function: &str) -> Option<i32> {
        self.functions.find(function).map(|function| function.memory())
    }

    /// Returns a DynamoDB client with the operator's permissions, which are not limited by any
    /// policy.
    pub fn dynamodb(&self) -> Client {
        Client::new(&sdk_config(self.transport.client_for(OPERATOR)))
    }

    /// Writes items in bulk, bypassing the table's stream.
    pub async fn import(&self, table: &str, items: &[Box<RawValue>]) -> Result<(), CallError> {
        self.db.import(table, items).await
    }

    /// Returns the permissions of the functions and a record of their use.
    pub fn iam(&self) -> &Iam {
        &self.iam
    }

    /// Returns the meter that counts the functions' consumption.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Returns the name of a table.
    ///
    /// # Panics
    /// If the template has no table of that logical id.
    pub fn table(&self, logical_id: &str) -> &str {
        &self.tables[logical_id].name
    }

    /// Returns a mapping that reads a table's stream from now on.
    ///
    /// # Panics
    /// If the template has no table of that logical id.
    pub async fn stream(&self, table: &str) -> Result<EventSourceMapping, CallError> {
        let arn = self.tables[table].stream_arn.clone().unwrap_or_default();
        EventSourceMapping::start(self.db.clone(), Settings::plain(arn), self.clock.clone()).await
    }

    /// Receives messages of a queue once and invokes its function with them. Returns the number of
    /// messages; those that fail can be received again after the queue's visibility timeout. Fails
    /// if the queue's file cannot be written.
    ///
    /// # Panics
    /// If no function of the template has an event of the queue of that logical id.
    pub async fn deliver(&self, queue: &str) -> io::Result<usize> {
        let consumer = self.consumers.iter().find(|consumer| consumer.queue == queue);
        let consumer = consumer.unwrap_or_else(|| panic!("the queue {queue} has no consumer"));
        consumer.deliver(&self.functions).await
    }

    /// Returns the messages in a queue, from functions and from mappings that gave up, oldest
    /// first; with a data folder, also those from before this start. Messages that are delayed or
    /// in flight are among them.
    ///
    /// # Panics
    /// If the template has no queue of that logical id.
    pub fn messages(&self, logical_id: &str) -> Vec<QueueMessage> {
        let queue = self.queues.get(logical_id);
        queue.unwrap_or_else(|| panic!("the template has no queue {logical_id}")).messages()
    }

    /// Stops in order: accepts no more connections, then waits for HTTP requests, scheduled
    /// invocations, batches of streams and queues, and WebSocket messages in progress, at most 10 seconds for
    /// each kind. Closes the WebSocket connections with code 1001 and finally the database, so
    /// that another process can open it.
    pub async fn shutdown(self) {
        let responded = self.server.end().await;
        // Stopped before the mappings, so that the last commits of scheduled functions are
        // delivered.
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
