//! From the stream of `orders` to the clients that may see each change.

mod batch;
mod change;
mod delivery;
mod failures;
mod replay;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use shared::domain::{Order, OrderId};
use shared::edge::Clock;
use shared::store::{ConnectionId, Consistency, Store, StoreError, Subscriber};
use shared::topics::Topic;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::batch::{Batch, Heads, Unreadable};
use self::change::Change;
use self::delivery::Delivery;
use self::failures::Failures;
use self::replay::Missed;
use crate::live::{Connections, Ending, Frame, PostError};
use crate::{Environment, EventService};

/// How many topics are read at once.
const READS: usize = 16;

/// How many tasks post, which share the processors.
pub const TASKS: usize = 4;

/// How many connections each of them posts to at once.
pub const POSTS: usize = 16;

/// How long a connection may hold up a batch: what it takes to post, to close it where
/// that fails, and to forget it.
const DELIVERY_LIMIT: Duration = Duration::from_secs(3);

/// How many records are sent to the failure queue at once.
const FAILURES: usize = 16;

/// How many heads one request reads: `DynamoDB`'s bound on a batch.
const HEADS: usize = 100;

/// What the relay is invoked with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// A batch of the stream of `orders`.
    Batch {
        /// Each still to be read.
        #[serde(rename = "Records")]
        records: Vec<Value>,
    },
    /// An operator's request to relay once more what history has.
    Replay {
        /// Of which orders.
        replay: Vec<Missed>,
    },
}

/// Who listens to what.
type Subscribers = BTreeMap<Topic, Vec<Subscriber>>;

struct Relay {
    store: Store,
    connections: Connections,
    failures: Failures,
    clock: Clock,
}

/// The function's handler.
pub fn service(env: &Environment) -> impl EventService<Input, DynamoDbEventResponse> + use<> {
    let relay = Arc::new(Relay {
        store: env.store(),
        connections: Connections::new(env),
        failures: Failures::new(env),
        clock: env.clock.clone(),
    });
    service_fn(move |event: LambdaEvent<Input>| {
        let relay = Arc::clone(&relay);
        async move {
            match event.payload {
                Input::Batch { records } => relay.relay(&records).await,
                Input::Replay { replay } => relay.replay(replay).await,
            }
        }
    })
}

impl Relay {
    /// Relays a batch. A record that does not read goes to the failure queue and is
    /// done with; one that the queue does not take comes again, and with it all behind
    /// it, which clients have by then.
    async fn relay(self: &Arc<Self>, records: &[Value]) -> Result<DynamoDbEventResponse, Error> {
        let mut batch = Batch::read(records);
        let subscribers = self.subscribers(batch.changes()).await?;
        let heads = self.heads(batch.changes(), &subscribers).await?;
        batch.set_aside(&heads);
        let again = self.keep(records, batch.unreadable).await;
        let changes: Vec<_> = batch.changes.into_iter().map(|(_, change)| change).collect();
        self.deliver_all(&changes, &subscribers, heads).await?;
        let mut response = DynamoDbEventResponse::default();
        let again = again.and_then(|place| records[place]["dynamodb"]["SequenceNumber"].as_str());
        response.batch_item_failures.extend(again.map(failure));
        Ok(response)
    }

    /// Relays what history has of some orders; the ids of those that do not read come
    /// back as failures.
    async fn replay(self: &Arc<Self>, missed: Vec<Missed>) -> Result<DynamoDbEventResponse, Error> {
        let (mut changes, mut response) = (Vec::new(), DynamoDbEventResponse::default());
        for missed in missed {
            match missed.change(&self.store).await {
                Ok(change) => changes.extend(change),
                Err(error) => {
                    let id = missed.order_id.to_string();
                    tracing::error!(order.id = id, ?error, "an order is not replayed");
                    response.batch_item_failures.push(failure(&id));
                }
            }
        }
        let subscribers = self.subscribers(&changes).await?;
        let heads = self.heads(&changes, &subscribers).await?;
        self.deliver_all(&changes, &subscribers, heads).await?;
        Ok(response)
    }

