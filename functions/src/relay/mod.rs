//! Relays changes from the stream of `orders` to the clients that may see them.

mod change;
mod replay;
mod views;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use clock::Timestamp;
use db::{Consistency, Db, DbError};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use self::replay::Missed;
use crate::changes::{Batch, Change, Content, Failures, Heads};
use crate::deadline::until;
use crate::live::broadcast::{Broadcast, Subscribers};
use crate::{Environment, EventService, VariableError};

/// The number of heads that one request reads: `DynamoDB`'s limit for a batch.
const HEADS: usize = 100;

/// The time before the function's timeout at which nothing more is posted, in seconds. It is longer
/// than the requests that are under way take.
const RESERVE: i64 = 10;

/// The input of the relay.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Input {
    /// A batch of the stream of `orders`.
    Batch {
        /// The records, parsed one by one later.
        #[serde(rename = "Records")]
        records: Vec<Value>,
    },
    /// An operator's request to relay events from history again.
    Replay { replay: Vec<Missed> },
}

struct Relay {
    db: Db,
    broadcast: Arc<Broadcast>,
    failures: Failures,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Input, DynamoDbEventResponse> + use<>, VariableError> {
    let db = env.db()?;
    let broadcast = Arc::new(Broadcast::new(db.clone(), env)?);
    let failures = Failures::new(env, "RELAY_FAILURES_URL", Content::Records)?;
    let relay = Arc::new(Relay { db, broadcast, failures });
    Ok(service_fn(move |event: LambdaEvent<Input>| {
        let relay = Arc::clone(&relay);
        async move {
            let until = until(&event, RESERVE);
            match event.payload {
                Input::Batch { records } => relay.relay(&records, until).await,
                Input::Replay { replay } => relay.replay(replay, until).await,
            }
        }
    }))
}

impl Relay {
    /// Relays a batch. A record that cannot be parsed is moved to the failure queue and not
    /// retried. If the queue does not accept a record, or if a change could not be posted in time,
    /// the batch is retried from that record on, and clients receive the later records again.
    async fn relay(
        &self,
        records: &[Value],
        until: Option<Timestamp>,
    ) -> Result<DynamoDbEventResponse, Error> {
        let mut batch = Batch::read(records);
        let subscribers =
            self.broadcast.subscribers(batch.changes().flat_map(Change::topics)).await?;
        let heads = self.heads(batch.changes(), &subscribers).await?;
        batch.set_aside(&heads);
        let refused = self.failures.set_aside(records, batch.unreadable).await;
        let (places, changes): (Vec<_>, Vec<_>) = batch.changes.into_iter().unzip();
        let left = self.send(&changes, &subscribers, heads, until).await?;
        let again = refused.into_iter().chain(left.map(|index| places[index])).min();
        let again = again.and_then(|place| records[place]["dynamodb"]["SequenceNumber"].as_str());
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(again.map(failure));
        Ok(response)
    }

    /// Relays events of some orders from history. The ids of orders that cannot be read, or whose
    /// events could not be posted in time, are returned as failures.
    async fn replay(
        &self,
        missed: Vec<Missed>,
        until: Option<Timestamp>,
    ) -> Result<DynamoDbEventResponse, Error> {
        let (mut changes, mut response) = (Vec::new(), DynamoDbEventResponse::default());
        for missed in missed {
            match missed.change(&self.db).await {
                Ok(change) => changes.extend(change),
                Err(error) => {
                    let id = missed.order_id.to_string();
                    tracing::error!(order.id = id, ?error, "an order could not be replayed");
                    response.batch_item_failures.push(failure(&id));
                }
            }
        }
        let subscribers =
            self.broadcast.subscribers(changes.iter().flat_map(Change::topics)).await?;
        let heads = self.heads(&changes, &subscribers).await?;
        let left = self.send(&changes, &subscribers, heads, until).await?;
        let left = left.map_or(&[][..], |index| &changes[index..]).iter();
        let left = left.map(|change| failure(&change.order_id().to_string()));
        response.batch_item_failures.extend(left);
        Ok(response)
    }

    /// Reads the current heads of the changed orders that have subscribers. A record may arrive
    /// late, and its order may belong to another principal by then.
    async fn heads(
        &self,
        changes: impl IntoIterator<Item = &Change>,
        subscribers: &Subscribers,
    ) -> Result<Heads, DbError> {
        let is_subscribed = |change: &&Change| {
            let mut topics = change.topics();
            topics.any(|topic| subscribers.get(&topic).is_some_and(|all| !all.is_empty()))
        };
        let changes = changes.into_iter().filter(is_subscribed);
        let ids: BTreeSet<_> = changes.map(Change::order_id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut heads = HashMap::new();
        for ids in ids.chunks(HEADS) {
            heads.extend(self.db.each_head(ids, Consistency::Strong).await?);
        }
        Ok(heads)
    }

    /// Sends each subscriber the part of the changes that it may see. Returns the index of the first
    /// change that is left for a later invocation, if any.
    async fn send(
        &self,
        changes: &[Change],
        subscribers: &Subscribers,
        heads: Heads,
        until: Option<Timestamp>,
    ) -> Result<Option<usize>, Error> {
        let current = heads.into_iter().filter_map(|(id, head)| Some((id, head.ok()?.order)));
        let pushes = views::pushes(changes, subscribers, &current.collect());
        Ok(self.broadcast.send(pushes, until).await?)
    }
}

fn failure(identifier: &str) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(identifier.to_owned());
    failure
}
