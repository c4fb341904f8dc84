//! The runner's DynamoDB: one in this process, kept by SQLite, or another one
//! reached over HTTP. Both speak DynamoDB's JSON protocol through [`DynamoDb::call`].

use std::path::PathBuf;
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

/// The access key id of every client on the runner, the functions' SDK clients
/// too: DynamoDB Local keeps a database for each pair of key id and Region.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html>
pub const ACCESS_KEY_ID: &str = "local";
/// The Region of every client on the runner; see [`ACCESS_KEY_ID`].
pub const REGION: &str = "local";

/// Where the data is kept.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In this SQLite file; it and its folder are made where they are missing.
    File(PathBuf),
    /// Nowhere: gone when the last clone of the [`DynamoDb`] is dropped.
    Memory,
    /// In the DynamoDB at this address, `http://host:port`.
    Endpoint(String),
}

/// Why there is no DynamoDB.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data file, its lock or its folder cannot be made.
    #[error("cannot write the data file {path}: {source}")]
    Folder {
        /// The data file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process holds the file.
    #[error(
        "another runner is using {0}: stop it, or start this one with another data folder or --memory"
    )]
    InUse(PathBuf),
    /// The database refuses the file.
    #[error("cannot open the database: {0}. Move the data folder away to start with an empty one")]
    Database(#[from] dynoxide::DynoxideError),
    /// SQLite refuses the file.
    #[error(
        "cannot prepare the database: {0}. Move the data folder away to start with an empty one"
    )]
    Sqlite(#[from] rusqlite::Error),
    /// The machine gives no thread.
    #[error("cannot start the database's thread: {0}")]
    Thread(std::io::Error),
    /// The address is none that can be reached.
    #[error("{0:?} is not a DynamoDB endpoint; write it as http://host:port")]
    Endpoint(String),
}

/// A DynamoDB. Clones share it; dropping the last one waits until the calls
/// already made are done and the file is closed.
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
    /// Opens what `storage` names, and blocks for it. `clock` stamps stream records in memory and
    /// tells which of a file's are out of date; the embedded database itself
    /// stamps a file's with the machine's clock.
    pub fn open(storage: &Storage, clock: &Clock) -> Result<Self, OpenError> {
        let backend = match storage {
            Storage::File(path) => embedded::file(path, clock).map(Backend::Embedded)?,
            Storage::Memory => embedded::memory(clock).map(Backend::Embedded)?,
            Storage::Endpoint(url) => Backend::Endpoint(endpoint::Endpoint::new(url, clock)?),
        };
        Ok(Self { backend, commits: watch::Sender::new(()) })
    }

    /// Answers every call with what `script` makes of its target and body.
    #[cfg(test)]
    pub(crate) fn responding(script: fn(&str, &[u8]) -> Value) -> Self {
        let reply = move |target: &str, body: &[u8]| Reply {
            status: 200,
            body: script(target, body).to_string().into(),
        };
        let worker = worker::Worker::start(Box::new(reply)).unwrap();
        Self { backend: Backend::Embedded(Arc::new(worker)), commits: watch::Sender::new(()) }
    }

    /// Makes one call of DynamoDB's JSON protocol. `target` is what its
    /// `X-Amz-Target` header says (`DynamoDB_20120810.PutItem`,
    /// `DynamoDBStreams_20120810.GetRecords`); errors are replies too.
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

    /// Makes one call with the operation's name alone, of DynamoDB or of its
    /// streams, for the runner's own use.
    pub async fn request(&self, operation: &str, request: &Value) -> Result<Value, CallError> {
        let service = match operation {
            "DescribeStream" | "GetRecords" | "GetShardIterator" => "DynamoDBStreams_20120810",
            _ => "DynamoDB_20120810",
        };
        let body = Bytes::from(request.to_string());
        self.call(&format!("{service}.{operation}"), body).await.into_result(operation)
    }

    /// Puts items, in DynamoDB's JSON, in one go and past the table's stream. The
    /// embedded database does this; another one refuses.
    pub(crate) async fn import(
        &self,
        table: &str,
        items: &[Box<RawValue>],
    ) -> Result<(), CallError> {
        let items: Vec<_> = items.iter().map(|item| item.get()).collect();
        let body = format!(r#"{{"TableName":"{table}","Items":[{}]}}"#, items.join(","));
        self.call("Embedded.ImportItems", body.into()).await.into_result("ImportItems").map(drop)
    }

    /// Waits for the calls already made and closes the file, whoever still holds
    /// a clone of this; calls that come later fail.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Embedded(worker) => worker.close().await,
            Backend::Endpoint(_) => {}
        }
    }

    /// Changes whenever a call has written something, whatever the table, so
    /// that who reads a stream need not poll for what this process commits.
    pub fn commits(&self) -> watch::Receiver<()> {
        self.commits.subscribe()
    }
}

/// Whether the operation can write items.
pub(crate) fn writes(operation: &str) -> bool {
    ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&operation)
}

#[cfg(test)]
mod tests;
