//! `$default`: what clients say.

mod action;
mod listing;
mod rate;
mod subscribe;

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::domain::Principal;
use shared::edge::Clock;
use shared::http::{CursorKey, Kind, Problem};
use shared::store::{ConnectionId, Store};

pub(crate) use self::action::Action;
use self::rate::{BURST, PER_SECOND, Rates, Verdict};
use crate::live::{Connections, Ending, Frame, Identity, answer};
use crate::{Environment, EventService};

type Request = ApiGatewayWebsocketProxyRequest;
type Response = ApiGatewayProxyResponse;

struct Live {
    store: Store,
    connections: Connections,
    cursors: CursorKey,
    clock: Clock,
    rates: Rates,
}

/// The function's handler.
pub fn service(env: &Environment) -> impl EventService<Request, Response> + use<> {
    let live = Arc::new(Live {
        store: env.store(),
        connections: Connections::new(env),
        cursors: CursorKey::new(&env.config.cursor_key),
        clock: env.clock.clone(),
        rates: Rates::default(),
    });
    service_fn(move |event: LambdaEvent<Request>| {
        let live = Arc::clone(&live);
        async move { live.handle(event.payload).await }
    })
}

/// Whose message it is.
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
            self.end(&connection, Ending::TokenExpired).await?;
            return Ok(answer(None));
        }
        let frame = match self.rates.count(&connection, now) {
            Verdict::Taken => {
                let sender = Sender { connection, identity };
                self.hear(&sender, request.body.as_deref().unwrap_or_default()).await
            }
            Verdict::Refused => Frame::problem(&too_many_messages(), None),
            Verdict::Last => {
                self.end(&connection, Ending::TooManyMessages).await?;
                return Ok(answer(None));
            }
        };
        Ok(answer(Some(&frame)))
    }

    /// Ends a connection.
    async fn end(&self, connection: &ConnectionId, reason: Ending) -> Result<(), Error> {
        let frame = Frame::Closing { reason };
        let told = self.connections.post(connection, frame.to_json()).await;
        if let Err(error) = told {
            tracing::info!(connection.id = %connection, error = ?error, "not told of its end");
        }
        self.connections.close(connection).await;
        Ok(self.store.disconnect(connection, &[]).await?)
    }

    async fn hear(&self, sender: &Sender, message: &str) -> Frame {
        let action = match Action::parse(message) {
            Ok(action) => action,
            Err(problem) => return Frame::problem(&problem, None),
        };
        let topic = action.topic().map(ToString::to_string);
        let done = self.act(sender, action).await;
        done.unwrap_or_else(|problem| Frame::problem(&problem, topic))
    }

    async fn act(&self, sender: &Sender, action: Action) -> Result<Frame, Problem> {
        let principal = sender.principal();
        match action {
            Action::Ping => Ok(Frame::Pong),
            Action::Subscribe(topic, after) => self.subscribe(sender, &topic, after).await,
            Action::Unsubscribe(topic) => {
                self.store.unsubscribe(&sender.connection, &topic).await?;
                Ok(Frame::Unsubscribed { topic: topic.to_string() })
            }
            Action::Snapshot(of, cursor) => self.snapshot(principal, &of, cursor.as_ref()).await,
            Action::Recheck(of, since, cursor) => {
                self.recheck(principal, of, since, cursor.as_ref()).await
            }
            Action::Fetch(topic, orders) => self.fetch(principal, &topic, &orders).await,
        }
    }
}

fn too_many_messages() -> Problem {
    let detail = format!(
        "A connection sends {BURST} messages at once at most, and {PER_SECOND} a second. \
         This one was not dealt with: send it later."
    );
    Problem::new(Kind::TooManyMessages, detail)
}
