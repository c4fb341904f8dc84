//! What the clocks of orders ask for: called every minute, does what is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use shared::domain::time::Timestamp;
use shared::domain::{Alert, Event, EventData, OrderId};
use shared::edge::Clock;
use shared::store::{DueError, Head, Store, StoreError};
use tokio::time::Instant;

use crate::{Environment, EventService};

/// How many orders are committed at once.
const COMMITS: usize = 16;

/// When a sweep begins no further page, well within the function's time-out of 60 s: the
/// next sweep goes on.
const BUDGET: Duration = Duration::from_secs(40);

/// What became of a sweep that succeeded with every order that it came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// How many orders something was done with.
    pub acted: usize,
    /// How many had moved by then.
    pub unchanged: usize,
    /// Whether it ended for want of time.
    pub is_cut: bool,
    #[serde(skip)]
    failed: usize,
}

struct Sweep {
    store: Store,
    clock: Clock,
}

/// The function's handler; what the schedule says it does not read.
pub fn service(env: &Environment) -> impl EventService<Value, Swept> + use<> {
    let sweep = Arc::new(Sweep { store: env.store(), clock: env.clock.clone() });
    service_fn(move |_: LambdaEvent<Value>| {
        let sweep = Arc::clone(&sweep);
        async move {
            let swept = sweep.run().await?;
            swept.checked()
        }
    })
}

impl Sweep {
    /// Does what is due by now, page by page, the longest overdue first. An order with
    /// which it does not succeed stops no other.
    async fn run(&self) -> Result<Swept, StoreError> {
        let (began, now) = (Instant::now(), self.clock.now());
        let (mut overdue, mut swept) = (self.store.overdue(now), Swept::default());
        while let Some(page) = overdue.next().await? {
            let acts = page.into_iter().map(|(id, head)| self.act(id, head, now));
            let acts: Vec<_> = acts.collect();
            let done: Vec<_> = stream::iter(acts).buffer_unordered(COMMITS).collect().await;
            tell(&done);
            for act in &done {
                *swept.count(act) += 1;
            }
            if began.elapsed() > BUDGET {
                swept.is_cut = true;
                break;
            }
        }
        if swept != Swept::default() {
            let Swept { acted, unchanged, failed, is_cut } = swept;
            tracing::info!(acted, unchanged, failed, is_cut, "swept");
        }
        Ok(swept)
    }

    async fn act(&self, id: OrderId, head: Result<Head, StoreError>, now: Timestamp) -> Act {
        let acted = match head {
            Ok(head) => self.store.act(head, now).await,
            Err(error) => Err(DueError::Store(error)),
        };
        match acted {
            Ok(events) if events.is_empty() => Act::Unchanged,
            Ok(events) => Act::Acted(events),
            Err(error) => {
                tracing::error!(order.id = %id, ?error, "an order is not swept");
                Act::Failed
            }
        }
    }
}

/// Tells how many alerts of each kind a page has raised: which orders they are about is in
/// the list of those that are delayed. A metric of the template adds them up, by `alert`
/// and `severity`: names without dots, which its filter could not select.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
fn tell(acts: &[Act]) {
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
}

impl Act {
    fn events(&self) -> &[Event] {
        match self {
            Self::Acted(events) => events,
            Self::Unchanged | Self::Failed => &[],
        }
    }
}

impl Swept {
    /// A sweep that did not succeed with some orders fails, once it is done with the
    /// others: whoever watches its errors hears of it.
    fn checked(self) -> Result<Self, Error> {
        match self.failed {
            0 => Ok(self),
            failed => Err(format!("{failed} orders are not swept: the log says why").into()),
        }
    }

    fn count(&mut self, act: &Act) -> &mut usize {
        match act {
            Act::Acted(_) => &mut self.acted,
            Act::Unchanged => &mut self.unchanged,
            Act::Failed => &mut self.failed,
        }
    }
}
