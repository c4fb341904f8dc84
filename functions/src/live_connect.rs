//! `$connect` and `$disconnect`: storing a connection and deleting it.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use db::{ConnectionId, Db};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::live::{Identity, response};
use crate::{Environment, EventService, VariableError};

type Request = ApiGatewayWebsocketProxyRequest;
type Response = ApiGatewayProxyResponse;

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Request, Response> + use<>, VariableError> {
    let db = env.db()?;
    Ok(service_fn(move |event: LambdaEvent<Request>| {
        let db = db.clone();
        async move { handle(&db, event.payload).await }
    }))
}

async fn handle(db: &Db, request: Request) -> Result<Response, Error> {
    let context = request.request_context;
    let connection = context.connection_id.ok_or("the event has no connectionId")?;
    let connection = ConnectionId::new(connection);
    match context.event_type.as_deref() {
        Some("CONNECT") => {
            let identity = Identity::from_context(&context.authorizer.fields)?;
            db.connect(&connection, &identity.principal, identity.expires_at).await?;
        }
        Some("DISCONNECT") => db.disconnect(&connection, &[]).await?,
        other => return Err(format!("not a connection event: {other:?}").into()),
    }
    Ok(response(None))
}
