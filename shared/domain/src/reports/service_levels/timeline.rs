//! The stages of an order.

use clock::Timestamp;

use super::Estimate;
use crate::orders::fold_step_by_step;
use crate::{Event, EventData, FoldError, Order, OrderId, Status, Via};

/// An order, and the stages that it went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The order after the last event.
    pub order: Order,
    /// The stays in open statuses, in order. An order that enters a status twice has two stages
    /// there.
    pub stages: Vec<Stage>,
    /// The first estimate of the driver's arrival at the customer's since the order is on its way.
    pub estimate: Option<Estimate>,
}

/// A stay in an open status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub status: Status,
    pub entered_at: Timestamp,
    /// `None` while the order is in the status.
    pub left_at: Option<Timestamp>,
    /// The time limit, in seconds; `None` if there is none.
    pub limit: Option<u32>,
    /// The time at which the limit passes. A new question to the customer restarts the limit.
    pub due_at: Option<Timestamp>,
    pub alerts: u32,
    /// The offers of the order to drivers; `None` if there was none.
    pub offers: Option<StageOffers>,
}

/// The offers of an order to drivers during a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageOffers {
    pub count: u32,
    pub first_at: Timestamp,
    /// The time at which a driver accepted; `None` if none did.
    pub accepted_at: Option<Timestamp>,
}

impl StageOffers {
    /// Returns the time from the first offer to the acceptance, in seconds, rounded up.
    pub fn accept_seconds(&self) -> Option<u64> {
        self.accepted_at.map(|at| at.seconds_since(self.first_at))
    }
}

/// A time limit that is about to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    pub status: Status,
    /// The time at which the limit passes.
    pub at: Timestamp,
}

impl Timeline {
    /// Computes the timeline from an order's events, which start with the first one.
    pub fn of<'a>(
        id: OrderId,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, FoldError> {
        let (mut stages, mut estimate) = (Vec::new(), None);
        let order = fold_step_by_step(id, events, |order, event| {
            follow(&mut stages, order, event);
            estimate = Estimate::after(estimate, order, event);
        });
        Ok(Self { order: order?, stages, estimate })
    }

    /// Returns the limit that passes next if the order does not move; `None` if no limit applies,
    /// or it has passed.
    pub fn next_breach(&self, now: Timestamp) -> Option<Breach> {
        let stage = self.stages.last().filter(|stage| stage.left_at.is_none())?;
        let at = stage.due_at.filter(|at| now < *at)?;
        Some(Breach { status: stage.status, at })
    }
}

/// Adds `event` to the stages; `order` is the order after it.
fn follow(stages: &mut Vec<Stage>, order: &Order, event: &Event) {
    if let Some(stage) = stages.last_mut().filter(|stage| stage.left_at.is_none()) {
        stage.follow_offers(event);
    }
    match stages.last_mut() {
        Some(stage) if stage.left_at.is_none() && stage.status == order.status => {
            stage.follow(order, event);
        }
        last => {
            if let Some(stage) = last {
                stage.left_at.get_or_insert(event.at);
            }
            // A closed order does not leave its status, so it has no stage there.
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
        let (status, offers) = (order.status, None);
        Self { status, entered_at: at, left_at: None, limit, due_at, alerts: 0, offers }
    }

    /// Counts the offers, with the acceptance, which ends the stay.
    fn follow_offers(&mut self, event: &Event) {
        match event.data {
            EventData::DriverOffered { .. } => {
                let none = StageOffers { count: 0, first_at: event.at, accepted_at: None };
                self.offers.get_or_insert(none).count += 1;
            }
            EventData::DriverAssigned { via: Via::Offer, .. } => {
                if let Some(offers) = &mut self.offers {
                    offers.accepted_at = Some(event.at);
                }
            }
            _ => {}
        }
    }

    fn follow(&mut self, order: &Order, event: &Event) {
        if event.data.asks_customer() {
            self.due_at = due(order.limit(), event.at);
        } else if let EventData::AlertRaised(_) = event.data {
            self.alerts += 1;
        }
    }

    /// Returns the duration of the stage until it ended, or until `now`, in seconds, rounded up.
    pub fn seconds(&self, now: Timestamp) -> u64 {
        self.left_at.unwrap_or(now).seconds_since(self.entered_at)
    }

    /// Returns the time beyond the limit when the stage ended, or at `now`, in seconds, rounded
    /// up; 0 if the limit had not passed.
    pub fn over_by(&self, now: Timestamp) -> u64 {
        let until = self.left_at.unwrap_or(now);
        self.due_at.map_or(0, |due| until.seconds_since(due))
    }
}

fn due(limit: Option<u32>, from: Timestamp) -> Option<Timestamp> {
    limit.map(|seconds| from.plus_seconds(seconds.into()))
}
