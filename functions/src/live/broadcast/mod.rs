//! Pushes the messages of a batch to connections: reads the subscribers, posts in fair turns, and
//! closes connections that cannot be reached. The functions that relay decide who is told what.

mod lane;
mod posts;
mod push;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use clock::{Clock, Timestamp};
use db::{Db, DbError, Subscriber};
use domain::topics::Topic;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use self::lane::Lanes;
pub use self::posts::STRIKES;
use self::posts::{Counts, Delivery};
pub(crate) use self::push::{Content, Push, subscribed};
use self::turns::{FirstTurn, Turns};
use super::Connections;
use crate::{Environment, VariableError};

/// The number of topics whose subscribers are read concurrently.
const READS: usize = 16;

/// The number of tasks that post in parallel, across processors.
pub const TASKS: usize = 4;

/// The number of connections that each task posts to concurrently.
pub const POSTS: usize = 16;

/// The subscribers of each topic.
pub(crate) type Subscribers = BTreeMap<Topic, Vec<Subscriber>>;

/// A publisher of messages to connections.
pub(crate) struct Broadcast {
    db: Db,
    connections: Connections,
    clock: Clock,
    lanes: Lanes,
}

impl Broadcast {
    pub(crate) fn new(db: Db, env: &Environment) -> Result<Self, VariableError> {
        let connections = Connections::without_retries(env)?;
        let lanes = Lanes::of(&env.variables)?;
        Ok(Self { db, connections, clock: env.clock.clone(), lanes })
    }

    /// Reads the subscribers of topics.
    pub(crate) async fn subscribers(
        &self,
        topics: impl IntoIterator<Item = Topic>,
    ) -> Result<Subscribers, DbError> {
        let topics: BTreeSet<_> = topics.into_iter().collect();
        stream::iter(topics)
            .map(|topic| async {
                let subscribers = self.db.subscribers(&topic).await?;
                Ok((topic, subscribers))
            })
            .buffer_unordered(READS)
            .try_collect()
            .await
    }

    /// Sends each connection its messages. Nothing is posted after `until`. Returns the index in the
    /// batch of the first element of which a part is left for a later invocation, if any.
    pub(crate) async fn send<C: Content>(
        self: &Arc<Self>,
        pushes: impl IntoIterator<Item = Push<C>>,
        until: Option<Timestamp>,
    ) -> Result<Option<usize>, JoinError> {
        let turns = Turns::of(pushes, |push| &push.subscriber.principal);
        let time = until.map(|until| until.epoch_millis() - self.clock.now().epoch_millis());
        let last_turn = time.map(|millis| {
            Instant::now() + Duration::from_millis(millis.try_into().unwrap_or_default())
        });
        let delivery = Arc::new(Delivery {
            broadcast: Arc::clone(self),
            lane: self.lanes.take(),
            until,
            last_turn,
            first_turn: FirstTurn::new(turns.first.len()),
            counts: Counts::default(),
        });
        let mut tasks = JoinSet::new();
        for share in turns.shares::<TASKS>().into_iter().filter(|share| !share.is_empty()) {
            tasks.spawn(Arc::clone(&delivery).deliver(share));
        }
        let mut left = Vec::new();
        while let Some(done) = tasks.join_next().await {
            left.extend(done?);
        }
        self.lanes.give_back(Arc::clone(&delivery.lane));
        delivery.log(left.len());
        Ok(left.iter().map(|push| push.first).min())
    }
}
