//! (under construction)

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tower::Service;

use crate::Environment;

/// The function's handler.
pub fn service(
    _env: &Environment,
) -> impl Service<
    LambdaEvent<ApiGatewayWebsocketProxyRequest>,
    Response = ApiGatewayProxyResponse,
    Error = Error,
    Future: Send,
> + Clone
+ Send
+ 'static {
    service_fn(|_event: LambdaEvent<ApiGatewayWebsocketProxyRequest>| async move {
        Err::<ApiGatewayProxyResponse, Error>("under construction".into())
    })
}
