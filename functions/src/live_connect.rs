//! `$connect` and `$disconnect`: storing a connection and deleting it.

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use clock::Clock;
use db::{ConnectError, ConnectionId, Db, DbError};
use http::StatusCode;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::live::{ConnectionBound, Identity, response};
use crate::{Environment, EventService, VariableError};

type Request = ApiGatewayWebsocketProxyRequest;
type Response = ApiGatewayProxyResponse;

struct LiveConnect {
    db: Db,
    bound: ConnectionBound,
    clock: Clock,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Request, Response> + use<>, VariableError> {
    let (db, bound) = (env.db()?, ConnectionBound::new(env)?);
    let connect = Arc::new(LiveConnect { db, bound, clock: env.clock.clone() });
    Ok(service_fn(move |event: LambdaEvent<Request>| {
        let connect = Arc::clone(&connect);
        async move { connect.handle(event.payload).await }
    }))
}

impl LiveConnect {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        let context = request.request_context;
        let connection = context.connection_id.ok_or("the event has no connectionId")?;
        let connection = ConnectionId::new(connection);
        match context.event_type.as_deref() {
            Some("CONNECT") => {
                let identity = Identity::from_context(&context.authorizer.fields)?;
                Ok(self.connect(&connection, &identity).await?)
            }
            Some("DISCONNECT") => {
                self.db.disconnect(&connection, &[]).await?;
                Ok(response(None))
            }
            other => Err(format!("not a connection event: {other:?}").into()),
        }
    }

    /// Stores the connection, or refuses the handshake with 429 if its principal has no room. The
    /// refusal has no body, because API Gateway documents none for a handshake: the ticket that a
    /// client needs for another try is refused with the problem.
    async fn connect(
        &self,
        connection: &ConnectionId,
        identity: &Identity,
    ) -> Result<Response, DbError> {
        let Identity { principal, expires_at } = identity;
        let Some(most) = self.bound.of(principal.role()) else {
            self.db.connect(connection, principal, *expires_at).await?;
            return Ok(response(None));
        };
        let now = self.clock.now();
        match self.db.connect_within(most, connection, principal, *expires_at, now).await {
            Ok(()) => Ok(response(None)),
            Err(ConnectError::Full) => {
                let role = principal.role().name();
                tracing::info!(role, most, "a principal has too many connections");
                let mut refusal = response(None);
                refusal.status_code = StatusCode::TOO_MANY_REQUESTS.as_u16().into();
                Ok(refusal)
            }
            Err(ConnectError::Db(error)) => Err(error),
        }
    }
}
