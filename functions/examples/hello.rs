//! The baseline that Waybill's functions are measured against: the smallest Lambda function with
//! the SDK's `DynamoDB` client, built in the same way. It can be told to panic, to show that a
//! panic ends only its own invocation.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
    let hello = async |event: LambdaEvent<Value>| {
        assert!(event.payload["panic"].is_null(), "told to panic");
        let tables = client.list_tables().send().await?;
        Ok::<_, Error>(json!({ "tables": tables.table_names() }))
    };
    lambda_runtime::run(service_fn(hello)).await
}
