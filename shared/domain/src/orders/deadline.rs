//! The deadline of an order, and the rules that set it.

use clock::Timestamp;

use crate::{Event, EventData, Ladder, Order};

/// The time at which Waybill acts on an order by itself, unless somebody acts before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub at: Timestamp,
    /// The index of the escalation step in the status's ladder, from 0.
    pub rung: usize,
}

impl Order {
    /// Returns the time limit of the order's status, in seconds. Returns `None` if the status has
    /// no limit, the order is closed, or the order moves by itself from there.
    pub fn limit(&self) -> Option<u32> {
        if !self.is_open() || self.next_by_itself().is_some() {
            return None;
        }
        match self.placed.terms.limits.of(self.status) {
            Some(limit) => limit.seconds(),
            None => self.placed.workflow.clock(self.status)?.limit,
        }
    }

    /// Returns the time at which Waybill acts on the order by itself: at its deadline, or when an
    /// offer ends or the last round has found nobody, if that comes first. The search for drivers is
    /// left out, which needs more than the order.
    pub fn due_at(&self) -> Option<Timestamp> {
        let deadline = self.deadline.map(|deadline| deadline.at);
        let dispatch = self.next_dispatch().filter(|next| !next.task.is_search());
        deadline.into_iter().chain(dispatch.map(|next| next.at)).min()
    }

    /// Returns the escalation steps of the order's status.
    pub(super) fn ladder(&self) -> Ladder {
        self.placed.workflow.clock(self.status).map_or(Ladder::DELAYED, |clock| clock.then)
    }

    /// Returns the deadline of an order that has just entered its status, or whose customer has
    /// just been asked about substitutions.
    fn first_deadline(&self, from: Timestamp) -> Option<Deadline> {
        let step = self.placed.terms.autopilot.filter(|_| self.next_by_itself().is_some());
        let seconds = match step {
            Some(autopilot) => autopilot.step_seconds(),
            None => self.limit()?,
        };
        Some(Deadline { at: from.plus_seconds(seconds.into()), rung: 0 })
    }

    /// Returns the deadline after an alert was raised: at the current one, or before it because
    /// dispatch found nobody.
    fn next_deadline(&self, from: Timestamp) -> Option<Deadline> {
        let ladder = self.ladder();
        let rung = ladder.after(self.deadline.map_or(0, |deadline| deadline.rung))?;
        let after = ladder.rungs.get(rung)?.after;
        Some(Deadline { at: from.plus_seconds(after.into()), rung })
    }
}

/// Updates the deadline after `event`, which is already applied to the rest of the order. The
/// time to the next escalation step counts from when the previous step was actually taken: a
/// person who was notified late still gets the full time to act.
pub(super) fn timed(order: Order, event: &Event, moved: bool) -> Order {
    if moved {
        let deadline = order.first_deadline(event.at);
        Order { deadline, delayed_since: None, ..order }
    } else if event.data.asks_customer() {
        let deadline = order.first_deadline(event.at);
        Order { deadline, ..order }
    } else if let EventData::AlertRaised(_) = event.data {
        let deadline = order.next_deadline(event.at);
        Order { deadline, delayed_since: order.delayed_since.or(Some(event.at)), ..order }
    } else {
        order
    }
}
