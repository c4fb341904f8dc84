//! The outbox: reads the stream of `orders` and queues a message for each endpoint that wants an
//! event, and one that wakes dispatch when it has something to do. Whatever leaves Waybill leaves
//! from here, never from a request.

mod endpoints;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use clock::Clock;
use db::MessageId;
use domain::webhooks::EventType;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use self::endpoints::Endpoints;
pub(crate) use self::endpoints::REMEMBERED;
use crate::changes::{Batch, Change, Content, Failures};
use crate::dispatch::{DispatchQueue, Wake};
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
    dispatch: DispatchQueue,
    clock: Clock,
    failures: Failures,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Input, DynamoDbEventResponse> + use<>, VariableError> {
    let outbox = Arc::new(Outbox {
        endpoints: Endpoints::new(env.db()?, env.clock.clone()),
        webhooks: WebhookQueue::new(env, "WEBHOOK_QUEUE_URL")?,
        dispatch: DispatchQueue::new(env, "DISPATCH_QUEUE_URL")?,
        clock: env.clock.clone(),
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
        // First: no driver waits for the webhooks of another merchant.
        let mut again: BTreeSet<_> = self.wake_dispatch(&batch).await?.into_iter().collect();
        let (mut queued, mut places) = (Vec::new(), Vec::new());
        for (place, change) in &batch.changes {
            let messages = self.messages(change).await?;
            places.extend(messages.iter().map(|_| *place));
            queued.extend(messages);
        }
        let refused = self.webhooks.send_all(&queued).await?;
        again.extend(refused.into_iter().map(|index| places[index]));
        again.extend(self.failures.set_aside(records, batch.unreadable).await);
        let first =
            again.first().and_then(|place| records[*place]["dynamodb"]["SequenceNumber"].as_str());
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(first.map(failure));
        Ok(response)
    }

    /// Queues the messages that wake dispatch; returns the places of the changes whose messages SQS
    /// did not accept.
    async fn wake_dispatch(&self, batch: &Batch) -> Result<Vec<usize>, Error> {
        let wakes = batch.changes.iter().filter_map(|(at, it)| Some((*at, Wake::after(it)?)));
        let (places, wakes): (Vec<_>, Vec<_>) = wakes.unzip();
        let now = self.clock.now();
        let refused = self.dispatch.send_all_after(&wakes, |wake| wake.delay(now)).await?;
        Ok(refused.into_iter().map(|index| places[index]).collect())
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
