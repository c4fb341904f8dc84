//! The stages of an order.

use clock::Timestamp;

use crate::orders::fold_step_by_step;
use crate::{Event, EventData, FoldError, Order, OrderId, Status};

/// An order, and what it went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The order as it is after all that.
    pub order: Order,
    /// Each stay in an open status, in order. An order that comes to a status twice has
    /// two.
    pub stages: Vec<Stage>,
}

/// A stay in an open status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Where the order stood.
    pub status: Status,
    /// When it came there.
    pub entered_at: Timestamp,
    /// When it left; none while it stands there.
    pub left_at: Option<Timestamp>,
    /// How long it might stand there, in seconds; none for as long as it took.
    pub limit: Option<u32>,
    /// When it has stood there for that long. A new question to the customer gives them
    /// the whole time anew.
    pub due_at: Option<Timestamp>,
    /// The number of alerts raised during the stay.
    pub alerts: u32,
}

/// A limit that is about to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The order's current status.
    pub status: Status,
    /// When it has stood there for as long as it may.
    pub at: Timestamp,
}

impl Timeline {
    /// Computes the timeline from an order's events, from the first one on.
    pub fn of<'a>(
        id: OrderId,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, FoldError> {
        let mut stages = Vec::new();
        let order = fold_step_by_step(id, events, |order, event| follow(&mut stages, order, event));
        Ok(Self { order: order?, stages })
    }

    /// The limit that passes next if nobody moves the order: none once it has passed.
    pub fn next_breach(&self, now: Timestamp) -> Option<Breach> {
        let stage = self.stages.last().filter(|stage| stage.left_at.is_none())?;
        let at = stage.due_at.filter(|at| now < *at)?;
        Some(Breach { status: stage.status, at })
    }
}

/// `order` is what `event` has made of it.
fn follow(stages: &mut Vec<Stage>, order: &Order, event: &Event) {
    match stages.last_mut() {
        Some(stage) if stage.left_at.is_none() && stage.status == order.status => {
            stage.follow(order, event);
        }
        last => {
            if let Some(stage) = last {
                stage.left_at.get_or_insert(event.at);
            }
            // A closed order stays where it is.
            if order.is_open() {
                stages.push(Stage::beginning(order, event.at));
            }
        }
    }
}

impl Stage {
    fn beginning(order: &Order, at: Timestamp) -> Self {
        let limit = order.limit();
        let due_at = due(limit, at);
        Self { status: order.status, entered_at: at, left_at: None, limit, due_at, alerts: 0 }
    }

    fn follow(&mut self, order: &Order, event: &Event) {
        if let EventData::SubstitutionsProposed { .. } = event.data {
            self.due_at = due(order.limit(), event.at);
        } else if let EventData::AlertRaised(_) = event.data {
            self.alerts += 1;
        }
    }

    /// How long it lasted, or has lasted by now, in seconds, rounded up.
    pub fn seconds(&self, now: Timestamp) -> u64 {
        self.left_at.unwrap_or(now).seconds_since(self.entered_at)
    }

    /// By how much its limit had passed when it ended, or has by now, in seconds, rounded
    /// up; 0 if it had not.
    pub fn over_by(&self, now: Timestamp) -> u64 {
        let until = self.left_at.unwrap_or(now);
        self.due_at.map_or(0, |due| until.seconds_since(due))
    }
}

fn due(limit: Option<u32>, from: Timestamp) -> Option<Timestamp> {
    limit.map(|seconds| from.plus_seconds(seconds.into()))
}
