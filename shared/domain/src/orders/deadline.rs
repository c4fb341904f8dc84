//! The clock of an order: how it is set, and what it is set to.

use clock::Timestamp;

use crate::{Event, EventData, Ladder, Order};

/// When Waybill does something with an order, if nobody does before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub at: Timestamp,
    /// The index of the escalation step in its status's ladder, from 0.
    pub rung: usize,
}

impl Order {
    /// How long it may stand where it stands, in seconds; none for as long as it takes,
    /// and where it moves by itself.
    pub fn limit(&self) -> Option<u32> {
        if !self.is_open() || self.next_by_itself().is_some() {
            return None;
        }
        match self.placed.terms.limits.of(self.status) {
            Some(limit) => limit.seconds(),
            None => self.placed.workflow.clock(self.status)?.limit,
        }
    }

    /// Returns the escalation steps of the order's status.
    pub(super) fn ladder(&self) -> Ladder {
        self.placed.workflow.clock(self.status).map_or(Ladder::DELAYED, |clock| clock.then)
    }

    /// The deadline of an order that has just come to where it stands, or whose customer
    /// has just been asked.
    fn first_deadline(&self, from: Timestamp) -> Option<Deadline> {
        let step = self.placed.terms.autopilot.filter(|_| self.next_by_itself().is_some());
        let seconds = match step {
            Some(autopilot) => autopilot.step_seconds(),
            None => self.limit()?,
        };
        Some(Deadline { at: from.plus_seconds(seconds.into()), rung: 0 })
    }

    /// The deadline once its present one has passed, and an alert has told so.
    fn next_deadline(&self, from: Timestamp) -> Option<Deadline> {
        let ladder = self.ladder();
        let rung = ladder.after(self.deadline?.rung)?;
        let after = ladder.rungs.get(rung)?.after;
        Some(Deadline { at: from.plus_seconds(after.into()), rung })
    }
}

/// Sets the clock of an order that `event` has made what it is otherwise. The time to the
/// next rung counts from when the one before was in fact taken: whoever was told late has
/// still their time to act.
pub(super) fn timed(order: Order, event: &Event, moved: bool) -> Order {
    if moved {
        let deadline = order.first_deadline(event.at);
        Order { deadline, delayed_since: None, ..order }
    } else if let EventData::SubstitutionsProposed { .. } = event.data {
        let deadline = order.first_deadline(event.at);
        Order { deadline, ..order }
    } else if let EventData::AlertRaised(_) = event.data {
        let deadline = order.next_deadline(event.at);
        Order { deadline, delayed_since: order.delayed_since.or(Some(event.at)), ..order }
    } else {
        order
    }
}
