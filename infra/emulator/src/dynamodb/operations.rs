//! Dispatches an operation by its name to the embedded database's method.

use dynoxide::types::Item;
use dynoxide::{Database, ImportOptions};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Reply;

/// Executes a call; blocks. Supports only the operations that Waybill and the runner use.
pub(super) fn execute(db: &Database, target: &str, body: &[u8]) -> Reply {
    match target.split_once('.') {
        Some(("DynamoDB_20120810", operation)) => execute_on_tables(db, operation, body),
        Some(("DynamoDBStreams_20120810", operation)) => execute_on_streams(db, operation, body),
        Some(("Embedded", "ImportItems")) => run(body, |request| import_items(db, request)),
        _ => unknown(target),
    }
}

fn execute_on_tables(db: &Database, operation: &str, body: &[u8]) -> Reply {
    match operation {
        "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
        "CreateTable" => run(body, |request| db.create_table(request)),
        "DeleteItem" => run(body, |request| db.delete_item(request)),
        "DescribeTable" => run(body, |request| db.describe_table(request)),
        "DescribeTimeToLive" => run(body, |request| db.describe_time_to_live(request)),
        "GetItem" => run(body, |request| db.get_item(request)),
        "PutItem" => run(body, |request| db.put_item(request)),
        "Query" => run(body, |request| db.query(request)),
        "Scan" => run(body, |request| db.scan(request)),
        "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
        "UpdateItem" => run(body, |request| db.update_item(request)),
        "UpdateTable" => run(body, |request| db.update_table(request)),
        "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
        _ => unknown(operation),
    }
}

fn execute_on_streams(db: &Database, operation: &str, body: &[u8]) -> Reply {
    match operation {
        "DescribeStream" => run(body, |request| db.describe_stream(request)),
        "GetRecords" => run(body, |request| db.get_records(request)),
        "GetShardIterator" => run(body, |request| db.get_shard_iterator(request)),
        _ => unknown(operation),
    }
}

/// A bulk put that bypasses the stream; DynamoDB has no equivalent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Import {
    table_name: String,
    items: Vec<Item>,
}

fn import_items(db: &Database, Import { table_name, items }: Import) -> dynoxide::Result<Value> {
    db.import_items(&table_name, items, ImportOptions::default()).map(|_| json!({}))
}

fn run<Request: DeserializeOwned, Response: Serialize>(
    body: &[u8],
    method: impl FnOnce(Request) -> dynoxide::Result<Response>,
) -> Reply {
    let request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return unreadable(&error.to_string()),
    };
    match method(request).map(|response| serde_json::to_vec(&response)) {
        Ok(Ok(body)) => Reply { status: 200, body: body.into() },
        Ok(Err(error)) => Reply::internal_server_error(&error.to_string()),
        Err(error) => error.into(),
    }
}

/// Turns a parse error into an error reply. The database's types distinguish invalid requests
/// from unparsable ones by a prefix that ends in a colon.
fn unreadable(message: &str) -> Reply {
    match message.split_once(':') {
        Some((mark, invalid)) if mark.starts_with("VALIDATION") => {
            Reply::error(400, "ValidationException", invalid)
        }
        Some((mark, wrong)) if mark.starts_with("SERIALIZATION") => {
            Reply::error(400, "SerializationException", wrong)
        }
        _ => Reply::error(400, "SerializationException", message),
    }
}

fn unknown(operation: &str) -> Reply {
    let message = format!("The embedded DynamoDB does not support the operation {operation}");
    Reply::error(400, "UnknownOperationException", &message)
}
