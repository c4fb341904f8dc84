//! `$default`: the messages from clients.

mod fleet;
mod listing;
mod message;
mod rate;
mod subscribe;
mod watch;

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use clock::Clock;
use db::{ConnectionId, Db, DbError};
use domain::{DriverId, Principal, Role};
use http_api::{CursorKey, Problem, ProblemKind};
use lambda_runtime::{Error, LambdaEvent, service_fn};

pub(crate) use self::message::ClientMessage;
use self::rate::{BURST, PER_SECOND, Rates, Verdict};
use crate::app::State;
use crate::live::{Connections, Ending, Frame, Identity, response};
use crate::positions::{Positions, Upload};
use crate::{Environment, EventService, VariableError};

type Request = ApiGatewayWebsocketProxyRequest;
type Response = ApiGatewayProxyResponse;

struct Live {
    db: Db,
    connections: Connections,
    cursors: CursorKey,
    clock: Clock,
    positions: Positions,
    rates: Rates,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Request, Response> + use<>, VariableError> {
    let live = Arc::new(Live {
        db: env.db()?,
        connections: Connections::new(env)?,
        cursors: env.cursor_key()?,
        clock: env.clock.clone(),
        positions: Positions::new(env)?,
        rates: Rates::default(),
    });
    Ok(service_fn(move |event: LambdaEvent<Request>| {
        let live = Arc::clone(&live);
        // Boxed, because what an upload needs would make the future large.
        async move { Box::pin(live.handle(event.payload)).await }
    }))
}

/// The reason that a message was not processed.
enum Refusal {
    /// The client receives the problem, and the connection stays open.
    Problem(Problem),
    /// The connection was deleted: the relay could not reach it and could not close it either.
    /// Its client would receive nothing.
    Gone,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Problem(error.into())
    }
}

/// The sender of a message.
struct Sender {
    connection: ConnectionId,
    identity: Identity,
}

impl Sender {
    fn principal(&self) -> &Principal {
        &self.identity.principal
    }
}

impl Live {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        let context = request.request_context;
        let connection = context.connection_id.ok_or("the event has no connectionId")?;
        let connection = ConnectionId::new(connection);
        let identity = Identity::from_context(&context.authorizer.fields)?;
        let now = self.clock.now();
        if identity.expires_at <= now {
            self.connections.end(&self.db, &connection, Ending::TokenExpired).await?;
            return Ok(response(None));
        }
        let sender = Sender { connection, identity };
        let handled = match self.rates.count(&sender.connection, now) {
            Verdict::Taken => self.read(&sender, request.body.as_deref().unwrap_or_default()).await,
            Verdict::Refused => Ok(Frame::problem(&too_many_messages(), None)),
            Verdict::Last => Err(Ending::TooManyMessages),
        };
        match handled {
            Ok(frame) => Ok(response(Some(&frame))),
            Err(reason) => {
                self.connections.end(&self.db, &sender.connection, reason).await?;
                Ok(response(None))
            }
        }
    }

    /// Returns the response, or the reason to close the connection.
    async fn read(&self, sender: &Sender, text: &str) -> Result<Frame, Ending> {
        let message = match ClientMessage::parse(text) {
            Ok(message) => message,
            Err(problem) => return Ok(Frame::problem(&problem, None)),
        };
        let topic = message.topic().map(ToString::to_string);
        match self.act(sender, message).await {
            Ok(frame) => Ok(frame),
            Err(Refusal::Problem(problem)) => Ok(Frame::problem(&problem, topic)),
            Err(Refusal::Gone) => Err(Ending::NotReached),
        }
    }

    async fn act(&self, sender: &Sender, message: ClientMessage) -> Result<Frame, Refusal> {
        let principal = sender.principal();
        match message {
            ClientMessage::Ping => {
                let is_connected = self.db.is_connected(&sender.connection).await?;
                if is_connected { Ok(Frame::Pong) } else { Err(Refusal::Gone) }
            }
            ClientMessage::Subscribe(topic, after) => self.subscribe(sender, &topic, after).await,
            ClientMessage::Unsubscribe(topic) => {
                self.db.unsubscribe(&sender.connection, &topic).await?;
                Ok(Frame::Unsubscribed { topic: topic.to_string() })
            }
            ClientMessage::Snapshot(of, cursor) => {
                Ok(self.snapshot(sender, &of, cursor.as_ref()).await?)
            }
            ClientMessage::Recheck(of, since, cursor) => {
                Ok(self.recheck(principal, of, since, cursor.as_ref()).await?)
            }
            ClientMessage::Fetch(topic, orders) => {
                Ok(self.fetch(principal, &topic, &orders).await?)
            }
            ClientMessage::Positions(upload) => Ok(self.keep(principal, upload).await?),
        }
    }
}

impl Live {
    /// Keeps the positions of the driver who sends them.
    async fn keep(&self, principal: &Principal, upload: Upload) -> Result<Frame, Problem> {
        if principal.role() != Role::Driver {
            let detail = "Only a driver can send positions over a connection: its own.";
            return Err(Problem::new(ProblemKind::Forbidden, detail));
        }
        let at = self.positions.whereabouts(principal, &DriverId::from(&principal.id)).await?;
        Ok(Frame::PositionsReceived(self.positions.receive(principal, at, upload).await?))
    }
}

fn too_many_messages() -> Problem {
    let detail = format!(
        "A connection can send {PER_SECOND} messages per second, in bursts of {BURST}. This \
         message was not processed; send it again later."
    );
    Problem::new(ProblemKind::TooManyMessages, detail)
}
