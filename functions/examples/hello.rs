//! What Waybill's functions are measured against: the least that a Lambda
//! function with the SDK's `DynamoDB` client can be. `.ci/check-binaries` builds it
//! as they are built.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
    let hello = |_: LambdaEvent<Value>| async {
        let tables = client.list_tables().send().await?;
        Ok::<_, Error>(json!({ "tables": tables.table_names() }))
    };
    lambda_runtime::run(service_fn(hello)).await
}