    /// Who listens to each topic that a change belongs or belonged to.
    async fn subscribers(
        &self,
        changes: impl IntoIterator<Item = &Change>,
    ) -> Result<Subscribers, StoreError> {
        let topics: BTreeSet<_> = changes.into_iter().flat_map(Change::topics).collect();
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
    async fn heads(
        &self,
        changes: impl IntoIterator<Item = &Change>,
        subscribers: &Subscribers,
    ) -> Result<Heads, StoreError> {
        let heard = |change: &&Change| {
            let mut topics = change.topics();
            topics.any(|topic| subscribers.get(&topic).is_some_and(|all| !all.is_empty()))
        };
        let changes = changes.into_iter().filter(heard);
        let ids: BTreeSet<_> = changes.map(Change::order_id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut heads = HashMap::new();
        for ids in ids.chunks(HEADS) {
            heads.extend(self.store.each_head(ids, Consistency::Strong).await?);
        }
        Ok(heads)
    }

    /// Sends records to the failure queue; the place of the first that it did not take.
    async fn keep(&self, records: &[Value], unreadable: Vec<Unreadable>) -> Option<usize> {
        let kept = stream::iter(unreadable).map(|it| async move {
            let kept = self.failures.keep(&records[it.place], &it.reason).await;
            (!kept).then_some(it.place)
        });
        let refused: Vec<_> = kept.buffer_unordered(FAILURES).collect().await;
        refused.into_iter().flatten().min()
    }

    async fn deliver_all(
        self: &Arc<Self>,
        changes: &[Change],
        subscribers: &Subscribers,
        heads: Heads,
    ) -> Result<(), Error> {
        let current: HashMap<OrderId, Order> =
            heads.into_iter().filter_map(|(id, head)| Some((id, head.ok()?.order))).collect();
        let mut deliveries = delivery::plan(changes, subscribers, &current);
        let share = deliveries.len().div_ceil(TASKS).max(1);
        let mut tasks = JoinSet::new();
        while !deliveries.is_empty() {
            let rest = deliveries.split_off(share.min(deliveries.len()));
            let (relay, own) = (Arc::clone(self), std::mem::replace(&mut deliveries, rest));
            tasks.spawn(async move {
                let deliver = |delivery| timeout(DELIVERY_LIMIT, relay.deliver(delivery));
                let delivered = stream::iter(own).map(deliver).buffer_unordered(POSTS);
                let delivered: Vec<_> = delivered.collect().await;
                delivered.into_iter().try_for_each(|done| Ok::<_, Error>(done??))
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    }

    /// Sends what one connection is to hear. Whoever cannot be reached is forgotten and
    /// closed, so that they come back and resume; one that cannot be closed learns by its
    /// next `ping` that it is forgotten. One that is neither comes again with its batch.
    async fn deliver(&self, delivery: Delivery) -> Result<(), StoreError> {
        let connection = &delivery.subscriber.connection;
        let expired = delivery.subscriber.expires_at <= self.clock.now();
        let frames = if expired {
            vec![Frame::Closing { reason: Ending::TokenExpired }]
        } else {
            delivery.frames()
        };
        let sent = self.send(connection, &frames).await;
        let is_gone = match &sent {
            Ok(()) if !expired => return Ok(()),
            Ok(()) => false,
            Err(PostError::Gone) => true,
            Err(PostError::Failed(error)) => {
                tracing::warn!(connection.id = %connection, error, "a connection is not reached");
                false
            }
        };
        let is_closed = is_gone || self.connections.close(connection).await;
        let topics: Vec<_> = delivery.topics.iter().collect();
        match self.store.disconnect(connection, &topics).await {
            Err(error) if is_closed => {
                // The next batch meets it again, and its rows end with its token.
                tracing::warn!(connection.id = %connection, ?error, "a connection is not forgotten");
                Ok(())
            }
            forgotten => forgotten,
        }
    }

    async fn send(&self, connection: &ConnectionId, frames: &[Frame]) -> Result<(), PostError> {
        for frame in frames {
            self.connections.post(connection, frame.to_json()).await?;
        }
        Ok(())
    }
}

fn failure(identifier: &str) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(identifier.to_owned());
    failure
}
