//! The outbox: reads the stream of `orders` and queues a message for each endpoint that wants an
//! event. Whatever leaves Waybill leaves from here, never from a request.

mod endpoints;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use db::MessageId;
use domain::webhooks::EventType;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use self::endpoints::Endpoints;
pub(crate) use self::endpoints::REMEMBERED;
use crate::changes::{Batch, Change, Content, Failures};
use crate::webhooks::{Queued, WebhookQueue};
use crate::{Environment, EventService, VariableError};

/// The input of the outbox: a batch of the stream of `orders`.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

struct Outbox {
    endpoints: Endpoints,
    webhooks: WebhookQueue,
    failures: Failures,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Input, DynamoDbEventResponse> + use<>, VariableError> {
    let outbox = Arc::new(Outbox {
        endpoints: Endpoints::new(env.db()?, env.clock.clone()),
        webhooks: WebhookQueue::new(env, "WEBHOOK_QUEUE_URL")?,
        failures: Failures::new(env, "OUTBOX_FAILURES_URL", Content::Ids)?,
    });
    Ok(service_fn(move |event: LambdaEvent<Input>| {
        let outbox = Arc::clone(&outbox);
        async move { outbox.publish(&event.payload.records).await }
    }))
}

impl Outbox {
    /// Queues the messages about a batch. A record that cannot be parsed is moved to the failure
    /// queue. The batch is retried from the first record whose messages were not all queued, and
    /// receivers get the later ones again.
    async fn publish(&self, records: &[Value]) -> Result<DynamoDbEventResponse, Error> {
        let batch = Batch::read(records);
        let (mut queued, mut places) = (Vec::new(), Vec::new());
        for (place, change) in &batch.changes {
            let messages = self.messages(change).await?;
            places.extend(messages.iter().map(|_| *place));
            queued.extend(messages);
        }
        let refused = self.webhooks.send_all(&queued).await?;
        let mut again: BTreeSet<_> = refused.into_iter().map(|index| places[index]).collect();
        again.extend(self.failures.set_aside(records, batch.unreadable).await);
        let first =
            again.first().and_then(|place| records[*place]["dynamodb"]["SequenceNumber"].as_str());
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(first.map(failure));
        Ok(response)
    }

    /// Returns the messages about a change: one for each event and endpoint that wants it.
    async fn messages(&self, change: &Change) -> Result<Vec<Queued>, Error> {
        let order = &change.new;
        let endpoints = self.endpoints.of(&order.placed.merchant).await?;
        let wanted = change.events.iter().flat_map(|event| {
            let event_type = EventType::of(&event.data);
            let wanting = endpoints.iter().filter(move |it| it.wants(order, event_type));
            let message = MessageId { order: order.id, version: event.version };
            wanting.map(move |endpoint| Queued::first(endpoint, message))
        });
        Ok(wanted.collect())
    }
}

fn failure(sequence_number: &str) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number.to_owned());
    failure
}
