//! (under construction)

use aws_lambda_events::apigw::{
    ApiGatewayCustomAuthorizerRequestTypeRequest, ApiGatewayCustomAuthorizerResponse,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tower::Service;

use crate::Environment;

/// The function's handler.
pub fn service(
    _env: &Environment,
) -> impl Service<
    LambdaEvent<ApiGatewayCustomAuthorizerRequestTypeRequest>,
    Response = ApiGatewayCustomAuthorizerResponse,
    Error = Error,
    Future: Send,
> + Clone
+ Send
+ 'static {
    service_fn(|_event: LambdaEvent<ApiGatewayCustomAuthorizerRequestTypeRequest>| async move {
        Err::<ApiGatewayCustomAuthorizerResponse, Error>("under construction".into())
    })
}
