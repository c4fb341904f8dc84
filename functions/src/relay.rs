//! From the stream of `orders` to the clients that may see each change.

mod batch;
mod change;
mod delivery;
mod failures;
mod replay;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use shared::domain::time::Timestamp;
use shared::domain::{Order, OrderId};
use shared::edge::Clock;
use shared::store::{ConnectionId, Consistency, Store, StoreError, Subscriber};
use shared::topics::Topic;
use tokio::task::JoinSet;

use self::batch::{Batch, Heads, Unreadable};
use self::change::Change;
use self::delivery::Delivery;
use self::failures::Failures;
use self::replay::Missed;
use crate::live::{Connections, Ending, Frame, PostError};
use crate::{Environment, EventService};

/// How many topics are read at once.
const READS: usize = 16;

/// How many connections are posted to at once: so many tasks, which share the
/// processors, each with so many posts under way.
const TASKS: usize = 4;
const POSTS: usize = 16;

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
    /// done with; what the queue does not take, and all behind it, comes again.
    async fn relay(self: &Arc<Self>, records: &[Value]) -> Result<DynamoDbEventResponse, Error> {
        let mut batch = Batch::read(records);
        let subscribers = self.subscribers(batch.changes()).await?;
        let heads = self.heads(batch.changes(), &subscribers).await?;
        batch.set_aside(&heads);
        let again = self.keep(records, batch.unreadable).await;
        let is_first = |place: &usize| again.is_none_or(|again| *place < again);
        let changes = batch.changes.into_iter().filter(|(place, _)| is_first(place));
        let changes: Vec<_> = changes.map(|(_, change)| change).collect();
        self.deliver_all(&changes, &subscribers, heads).await?;
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(again.map(|place| failure(&records[place])));
        Ok(response)
    }

    /// Relays what history has of some orders.
    async fn replay(self: &Arc<Self>, missed: Vec<Missed>) -> Result<DynamoDbEventResponse, Error> {
        let changes =
            stream::iter(missed).map(|missed| async move { missed.change(&self.store).await });
        let changes: Vec<_> = changes.buffered(READS).try_collect().await?;
        let changes: Vec<_> = changes.into_iter().flatten().collect();
        let subscribers = self.subscribers(&changes).await?;
        let heads = self.heads(&changes, &subscribers).await?;
        self.deliver_all(&changes, &subscribers, heads).await?;
        Ok(DynamoDbEventResponse::default())
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
        let now = self.clock.now();
        let mut deliveries = delivery::plan(changes, subscribers, &current);
        let share = deliveries.len().div_ceil(TASKS).max(1);
        let mut tasks = JoinSet::new();
        while !deliveries.is_empty() {
            let rest = deliveries.split_off(share.min(deliveries.len()));
            let (relay, own) = (Arc::clone(self), std::mem::replace(&mut deliveries, rest));
            tasks.spawn(async move {
                let deliver = |delivery| relay.deliver(delivery, now);
                stream::iter(own).for_each_concurrent(POSTS, deliver).await;
            });
        }
        while let Some(done) = tasks.join_next().await {
            done?;
        }
        Ok(())
    }

    /// Sends what one connection is to hear. Whoever cannot be reached is
    /// closed, so that they come back and resume; nobody waits for them.
    async fn deliver(&self, delivery: Delivery, now: Timestamp) {
        let connection = &delivery.subscriber.connection;
        let expired = delivery.subscriber.expires_at <= now;
        let frames = if expired {
            vec![Frame::Closing { reason: Ending::TokenExpired }]
        } else {
            delivery.frames()
        };
        let sent = self.send(connection, &frames).await;
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
        let topics: Vec<_> = delivery.topics.iter().collect();
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

fn failure(record: &Value) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
    failure
}
