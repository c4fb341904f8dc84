//! What the clocks of orders ask for: called every minute, does what is due.

use std::collections::BTreeMap;
use std::sync::Arc;

use clock::Clock;
use clock::Timestamp;
use db::{Db, DbError, DueError, Head};
use domain::{Alert, Event, EventData, OrderId};
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;

use crate::{Environment, EventService, VariableError};

/// How many orders are committed at once.
const COMMITS: usize = 16;

/// How long before its time-out a sweep begins with no further order, in seconds: more than
/// what it has begun takes. The next sweep goes on.
const RESERVE: i64 = 20;

/// What became of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Swept {
    /// How many orders something was done with.
    pub acted: usize,
    /// How many had moved by then.
    pub unchanged: usize,
    /// Whether some were left to the next sweep for want of time.
    pub is_cut: bool,
    /// With how many it did not succeed. A sweep that has some fails in the end.
    #[serde(skip)]
    failed: usize,
}

struct Sweep {
    db: Db,
    clock: Clock,
}

/// The function's handler; what the schedule says it does not read.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Value, Swept> + use<>, VariableError> {
    let sweep = Arc::new(Sweep { db: env.db()?, clock: env.clock.clone() });
    Ok(service_fn(move |event: LambdaEvent<Value>| {
        let sweep = Arc::clone(&sweep);
        async move {
            let swept = sweep.run(until(&event)).await?;
            swept.checked()
        }
    }))
}

/// Until when a call may begin with further orders; for good where nothing says when it
/// times out, which is a 0.
fn until(event: &LambdaEvent<Value>) -> Option<Timestamp> {
    let deadline = i64::try_from(event.context.deadline).ok().filter(|millis| *millis > 0);
    deadline.and_then(Timestamp::from_epoch_millis).map(|it| it.plus_seconds(-RESERVE))
}

impl Sweep {
    /// Does what is due by now, page by page, the longest overdue first. An order with
    /// which it does not succeed stops no other.
    async fn run(&self, until: Option<Timestamp>) -> Result<Swept, DbError> {
        let (mut overdue, mut swept) = (self.db.overdue(self.clock.now()), Swept::default());
        while !swept.is_cut
            && let Some(page) = overdue.next().await?
        {
            let acts = page.into_iter().map(|(id, head)| self.act(id, head, until));
            let acts: Vec<_> = acts.collect();
            let done: Vec<_> = stream::iter(acts).buffer_unordered(COMMITS).collect().await;
            log_alerts(&done);
            swept = done.iter().fold(swept, Swept::with);
        }
        if swept != Swept::default() {
            let Swept { acted, unchanged, failed, is_cut } = swept;
            tracing::info!(acted, unchanged, failed, is_cut, "swept");
        }
        Ok(swept)
    }

    /// Does what is due with one order, at the time that it is by then: what follows
    /// counts from there.
    async fn act(&self, id: OrderId, head: Result<Head, DbError>, until: Option<Timestamp>) -> Act {
        let now = self.clock.now();
        if until.is_some_and(|until| until <= now) {
            return Act::Left;
        }
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

/// Logs how many alerts of each kind a page has raised: which orders they are about is in
/// the list of those that are delayed. A metric of the template adds them up, by `alert`
/// and `severity`: names that its filter can select as they are.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
fn log_alerts(acts: &[Act]) {
    let mut alerts: BTreeMap<_, usize> = BTreeMap::new();
    for event in acts.iter().flat_map(Act::events) {
        if let EventData::AlertRaised(Alert { kind, severity, .. }) = &event.data {
            *alerts.entry((kind.name(), severity.name())).or_default() += 1;
        }
    }
    for ((alert, severity), count) in alerts {
        tracing::warn!(alert, severity, count, "alerts were raised");
    }
}

/// What became of one order.
enum Act {
    Acted(Vec<Event>),
    Unchanged,
    Failed,
    /// There was no time for it.
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
    /// A sweep that did not succeed with some orders fails, once it is done with the
    /// others: whoever watches its errors hears of it.
    fn checked(self) -> Result<Self, Error> {
        match self.failed {
            0 => Ok(self),
            failed => {
                Err(format!("orders not processed: {failed}; the log names each of them").into())
            }
        }
    }

    /// With one order more.
    fn with(self, act: &Act) -> Self {
        match act {
            Act::Acted(_) => Self { acted: self.acted + 1, ..self },
            Act::Unchanged => Self { unchanged: self.unchanged + 1, ..self },
            Act::Failed => Self { failed: self.failed + 1, ..self },
            Act::Left => Self { is_cut: true, ..self },
        }
    }
}
