//! `$default`: what clients say.

mod action;

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::domain::{Principal, visibility};
use shared::edge::Clock;
use shared::http::{Kind, Problem};
use shared::store::{ConnectionId, MAX_TOPICS, Store, SubscribeError};
use shared::topics::{Access, Topic};

pub(crate) use self::action::Action;
use crate::live::{Connections, Frame, Identity, answer};
use crate::{Environment, EventService};

type Request = ApiGatewayWebsocketProxyRequest;
type Response = ApiGatewayProxyResponse;

struct Live {
    store: Store,
    connections: Connections,
    clock: Clock,
}

/// The function's handler.
pub fn service(env: &Environment) -> impl EventService<Request, Response> + use<> {
    let live = Arc::new(Live {
        store: env.store(),
        connections: Connections::new(env),
        clock: env.clock.clone(),
    });
    service_fn(move |event: LambdaEvent<Request>| {
        let live = Arc::clone(&live);
        async move { live.handle(event.payload).await }
    })
}

impl Live {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        let context = request.request_context;
        let connection = context.connection_id.ok_or("the event has no connectionId")?;
        let connection = ConnectionId::new(connection);
        let identity = Identity::from_context(&context.authorizer.fields)?;
        if identity.expires_at <= self.clock.now() {
            self.end(&connection).await?;
            return Ok(answer(None));
        }
        let frame = match Action::parse(request.body.as_deref().unwrap_or_default()) {
            Ok(action) => self.act(&connection, &identity, action).await,
            Err(problem) => Frame::problem(&problem, None),
        };
        Ok(answer(Some(&frame)))
    }

    /// Ends a connection whose token has ended.
    async fn end(&self, connection: &ConnectionId) -> Result<(), Error> {
        let frame = Frame::Closing { reason: "token-expired" };
        let told = self.connections.post(connection, frame.to_json()).await;
        if let Err(error) = told {
            tracing::info!(connection.id = %connection, error = ?error, "not told of its end");
        }
        self.connections.close(connection).await;
        Ok(self.store.disconnect(connection, &[]).await?)
    }

    async fn act(&self, connection: &ConnectionId, identity: &Identity, action: Action) -> Frame {
        let (topic, done) = match action {
            Action::Ping => return Frame::Pong,
            Action::Subscribe(topic) => {
                let done = self.subscribe(connection, identity, &topic).await;
                (topic.to_string(), done.map(|()| Frame::Subscribed { topic: topic.to_string() }))
            }
            Action::Unsubscribe(topic) => {
                let done = self.store.unsubscribe(connection, &topic).await.map_err(Problem::from);
                (topic.to_string(), done.map(|()| Frame::Unsubscribed { topic: topic.to_string() }))
            }
        };
        done.unwrap_or_else(|problem| Frame::problem(&problem, Some(topic)))
    }

    async fn subscribe(
        &self,
        connection: &ConnectionId,
        identity: &Identity,
        topic: &Topic,
    ) -> Result<(), Problem> {
        let Identity { principal, expires_at } = identity;
        self.check(principal, topic).await?;
        self.store.subscribe(connection, principal, *expires_at, topic).await.map_err(refused)
    }

    async fn check(&self, principal: &Principal, topic: &Topic) -> Result<(), Problem> {
        match topic.access(principal) {
            Access::Granted => Ok(()),
            Access::Refused => {
                let detail = "This topic is not for you. Subscribe to one of your own.";
                Err(Problem::new(Kind::Forbidden, detail))
            }
            Access::IfSeen(id) => {
                let head = self.store.head(id).await?;
                let seen = head.is_some_and(|head| visibility::sees(principal, &head.order));
                if seen { Ok(()) } else { Err(Problem::not_found()) }
            }
        }
    }
}

fn refused(error: SubscribeError) -> Problem {
    match error {
        SubscribeError::Refused => {
            let detail =
                format!("A connection listens to {MAX_TOPICS} topics at most. Unsubscribe first.");
            Problem::new(Kind::TooManyTopics, detail)
        }
        SubscribeError::Store(error) => error.into(),
    }
}
