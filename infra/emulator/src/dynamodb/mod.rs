//! The runner's DynamoDB: an embedded one in this process, stored by SQLite, or an external one
//! reached over HTTP. Both speak DynamoDB's JSON protocol through [`DynamoDb::call`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clock::Clock;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::watch;

mod embedded;
mod endpoint;
mod operations;
mod reply;
mod table;
mod worker;

pub use reply::{CallError, Reply};
pub use table::{Table, TableError, create_table};

/// The access key id of every client on the runner, including the functions' SDK clients:
/// DynamoDB Local keeps a separate database for each pair of key id and Region.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html>
pub const ACCESS_KEY_ID: &str = "local";
/// The Region of every client on the runner; see [`ACCESS_KEY_ID`].
pub const REGION: &str = "local";

/// The location of the data.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In this SQLite file; the file and its folder are created if they are missing.
    File(PathBuf),
    /// In memory; lost when the last clone of the [`DynamoDb`] is dropped.
    Memory,
    /// In the DynamoDB at this address, `http://host:port`.
    Endpoint(String),
}

impl Storage {
    /// Returns the folder of the data, if the data is kept in a file.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(path) => path.parent(),
            Self::Memory | Self::Endpoint(_) => None,
        }
    }
}

/// An error that prevents opening a DynamoDB.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data file, its lock or its folder cannot be created.
    #[error("cannot write the data file {path}: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    /// Another process has locked the file.
    #[error(
        "another runner is using {0}: stop it, or start this one with another data folder or --memory"
    )]
    InUse(PathBuf),
    /// The embedded database rejects the file.
    #[error("cannot open the database: {0}. Move the data folder away to start with an empty one")]
    Database(#[from] dynoxide::DynoxideError),
    /// SQLite rejects the file.
    #[error(
        "cannot prepare the database: {0}. Move the data folder away to start with an empty one"
    )]
    Sqlite(#[from] rusqlite::Error),
    /// The operating system cannot start a thread.
    #[error("cannot start the database's thread: {0}")]
    Thread(std::io::Error),
    /// The address is not a plain HTTP URL.
    #[error("{0:?} is not a DynamoDB endpoint; write it as http://host:port")]
    Endpoint(String),
}

/// A DynamoDB. Clones share it; dropping the last one waits until the calls already made have
/// finished and the file is closed.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    backend: Backend,
    commits: watch::Sender<()>,
}

#[derive(Clone, Debug)]
enum Backend {
    Embedded(Arc<worker::Worker>),
    Endpoint(endpoint::Endpoint),
}

impl DynamoDb {
    /// Opens the database that `storage` names; blocks. `clock` stamps the stream records of a
    /// database in memory and decides which records of a file have expired; the embedded database
    /// itself stamps the records of a file with the machine's clock.
    pub fn open(storage: &Storage, clock: &Clock) -> Result<Self, OpenError> {
        let backend = match storage {
            Storage::File(path) => embedded::file(path, clock).map(Backend::Embedded)?,
            Storage::Memory => embedded::memory(clock).map(Backend::Embedded)?,
            Storage::Endpoint(url) => Backend::Endpoint(endpoint::Endpoint::new(url, clock)?),
        };
        Ok(Self { backend, commits: watch::Sender::new(()) })
    }

    /// Returns a DynamoDB that answers every call with the result of `script` for its target and
    /// body.
    #[cfg(test)]
    pub(crate) fn responding(script: fn(&str, &[u8]) -> Value) -> Self {
        let reply = move |target: &str, body: &[u8]| Reply {
            status: 200,
            body: script(target, body).to_string().into(),
        };
        let worker = worker::Worker::start(Box::new(reply)).unwrap();
        Self { backend: Backend::Embedded(Arc::new(worker)), commits: watch::Sender::new(()) }
    }

    /// Makes a call in DynamoDB's JSON protocol. `target` is the value of the `X-Amz-Target`
    /// header (`DynamoDB_20120810.PutItem`, `DynamoDBStreams_20120810.GetRecords`). An error is a
    /// reply too.
    pub async fn call(&self, target: &str, body: Bytes) -> Reply {
        let reply = match &self.backend {
            Backend::Embedded(worker) => worker.call(target.to_owned(), body).await,
            Backend::Endpoint(endpoint) => endpoint.call(target, body).await,
        };
        if reply.status == 200 && writes(target.rsplit('.').next().unwrap_or_default()) {
            self.commits.send_replace(());
        }
        reply
    }

    /// Makes a call for the runner's own use. `operation` is the bare name of an operation of
    /// DynamoDB or DynamoDB Streams.
    pub async fn request(&self, operation: &str, request: &Value) -> Result<Value, CallError> {
        let service = match operation {
            "DescribeStream" | "GetRecords" | "GetShardIterator" => "DynamoDBStreams_20120810",
            _ => "DynamoDB_20120810",
        };
        let body = Bytes::from(request.to_string());
        self.call(&format!("{service}.{operation}"), body).await.into_result(operation)
    }

    /// Puts items, in DynamoDB's JSON, in one call and without stream records. Only the embedded
    /// database supports this.
    pub(crate) async fn import(
        &self,
        table: &str,
        items: &[Box<RawValue>],
    ) -> Result<(), CallError> {
        let items: Vec<_> = items.iter().map(|item| item.get()).collect();
        let body = format!(r#"{{"TableName":"{table}","Items":[{}]}}"#, items.join(","));
        self.call("Embedded.ImportItems", body.into()).await.into_result("ImportItems").map(drop)
    }

    /// Waits for the calls already made and closes the file, even if there are other clones;
    /// later calls fail.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Embedded(worker) => worker.close().await,
            Backend::Endpoint(_) => {}
        }
    }

    /// Returns a receiver that changes after each successful write to any table, so that readers
    /// of a stream notice the commits of this process without polling.
    pub fn commits(&self) -> watch::Receiver<()> {
        self.commits.subscribe()
    }
}

/// Returns true if the operation can write items.
pub(crate) fn writes(operation: &str) -> bool {
    ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&operation)
}

#[cfg(test)]
mod tests;
