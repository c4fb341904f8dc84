//! What the `courier` workflow lets whom do, against a table written by hand.

mod table;

use table::{Outcome, STATUSES, STEPS, expected};

use super::samples::{
    at, clerk, customer, driver, driver_id, merchant, ops, order_in, support, system,
};
use crate::domain::Operation::{Assign, Unassign};
use crate::domain::{
    Allowed, Command, Context, Event, Order, Principal, Reason, Rejection, Remarks, Workflow,
    decide,
};

fn outcome(order: &Order, principal: &Principal, command: Command) -> Outcome {
    let offered = |allowed: Allowed| {
        let statuses = allowed.statuses.iter().map(|status| status.name());
        let operations = allowed.operations.iter().map(|operation| operation.name());
        let mut names: Vec<_> = statuses.chain(operations).collect();
        names.sort_unstable();
        names
    };
    match decide(order, command, &Context { now: at(60), principal }) {
        Ok(events) => {
            let [Event { status, .. }] = events[..] else { panic!("one event, not {events:?}") };
            Outcome::Moves { to: status.name() }
        }
        Err(Rejection::NoSuchEdge { status, allowed }) if status == order.status => {
            Outcome::NoSuchEdge { offered: offered(allowed) }
        }
        Err(Rejection::NotYours { role, allowed }) if role == principal.role() => {
            Outcome::NotYours { offered: offered(allowed) }
        }
        Err(Rejection::OwnedByOperation { status, operation }) if status == order.status => {
            Outcome::OwnedBy(operation)
        }
        Err(Rejection::AlreadyAssigned { status, driver })
            if (status, Some(&driver)) == (order.status, order.driver.as_ref()) =>
        {
            Outcome::AlreadyAssigned
        }
        Err(Rejection::Unseen) => Outcome::Unseen,
        Err(other) => panic!("no answer to a command on {order:?}: {other:?}"),
    }
}

/// Calls `check` with the order in every status, with its driver d1 and without
/// where both can be, and everybody who sees it then.
fn for_everybody_everywhere(mut check: impl FnMut(&'static str, &Order, &Principal)) {
    let unbound = [ops(), support(), system()];
    let parties = [merchant("m1"), clerk("m1", "s1"), customer("m1", "c1")];
    for (status, _) in STATUSES {
        let carriers: &[Option<&str>] = match status {
            "created" => &[None],
            "driver_assigned" => &[Some("d1")],
            _ => &[None, Some("d1")],
        };
        for carrier in carriers {
            let order = order_in(status, *carrier);
            let carrying = carrier.map(driver);
            for principal in unbound.iter().chain(&parties).chain(&carrying) {
                check(status, &order, principal);
            }
        }
    }
}

/// Everybody who does not see the order.
fn strangers() -> [Principal; 5] {
    [merchant("m2"), clerk("m1", "s2"), customer("m1", "c2"), customer("m2", "c1"), driver("d2")]
}

fn change(to: &str) -> Command {
    let to = Workflow::DEFAULT.status(to).unwrap();
    Command::ChangeStatus { to, remarks: Remarks::default() }
}

fn assign(driver: &str) -> Command {
    Command::Assign { driver: driver_id(driver) }
}

fn unassign() -> Command {
    Command::Unassign { reason: Reason::parse("flat tyre").unwrap() }
}

#[test]
fn its_statuses_have_these_phases() {
    let statuses = Workflow::DEFAULT.statuses.iter();
    let mut found: Vec<_> = statuses.map(|status| (status.name(), status.phase())).collect();
    let mut expected = STATUSES;
    found.sort_unstable_by_key(|(name, _)| *name);
    expected.sort_unstable_by_key(|(name, _)| *name);
    assert_eq!(found, expected);
    assert_eq!(Workflow::DEFAULT.name, "courier");
    assert_eq!(Workflow::DEFAULT.initial.name(), "created");
    assert!(Workflow::DEFAULT.automatic.is_empty());
}

#[test]
fn a_change_of_status_is_for_whom_the_table_says() {
    for_everybody_everywhere(|status, order, principal| {
        for (to, _) in STATUSES {
            let step = STEPS.iter().find(|step| (step.from, step.to) == (status, to));
            let expected = expected(status, principal.role(), step, None);
            let found = outcome(order, principal, change(to));
            assert_eq!(found, expected, "{status} → {to} by {principal:?}");
        }
    });
}

#[test]
fn an_operation_is_for_whom_the_table_says() {
    for_everybody_everywhere(|status, order, principal| {
        for (operation, command) in [(Assign, assign("d2")), (Unassign, unassign())] {
            let by = Some(operation);
            let step = STEPS.iter().find(|step| step.from == status && step.by == by);
            let expected = expected(status, principal.role(), step, by);
            let found = outcome(order, principal, command);
            assert_eq!(found, expected, "{operation:?} at {status} by {principal:?}");
        }
    });
}

#[test]
fn a_driver_is_not_assigned_twice() {
    for_everybody_everywhere(|status, order, principal| {
        if order.driver.is_some() {
            let step = STEPS.iter().find(|step| step.from == status && step.by == Some(Assign));
            let expected = match step {
                Some(_) => Outcome::AlreadyAssigned,
                None => expected(status, principal.role(), None, Some(Assign)),
            };
            let found = outcome(order, principal, assign("d1"));
            assert_eq!(found, expected, "at {status} by {principal:?}");
        }
    });
}

#[test]
fn who_does_not_see_the_order_learns_nothing_of_it() {
    for_everybody_everywhere(|status, order, _| {
        for stranger in strangers() {
            let changes = STATUSES.map(|(to, _)| change(to));
            let operations = [assign("d1"), assign("d2"), unassign()];
            for command in changes.into_iter().chain(operations) {
                let found = outcome(order, &stranger, command.clone());
                assert_eq!(found, Outcome::Unseen, "{command:?} at {status} by {stranger:?}");
            }
        }
    });
}
