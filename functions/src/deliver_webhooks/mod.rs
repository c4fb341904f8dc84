//! Sends messages to the endpoints of merchants, one attempt at a time.
//!
//! Endpoints that are slow must not delay the others. So an attempt has little time at first; a
//! message that takes longer moves to the queue of slow endpoints, where it has the time that the
//! specification allows, and the endpoint's next messages go there at once.

mod attempt;
mod patience;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use clock::Clock;
use db::Db;
use domain::WebhookId;
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tokio::sync::Semaphore;

use self::patience::Patience;
use crate::egress::Egress;
use crate::queue::response;
use crate::webhooks::{Queued, WebhookQueue};
use crate::{Environment, EventService, VariableError};

/// The number of attempts of an invocation that run concurrently: those of a whole batch.
const CONCURRENT: usize = 10;

/// The number of attempts that an invocation makes concurrently at one endpoint.
const PER_ENDPOINT: usize = 4;

struct Sender {
    db: Db,
    egress: Egress,
    queue: WebhookQueue,
    slow: WebhookQueue,
    slow_arn: String,
    clock: Clock,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<SqsEvent, SqsBatchResponse> + use<>, VariableError> {
    let sender = Arc::new(Sender {
        db: env.db()?,
        egress: Egress::new(env)?,
        queue: WebhookQueue::new(env, "WEBHOOK_QUEUE_URL")?,
        slow: WebhookQueue::new(env, "SLOW_WEBHOOK_QUEUE_URL")?,
        slow_arn: env.variables.get("SLOW_WEBHOOK_QUEUE_ARN")?,
        clock: env.clock.clone(),
    });
    Ok(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let sender = Arc::clone(&sender);
        async move { Ok::<_, Error>(sender.send_all(event.payload.records).await) }
    }))
}

impl Sender {
    /// Sends a batch. A message that cannot be processed comes again, and goes to the dead-letter
    /// queue in the end.
    async fn send_all(&self, records: Vec<SqsMessage>) -> SqsBatchResponse {
        let mut places: HashMap<WebhookId, Arc<Semaphore>> = HashMap::new();
        let messages = records.into_iter().map(|record| {
            let receives = record.attributes.get("ApproximateReceiveCount");
            let is_redelivered = receives.is_some_and(|receives| receives != "1");
            let queued = record.body.as_deref().map(serde_json::from_str::<Queued>);
            let queued = queued.map(|it| {
                it.map(|queued| Queued {
                    redelivered: queued.redelivered || is_redelivered,
                    ..queued
                })
            });
            let place = match &queued {
                Some(Ok(queued)) => {
                    let places = places.entry(queued.endpoint.clone());
                    Arc::clone(places.or_insert_with(|| Arc::new(Semaphore::new(PER_ENDPOINT))))
                }
                Some(Err(_)) | None => Arc::new(Semaphore::new(1)),
            };
            let patience =
                Patience::with(record.event_source_arn.as_deref() == Some(&*self.slow_arn));
            (record.message_id.unwrap_or_default(), queued, patience, place)
        });
        let messages: Vec<_> = messages.collect();
        let sent = stream::iter(messages).map(async |(id, queued, patience, place)| {
            // The semaphore is never closed.
            let _place = place.acquire().await;
            let (webhook, message) = match &queued {
                Some(Ok(it)) => (Some(it.endpoint.to_string()), Some(it.message.to_string())),
                Some(Err(_)) | None => (None, None),
            };
            let sent = match queued {
                Some(Ok(queued)) => self.send(queued, patience).await,
                Some(Err(error)) => Err(error.into()),
                None => Err("the message has no body".into()),
            };
            sent.err().map(|error| {
                tracing::error!(
                    sqs.id = id,
                    webhook.id = webhook,
                    message.id = message,
                    %error,
                    "a webhook message was not processed"
                );
                id
            })
        });
        let failed: Vec<_> = sent.buffer_unordered(CONCURRENT).collect().await;
        response(failed.into_iter().flatten())
    }
}
