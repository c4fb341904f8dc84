//! Checks the permissions of each workflow against a handwritten table.

mod courier;
mod ends;
mod expectation;
mod grocery;
mod in_place;
mod laundry;
mod parcel;
mod steps;
mod substitutions;
mod table;

use std::sync::LazyLock;

pub(super) use in_place::InPlaceRule;
use laundry::LAUNDRY;
pub(super) use table::{Row, Table};

use crate::samples::{clerk, customer, driver, merchant, offer_to, ops, order_of, support, system};
use crate::{Order, Principal, Workflow};

/// Returns Waybill's own workflows and one more.
fn workflows() -> impl Iterator<Item = &'static Workflow> {
    Workflow::ALL.iter().copied().chain([&LAUNDRY])
}

/// The expected tables, in the order of [`workflows`].
static TABLES: LazyLock<[Table; 4]> = LazyLock::new(|| {
    [&courier::COURIER, &grocery::GROCERY, &parcel::PARCEL, &laundry::EXPECTED].map(Table::from)
});

/// Returns the expected table of a workflow.
pub(super) fn table_of(workflow: &Workflow) -> &'static Table {
    TABLES.iter().find(|table| table.workflow == workflow.name).unwrap()
}

/// Calls `check` with each table, an order of it in every status, and every principal that sees
/// the order. If a status permits both, the order comes once with driver d1 and once without. An
/// order that a driver can accept also comes offered to d1, for that driver.
fn for_everybody_everywhere(mut check: impl FnMut(&Table, &Order, &Principal)) {
    let unbound = [ops(), support(), system()];
    let parties = [merchant("m1"), clerk("m1", "s1"), customer("m1", "c1")];
    for workflow in workflows() {
        let table = table_of(workflow);
        for place in &table.statuses {
            for carrier in place.carriers {
                let order = order_of(workflow, place.status, *carrier);
                let carrying = carrier.map(driver);
                for principal in unbound.iter().chain(&parties).chain(&carrying) {
                    check(table, &order, principal);
                }
                if table.is_offerable(&order) {
                    let offer = Some(offer_to(&["d1"]));
                    check(table, &Order { offer, ..order.clone() }, &driver("d1"));
                }
            }
        }
    }
}

/// Returns principals that do not see the order.
fn strangers() -> [Principal; 5] {
    [merchant("m2"), clerk("m1", "s2"), customer("m1", "c2"), customer("m2", "c1"), driver("d2")]
}

#[test]
fn there_is_a_table_for_each_workflow() {
    let names: Vec<_> = workflows().map(|workflow| workflow.name).collect();
    assert_eq!(names, TABLES.each_ref().map(|table| table.workflow));
    assert_eq!(names, ["courier", "grocery", "parcel", "laundry"]);
    assert_eq!(Workflow::DEFAULT.name, "courier");
}

#[test]
fn its_statuses_have_these_phases() {
    for workflow in workflows() {
        let table = table_of(workflow);
        let statuses = workflow.statuses.iter();
        let mut found: Vec<_> = statuses.map(|status| (status.name(), status.phase())).collect();
        let expected = table.statuses.iter().map(|place| (place.status, place.phase));
        let mut expected: Vec<_> = expected.collect();
        found.sort_unstable_by_key(|(name, _)| *name);
        expected.sort_unstable_by_key(|(name, _)| *name);
        assert_eq!(found, expected);
        let begins = [&workflow.initial].into_iter().chain(workflow.automatic);
        assert_eq!(begins.map(|status| status.name()).collect::<Vec<_>>(), table.begins);
    }
}
