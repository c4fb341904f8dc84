//! The sweep: runs every minute, acts on orders whose deadline has passed, ends connections whose
//! token has expired, corrects the counts of connections, and starts attempts that are due.

mod connections;
mod deliveries;
mod silence;

use std::sync::Arc;

use clock::{Clock, Timestamp};
use db::{Db, DbError, DueError, Head};
use domain::{Event, OrderId};
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;

use crate::alerts::log_alerts;
use crate::deadline::until;
use crate::live::{ConnectionBound, Connections};
use crate::webhooks::WebhookQueue;
use crate::{Environment, EventService, VariableError};

/// The number of orders that are committed concurrently.
const COMMITS: usize = 16;

/// The time before the function's timeout at which a sweep starts no further orders and
/// connections, in seconds. It is longer than the started ones take. The next sweep continues.
const RESERVE: i64 = 20;

/// The result of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Swept {
    /// The number of orders that were changed.
    pub acted: usize,
    /// The number of orders on which nothing was due any more.
    pub unchanged: usize,
    /// True if orders were left to the next sweep for lack of time.
    pub is_cut: bool,
    /// The number of orders that failed. A sweep with failures returns an error at the end.
    #[serde(skip)]
    failed: usize,
}

struct Sweep {
    db: Db,
    connections: Connections,
    bound: ConnectionBound,
    webhooks: WebhookQueue,
    clock: Clock,
}

/// Builds the function's handler, which ignores the schedule's event.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Value, Swept> + use<>, VariableError> {
    let (connections, bound) = (Connections::new(env)?, ConnectionBound::new(env)?);
    let webhooks = WebhookQueue::new(env, "WEBHOOK_QUEUE_URL")?;
    let (db, clock) = (env.db()?, env.clock.clone());
    let sweep = Arc::new(Sweep { db, connections, bound, webhooks, clock });
    Ok(service_fn(move |event: LambdaEvent<Value>| {
        let sweep = Arc::clone(&sweep);
        async move {
            let until = until(&event, RESERVE);
            // One part that fails does not stop the others.
            let swept = sweep.run(until).await;
            let missed = sweep.miss_drivers(until).await;
            let mended = sweep.mend_connections(until).await;
            sweep.start_due_deliveries(until).await?;
            mended?;
            missed?;
            swept?.checked()
        }
    }))
}

impl Sweep {
    /// Acts on the overdue orders page by page, the longest overdue first. An order that fails
    /// does not stop the others.
    async fn run(&self, until: Option<Timestamp>) -> Result<Swept, DbError> {
        let (mut overdue, mut swept) = (self.db.overdue(self.clock.now()), Swept::default());
        while !swept.is_cut
            && let Some(page) = overdue.next().await?
        {
            let acts = page.into_iter().map(|(id, head)| self.act(id, head, until));
            let acts: Vec<_> = acts.collect();
            let done: Vec<_> = stream::iter(acts).buffer_unordered(COMMITS).collect().await;
            log_alerts(done.iter().flat_map(Act::events));
            swept = done.iter().fold(swept, Swept::with);
        }
        if swept != Swept::default() {
            let Swept { acted, unchanged, failed, is_cut } = swept;
            tracing::info!(acted, unchanged, failed, is_cut, "swept");
        }
        Ok(swept)
    }

    /// Acts on one order, at the current time: its next deadline counts from then.
    async fn act(&self, id: OrderId, head: Result<Head, DbError>, until: Option<Timestamp>) -> Act {
        if self.is_over(until) {
            return Act::Left;
        }
        let now = self.clock.now();
        let acted = match head {
            Ok(head) => self.db.act(head, now).await,
            Err(error) => Err(DueError::Db(error)),
        };
        match acted {
            Ok(events) if events.is_empty() => Act::Unchanged,
            Ok(events) => Act::Acted(events),
            Err(error) => {
                tracing::error!(order.id = %id, ?error, "the sweep could not process an order");
                Act::Failed
            }
        }
    }
}

/// The result for one order.
enum Act {
    Acted(Vec<Event>),
    Unchanged,
    Failed,
    /// There was no time left for the order.
    Left,
}

impl Act {
    fn events(&self) -> &[Event] {
        match self {
            Self::Acted(events) => events,
            Self::Unchanged | Self::Failed | Self::Left => &[],
        }
    }
}

impl Swept {
    /// Returns an error if orders failed, after all others were processed, so that the failure
    /// counts as an error of the function.
    fn checked(self) -> Result<Self, Error> {
        match self.failed {
            0 => Ok(self),
            failed => {
                Err(format!("orders not processed: {failed}; the log names each of them").into())
            }
        }
    }

    /// Adds the result of one order.
    fn with(self, act: &Act) -> Self {
        match act {
            Act::Acted(_) => Self { acted: self.acted + 1, ..self },
            Act::Unchanged => Self { unchanged: self.unchanged + 1, ..self },
            Act::Failed => Self { failed: self.failed + 1, ..self },
            Act::Left => Self { is_cut: true, ..self },
        }
    }
}
