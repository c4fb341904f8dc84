//! `$connect` and `$disconnect`: remembering a connection and forgetting it.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::store::{ConnectionId, Store};

use crate::live::{Identity, answer};
use crate::{Environment, EventService};

type Request = ApiGatewayWebsocketProxyRequest;
type Response = ApiGatewayProxyResponse;

/// The function's handler.
pub fn service(env: &Environment) -> impl EventService<Request, Response> + use<> {
    let store = env.store();
    service_fn(move |event: LambdaEvent<Request>| {
        let store = store.clone();
        async move { handle(&store, event.payload).await }
    })
}

async fn handle(store: &Store, request: Request) -> Result<Response, Error> {
    let context = request.request_context;
    let connection = context.connection_id.ok_or("the event has no connectionId")?;
    let connection = ConnectionId::new(connection);
    match context.event_type.as_deref() {
        Some("CONNECT") => {
            let identity = Identity::from_context(&context.authorizer.fields)?;
            store.connect(&connection, &identity.principal, identity.expires_at).await?;
        }
        Some("DISCONNECT") => store.disconnect(&connection, &[]).await?,
        other => return Err(format!("no event of a connection: {other:?}").into()),
    }
    Ok(answer(None))
}
