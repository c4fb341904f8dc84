//! What each workflow lets whom do, against a table written by hand.

mod courier;
mod parcel;
mod table;

use courier::COURIER;
use parcel::PARCEL;
use table::{Outcome, Table};

use super::samples::{
    at, clerk, customer, driver, driver_id, merchant, ops, order_of, support, system,
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

const TABLES: [Table; 2] = [COURIER, PARCEL];

impl Table {
    fn workflow(&self) -> &'static Workflow {
        Workflow::named(self.workflow).unwrap()
    }

    fn change(&self, to: &str) -> Command {
        let to = self.workflow().status(to).unwrap();
        Command::ChangeStatus { to, remarks: Remarks::default() }
    }
}

/// Calls `check` with each table and an order of its in every status, with its
/// driver d1 and without where both can be, and everybody who sees it then.
fn for_everybody_everywhere(mut check: impl FnMut(&Table, &'static str, &Order, &Principal)) {
    let unbound = [ops(), support(), system()];
    let parties = [merchant("m1"), clerk("m1", "s1"), customer("m1", "c1")];
    for table in &TABLES {
        for (status, _, carriers) in table.statuses {
            for carrier in *carriers {
                let order = order_of(table.workflow(), status, *carrier);
                let carrying = carrier.map(driver);
                for principal in unbound.iter().chain(&parties).chain(&carrying) {
                    check(table, status, &order, principal);
                }
            }
        }
    }
}

/// Everybody who does not see the order.
fn strangers() -> [Principal; 5] {
    [merchant("m2"), clerk("m1", "s2"), customer("m1", "c2"), customer("m2", "c1"), driver("d2")]
}

fn assign(driver: &str) -> Command {
    Command::Assign { driver: driver_id(driver) }
}

fn unassign() -> Command {
    Command::Unassign { reason: Reason::parse("flat tyre").unwrap() }
}

#[test]
fn there_is_a_table_for_each_workflow() {
    let names: Vec<_> = Workflow::ALL.iter().map(|workflow| workflow.name).collect();
    assert_eq!(names, TABLES.map(|table| table.workflow));
    assert_eq!(Workflow::DEFAULT.name, "courier");
}

#[test]
fn its_statuses_have_these_phases() {
    for table in TABLES {
        let workflow = table.workflow();
        let statuses = workflow.statuses.iter();
        let mut found: Vec<_> = statuses.map(|status| (status.name(), status.phase())).collect();
        let expected = table.statuses.iter().map(|(name, phase, _)| (*name, *phase));
        let mut expected: Vec<_> = expected.collect();
        found.sort_unstable_by_key(|(name, _)| *name);
        expected.sort_unstable_by_key(|(name, _)| *name);
        assert_eq!(found, expected);
        assert_eq!(workflow.initial.name(), table.initial);
        let automatic: Vec<_> = workflow.automatic.iter().map(|status| status.name()).collect();
        assert_eq!(automatic, table.automatic);
    }
}

#[test]
fn a_change_of_status_is_for_whom_the_table_says() {
    for_everybody_everywhere(|table, status, order, principal| {
        for (to, ..) in table.statuses {
            let expected = table.expected(status, principal.role(), table.step(status, to), None);
            let found = outcome(order, principal, table.change(to));
            assert_eq!(found, expected, "{} {status} → {to} by {principal:?}", table.workflow);
        }
    });
}

#[test]
fn an_operation_is_for_whom_the_table_says() {
    for_everybody_everywhere(|table, status, order, principal| {
        for (operation, command) in [(Assign, assign("d2")), (Unassign, unassign())] {
            let step = table.step_by(status, operation);
            let expected = table.expected(status, principal.role(), step, Some(operation));
            let found = outcome(order, principal, command);
            assert_eq!(found, expected, "{operation:?} at {status} by {principal:?}");
        }
    });
}

#[test]
fn a_driver_is_not_assigned_twice() {
    for_everybody_everywhere(|table, status, order, principal| {
        if order.driver.is_some() {
            let expected = match table.step_by(status, Assign) {
                Some(_) => Outcome::AlreadyAssigned,
                None => table.expected(status, principal.role(), None, Some(Assign)),
            };
            let found = outcome(order, principal, assign("d1"));
            assert_eq!(found, expected, "at {status} by {principal:?}");
        }
    });
}

#[test]
fn who_does_not_see_the_order_learns_nothing_of_it() {
    for_everybody_everywhere(|table, status, order, _| {
        for stranger in strangers() {
            let changes = table.statuses.iter().map(|(to, ..)| table.change(to));
            let operations = [assign("d1"), assign("d2"), unassign()];
            for command in changes.chain(operations) {
                let found = outcome(order, &stranger, command.clone());
                assert_eq!(found, Outcome::Unseen, "{command:?} at {status} by {stranger:?}");
            }
        }
    });
}
