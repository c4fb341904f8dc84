//! Pushes changes to the clients that may see them: reads the subscribers, serialises each view
//! once, posts, and closes connections that cannot be reached.

mod change;
mod lane;
mod posts;
mod turns;
mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use clock::{Clock, Timestamp};
use db::{Db, DbError, Subscriber};
use domain::topics::Topic;
use domain::{Order, OrderId};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use self::lane::Lanes;
pub use self::posts::STRIKES;
use self::posts::{Counts, Delivery};
use self::turns::FirstTurn;
use super::Connections;
use crate::changes::Change;
use crate::{Environment, VariableError};

/// The number of topics whose subscribers are read concurrently.
const READS: usize = 16;

/// The number of tasks that post in parallel, across processors.
pub const TASKS: usize = 4;

/// The number of connections that each task posts to concurrently.
pub const POSTS: usize = 16;

/// The subscribers of each topic.
pub(crate) type Subscribers = BTreeMap<Topic, Vec<Subscriber>>;

/// A publisher of changes to the clients that may see them.
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

    /// Reads the subscribers of each topic that a change belongs or belonged to.
    pub(crate) async fn subscribers(
        &self,
        changes: impl IntoIterator<Item = &Change>,
    ) -> Result<Subscribers, DbError> {
        let topics: BTreeSet<_> = changes.into_iter().flat_map(Change::topics).collect();
        stream::iter(topics)
            .map(|topic| async {
                let subscribers = self.db.subscribers(&topic).await?;
                Ok((topic, subscribers))
            })
            .buffer_unordered(READS)
            .try_collect()
            .await
    }

    /// Sends each subscriber the part of the changes that it may see; `current` contains the
    /// current orders. Nothing is posted after `until`. Returns the index of the first change that
    /// is left for a later invocation, if any.
    pub(crate) async fn send(
        self: &Arc<Self>,
        changes: &[Change],
        subscribers: &Subscribers,
        current: &HashMap<OrderId, Order>,
        until: Option<Timestamp>,
    ) -> Result<Option<usize>, JoinError> {
        let turns = views::pushes(changes, subscribers, current);
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
        Ok(left.iter().map(|push| push.first_change).min())
    }
}
