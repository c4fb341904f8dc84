//! The whole system on one machine, from start to shutdown.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::clock::Clock;
use shared::config::ConfigError;
use tokio::time::timeout;

use crate::dynamodb::{CallError, DynamoDb, OpenError, Storage, Table, TableError};
use crate::gateway::http::AuthorizerError;
use crate::gateway::live::LiveGateway;
use crate::iam::{Iam, OPERATOR};
use crate::invoke::{FunctionError, Functions};
use crate::issuer::{Issuer, KeyError, TokenRequest, TokenRequestError};
use crate::meter::Meter;
use crate::queue::{Message, Queues};
use crate::stream::{EventSourceMapping, Settings};
use crate::template::TemplateError;
use crate::time_scale::TimeScale;
use crate::transport::{Faults, Transport};

mod environment;
mod schedules;
mod secrets;
mod server;
mod start;
mod tasks;
mod triggers;

pub(crate) use environment::sdk_config;
pub(crate) use start::SEND_BUFFER;
use tasks::{END_LIMIT, Tasks};

#[cfg(test)]
mod tests;

/// Who hands functions what streams have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// The runner, as Lambda does.
    Polled,
    /// Whoever started it, out of [`Runner::stream`], batch by batch.
    ByHand,
}

/// Who calls functions when their schedules say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedules {
    /// The runner, sixty times as often as AWS does: every second what says
    /// `rate(1 minute)`.
    Played,
    /// Whoever started it, by [`Runner::invoke`].
    ByHand,
}

/// What a runner is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The template to play.
    pub template: PathBuf,
    /// Where the data is.
    pub storage: Storage,
    /// The port of 127.0.0.1 to answer at; 0 takes a free one.
    pub port: u16,
    /// The name of the stack, with which the tables' names begin.
    pub stack: String,
    /// The template's `OrderShards`.
    pub order_shards: String,
    /// What time it is.
    pub clock: Clock,
    /// How much faster than `clock` time passes from the start on for the functions and
    /// the tokens. Streams and queues go by `clock`: what they have is as old as it is.
    pub time_scale: TimeScale,
    /// Who hands functions what streams have.
    pub streams: Streams,
    /// Who calls functions when their schedules say so.
    pub schedules: Schedules,
    /// What goes wrong between the functions and AWS.
    pub faults: Faults,
}

impl Options {
    /// The folder that the data is in, if it is kept.
    fn folder(&self) -> Option<&Path> {
        match &self.storage {
            Storage::File(path) => path.parent(),
            Storage::Memory | Storage::Endpoint(_) => None,
        }
    }
}

/// Why a runner does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}. \
         Another program may use the port: stop it, or choose another with --port (0 takes a free one)"
    )]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The template cannot be played.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A function's binary is not one of ours.
    #[error("Resources.{function}: there is no code called {binary} in functions/src/bin")]
    NoCode {
        /// The function's logical id.
        function: String,
        /// The binary that the template names.
        binary: String,
    },
    /// A function's variables are not enough.
    #[error("Resources.{function}: {source}")]
    Config {
        /// The function's logical id.
        function: String,
        /// What is missing.
        source: ConfigError,
    },
    /// A function is to be called by a stream that no table has.
    #[error("Resources.{function}: {stream} is the stream of no table in this template")]
    NoStream {
        /// The function's logical id.
        function: String,
        /// The stream that the template names.
        stream: String,
    },
    /// What a stream's batches are given up to is no queue.
    #[error("Resources.{function}: {destination} is the ARN of no queue in this template")]
    NoQueue {
        /// The function's logical id.
        function: String,
        /// The failure destination that the template names.
        destination: String,
    },
    /// An authorizer cannot be played.
    #[error(transparent)]
    Authorizer(#[from] AuthorizerError),
    /// The data cannot be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A table cannot be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A stream cannot be read.
    #[error("cannot read a table's stream: {0}")]
    Stream(#[from] CallError),
    /// There is no signing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Opening the data ended early.
    #[error("the runtime is shutting down")]
    Interrupted,
}

/// A running system. Dropping it stops it at once; [`Runner::shutdown`] lets it
/// finish what it has begun.
pub struct Runner {
    address: SocketAddr,
    stage: Option<String>,
    functions: Functions,
    issuer: Arc<Issuer>,
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

impl Runner {
    /// Where HTTP clients go, without a slash at its end.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where WebSocket clients go.
    pub fn live_url(&self) -> String {
        format!("ws://{}/{}", self.address, self.stage.as_deref().unwrap_or_default())
    }

    /// A token for whom `request` describes.
    pub fn token(&self, request: &TokenRequest) -> Result<String, TokenRequestError> {
        self.issuer.token(request)
    }

    /// The issuer of all tokens here.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Calls the function of that binary (or logical id) with an event.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, FunctionError> {
        let response = self.functions.invoke(function, event).await?;
        Ok(serde_json::from_slice(&response).unwrap_or_default())
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
    pub(crate) async fn import(
        &self,
        table: &str,
        items: &[Box<RawValue>],
    ) -> Result<(), CallError> {
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
    /// oldest message first; of a data folder, also before this runner started.
    ///
    /// # Panics
    /// If the template has no queue of that logical id.
    pub fn messages(&self, logical_id: &str) -> io::Result<Vec<Message>> {
        let queue = self.queues.get(logical_id);
        queue.unwrap_or_else(|| panic!("no queue is called {logical_id}")).messages()
    }

    /// Stops accepting, and lets requests, then scheduled calls, then stream batches,
    /// then messages end, each within 10 seconds; closes the sockets with code 1001, and at last
    /// the data, so that another runner can have it.
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
            tracing::warn!("stopped without waiting for all that was in flight");
        }
        // A connection's task may still hold the database for a moment.
        self.db.close().await;
    }
}
