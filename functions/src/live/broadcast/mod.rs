//! Pushes changes to the clients that may see them: reads the subscribers, serialises each view
//! once, posts, and closes connections that cannot be reached.

mod change;
mod posts;
mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use clock::Clock;
use db::{Db, DbError, Subscriber};
use domain::topics::Topic;
use domain::{Order, OrderId};
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::Error;
use tokio::task::JoinSet;

pub(crate) use self::change::Change;
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

/// A publisher of changes to the clients that may see them.
pub(crate) struct Broadcast {
    db: Db,
    connections: Connections,
    clock: Clock,
}

impl Broadcast {
    pub(crate) fn new(db: Db, env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { db, connections: Connections::new(env)?, clock: env.clock.clone() })
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
    /// current orders.
    pub(crate) async fn send(
        self: &Arc<Self>,
        changes: &[Change],
        subscribers: &Subscribers,
        current: &HashMap<OrderId, Order>,
    ) -> Result<(), Error> {
        let mut pushes = views::pushes(changes, subscribers, current);
        let share = pushes.len().div_ceil(TASKS).max(1);
        let mut tasks = JoinSet::new();
        while !pushes.is_empty() {
            let rest = pushes.split_off(share.min(pushes.len()));
            let (broadcast, own) = (Arc::clone(self), std::mem::replace(&mut pushes, rest));
            tasks.spawn(async move {
                let sent = stream::iter(own).map(|push| broadcast.push(push));
                let sent: Vec<_> = sent.buffer_unordered(POSTS).collect().await;
                sent.into_iter().try_for_each(|done| Ok::<_, Error>(done??))
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    }
}
