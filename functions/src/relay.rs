//! (under construction)

use aws_lambda_events::streams::DynamoDbEventResponse;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tower::Service;

use crate::Environment;

/// The function's handler.
pub fn service(
    _env: &Environment,
) -> impl Service<LambdaEvent<Value>, Response = DynamoDbEventResponse, Error = Error, Future: Send>
+ Clone
+ Send
+ 'static {
    service_fn(|_event: LambdaEvent<Value>| async move {
        Err::<DynamoDbEventResponse, Error>("under construction".into())
    })
}
