//! The expected outcome of a command, by a table, and its actual outcome.

use std::collections::BTreeSet;

use super::table::{Row, Table};
use crate::samples::{at, events_of, knowing};
use crate::{
    Action, Allowed, Answers, Context, Operation, Order, Principal, Rejection, Role, evolve,
};

/// The outcome of a command.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The order takes a step, and records its time under this stamp.
    Moves {
        to: &'static str,
        stamp: Option<&'static str>,
    },
    /// The order stays in its status, and its history records the action.
    Told,
    NoSuchTransition(Offer),
    NotYours(Offer),
    ForItsDriver(Offer),
    OwnedBy(Operation),
    AlreadyAssigned,
    SameStore,
    IsClosed,
    IsOpen,
    OnlyOffered,
    NotOfferable,
    OfferOver,
    /// Nothing changes.
    Same,
    Unseen,
}

/// The alternatives that a rejection offers, in alphabetical order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    statuses: Vec<&'static str>,
    operations: Vec<&'static str>,
}

impl Offer {
    fn new(mut statuses: Vec<&'static str>, mut operations: Vec<&'static str>) -> Self {
        statuses.sort_unstable();
        operations.sort_unstable();
        Self { statuses, operations }
    }
}

impl From<Allowed> for Offer {
    fn from(Allowed { statuses, operations }: Allowed) -> Self {
        let statuses = statuses.iter().map(|status| status.name()).collect();
        Self::new(statuses, operations.iter().map(|operation| operation.name()).collect())
    }
}

impl Table {
    fn steps_from<'t>(&'t self, order: &Order) -> impl Iterator<Item = &'t Row> {
        let status = order.status.name();
        self.steps.iter().filter(move |step| step.from == status)
    }

    /// Returns the alternatives for a role whose request about `order` is rejected.
    pub(super) fn offer(&self, order: &Order, role: Role) -> Offer {
        let yours = || self.steps_from(order).filter(|step| step.is_for(role, order));
        let statuses =
            yours().filter(|step| !step.is_owned_of(order)).map(|step| step.to).collect();
        let operations: BTreeSet<_> =
            yours().filter_map(|step| step.operation.map(Operation::name)).collect();
        Offer::new(statuses, operations.into_iter().collect())
    }

    /// Returns the expected outcome of a change of status by a principal who sees the order.
    pub(super) fn change(&self, order: &Order, to: &str, role: Role) -> Outcome {
        let there = || self.open_to(role, order).filter(|step| step.to == to);
        let step = there().find(|step| !step.is_owned_of(order)).or_else(|| there().next());
        match step {
            Some(step) if step.is_owned_of(order) => Outcome::OwnedBy(step.operation.unwrap()),
            Some(Row { to, stamp, .. }) => Outcome::Moves { to, stamp: *stamp },
            None => self.closed_to(role, order, |step| step.to == to),
        }
    }

    /// Returns the expected outcome of an operation by a principal who sees the order, with the
    /// substitutions in this state.
    pub(super) fn operation(
        &self,
        order: &Order,
        operation: Operation,
        then: Option<Answers>,
        role: Role,
    ) -> Outcome {
        let is_meant = |step: &Row| step.operation == Some(operation);
        let mut ways = self.open_to(role, order).filter(|step| is_meant(step));
        match ways.find(|step| step.when.is_none() || step.when == then) {
            Some(Row { to, stamp, .. }) => Outcome::Moves { to, stamp: *stamp },
            None => self.closed_to(role, order, is_meant),
        }
    }

    /// True if a driver can accept the order.
    pub(super) fn is_offerable(&self, order: &Order) -> bool {
        let mut steps = self.steps_from(order);
        order.driver.is_none() && steps.any(|step| step.operation == Some(Operation::Accept))
    }

    fn open_to<'t>(&'t self, role: Role, order: &'t Order) -> impl Iterator<Item = &'t Row> {
        self.steps_from(order).filter(move |step| step.is_for(role, order))
    }

    /// Returns the refusal of steps that are not open to the role now. If the role could take one
    /// of them in another status, the order's status is the reason; if only other roles ever can,
    /// the role is.
    fn closed_to(&self, role: Role, order: &Order, is_meant: impl Fn(&Row) -> bool) -> Outcome {
        let all: Vec<_> = self.steps.iter().filter(|step| is_meant(step)).collect();
        let offer = self.offer(order, role);
        let undriven = Order { driver: None, ..order.clone() };
        if !all.is_empty() && !all.iter().any(|step| step.is_for(role, &undriven)) {
            Outcome::NotYours(offer)
        } else if self.open_to(role, &undriven).any(is_meant) {
            Outcome::ForItsDriver(offer)
        } else {
            Outcome::NoSuchTransition(offer)
        }
    }
}

/// Returns the outcome of `action` on an order without stamps.
pub(super) fn outcome(order: &Order, principal: &Principal, action: impl Into<Action>) -> Outcome {
    let action = action.into();
    let is_step = matches!(action, Action::Step(_));
    let known = knowing("1234");
    let context = Context::new(at(60), principal).knowing(&known);
    match events_of(order, action, &context) {
        Ok(events) if events.is_empty() => Outcome::Same,
        Ok(events) => {
            let [event] = &events[..] else { panic!("one event, not {events:?}") };
            let then = evolve(order.clone(), event);
            let stamps: Vec<_> = then.stamps.into_iter().collect();
            match stamps[..] {
                [] if is_step => Outcome::Moves { to: then.status.name(), stamp: None },
                [] if then.status == order.status => Outcome::Told,
                [(stamp, time)] if is_step && time == at(60) => {
                    Outcome::Moves { to: then.status.name(), stamp: Some(stamp.name()) }
                }
                _ => panic!("{event:?} on {order:?} keeps {stamps:?}"),
            }
        }
        Err(rejection) => refusal(order, principal, rejection),
    }
}

fn refusal(order: &Order, principal: &Principal, rejection: Rejection) -> Outcome {
    match rejection {
        Rejection::NoSuchTransition { status, allowed, .. } if status == order.status => {
            Outcome::NoSuchTransition(allowed.into())
        }
        Rejection::ForItsDriver { status, allowed } if status == order.status => {
            Outcome::ForItsDriver(allowed.into())
        }
        Rejection::NotYours { role, allowed } if role == principal.role() => {
            Outcome::NotYours(allowed.into())
        }
        Rejection::OwnedByOperation { status, operation } if status == order.status => {
            Outcome::OwnedBy(operation)
        }
        Rejection::AlreadyAssigned { status, driver }
            if (status, Some(&driver)) == (order.status, order.driver.as_ref()) =>
        {
            Outcome::AlreadyAssigned
        }
        Rejection::SameStore { status, store }
            if (status, Some(&store)) == (order.status, order.store.as_ref()) =>
        {
            Outcome::SameStore
        }
        Rejection::IsClosed { status } if status == order.status => Outcome::IsClosed,
        Rejection::IsOpen { status } if status == order.status => Outcome::IsOpen,
        Rejection::OnlyOffered { status, .. } if status == order.status => Outcome::OnlyOffered,
        Rejection::NotOfferable { status } if status == order.status => Outcome::NotOfferable,
        Rejection::OfferOver { .. } => Outcome::OfferOver,
        Rejection::Unseen => Outcome::Unseen,
        other => panic!("no answer to a command on {order:?}: {other:?}"),
    }
}
