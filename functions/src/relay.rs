//! From the stream of `orders` to the clients that may see each change.

mod batch;
mod delivery;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::domain::time::Timestamp;
use shared::domain::{Order, OrderId};
use shared::edge::Clock;
use shared::store::{ConnectionId, Store, StoreError, Subscriber};
use shared::topics::Topic;

pub use self::batch::Batch;
use self::batch::Change;
use self::delivery::Delivery;
use crate::live::{Connections, Frame, PostError};
use crate::{Environment, EventService};

/// How many topics are read at once.
const READS: usize = 16;

/// How many connections are posted to at once.
const POSTS: usize = 64;

/// How many heads one request reads: `DynamoDB`'s bound on a batch.
const HEADS: usize = 100;

struct Relay {
    store: Store,
    connections: Connections,
    clock: Clock,
}

/// The function's handler.
pub fn service(env: &Environment) -> impl EventService<Batch, DynamoDbEventResponse> + use<> {
    let relay = Arc::new(Relay {
        store: env.store(),
        connections: Connections::new(env),
        clock: env.clock.clone(),
    });
    service_fn(move |event: LambdaEvent<Batch>| {
        let relay = Arc::clone(&relay);
        async move { relay.relay(event.payload).await }
    })
}

impl Relay {
    /// Relays a batch up to the first record that does not read. Lambda sends
    /// that one again, alone in the end, and then to the failure queue.
    async fn relay(&self, batch: Batch) -> Result<DynamoDbEventResponse, Error> {
        let (changes, unread) = batch.changes();
        let subscribers = self.subscribers(&changes).await?;
        let current = self.current(&changes, &subscribers).await?;
        let now = self.clock.now();
        let deliveries = delivery::plan(&changes, &subscribers, &current);
        stream::iter(deliveries)
            .for_each_concurrent(POSTS, |delivery| self.deliver(delivery, now))
            .await;
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(unread.map(|sequence_number| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number);
            failure
        }));
        Ok(response)
    }

    /// Who listens to each topic that a change belongs or belonged to.
    async fn subscribers(
        &self,
        changes: &[Change],
    ) -> Result<BTreeMap<Topic, Vec<Subscriber>>, StoreError> {
        let topics: BTreeSet<_> = changes.iter().flat_map(Change::topics).collect();
        stream::iter(topics)
            .map(|topic| async {
                let subscribers = self.store.subscribers(&topic).await?;
                Ok((topic, subscribers))
            })
            .buffer_unordered(READS)
            .try_collect()
            .await
    }

    /// The orders that somebody listens to, as they are now: a record may come
    /// late, and by then its order may be somebody else's.
    async fn current(
        &self,
        changes: &[Change],
        subscribers: &BTreeMap<Topic, Vec<Subscriber>>,
    ) -> Result<HashMap<OrderId, Order>, StoreError> {
        let heard = |change: &&Change| {
            let mut topics = change.topics();
            topics.any(|topic| subscribers.get(&topic).is_some_and(|all| !all.is_empty()))
        };
        let ids: BTreeSet<_> =
            changes.iter().filter(heard).map(|change| change.new.order.id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut orders = HashMap::new();
        for ids in ids.chunks(HEADS) {
            let heads = self.store.heads(ids, true).await?;
            orders.extend(heads.into_iter().map(|(id, head)| (id, head.order)));
        }
        Ok(orders)
    }

    /// Sends what one connection is to hear. Whoever cannot be reached is
    /// closed, so that they come back and resume; nobody waits for them.
    async fn deliver(&self, delivery: Delivery<'_>, now: Timestamp) {
        let connection = &delivery.subscriber.connection;
        let expired = delivery.subscriber.expires_at <= now;
        let closing = Frame::Closing { reason: "token-expired" };
        let frames = if expired { std::slice::from_ref(&closing) } else { &delivery.frames[..] };
        let sent = self.send(connection, frames).await;
        match &sent {
            Ok(()) if !expired => return,
            Ok(()) | Err(PostError::Gone) => {}
            Err(PostError::Failed(error)) => {
                tracing::warn!(connection.id = %connection, error, "a connection is not reached");
            }
        }
        if !matches!(sent, Err(PostError::Gone)) {
            self.connections.close(connection).await;
        }
        let topics: Vec<_> = delivery.topics.into_iter().collect();
        if let Err(error) = self.store.disconnect(connection, &topics).await {
            // The next batch meets it again, and its rows end with its token.
            tracing::warn!(connection.id = %connection, ?error, "a connection is not forgotten");
        }
    }

    async fn send(&self, connection: &ConnectionId, frames: &[Frame]) -> Result<(), PostError> {
        for frame in frames {
            self.connections.post(connection, frame.to_json()).await?;
        }
        Ok(())
    }
}
