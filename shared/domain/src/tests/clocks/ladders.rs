//! The escalation of each clock of each workflow, while nobody moves the order.

use super::expectation::{Limit, Row, TABLES};
use super::{come_to, due_at, limited, swept, words, workflow};
use crate::samples::{at, events_due};
use crate::{Actor, EventData, Order, Terms, Workflow};

/// One day, in seconds: the longest delay of the sweep in these tests.
const DAY: i64 = 24 * 60 * 60;

#[test]
fn there_is_a_row_for_each_status() {
    let names: Vec<_> = Workflow::ALL.iter().map(|workflow| workflow.name).collect();
    assert_eq!(names, TABLES.each_ref().map(|(name, _)| *name));
    for (name, rows) in &*TABLES {
        let statuses: Vec<_> = rows.iter().map(|row| row.status).collect();
        let found = workflow(name).statuses.iter().map(|status| status.name());
        assert_eq!(found.collect::<Vec<_>>(), statuses);
    }
}

/// Calls `check` with each workflow and each of its rows.
fn for_each_row(check: impl Fn(&'static Workflow, &Row)) {
    for (name, rows) in &*TABLES {
        for row in rows {
            check(workflow(name), row);
        }
    }
}

#[test]
fn what_the_table_says_is_done_when_it_says() {
    for_each_row(|workflow, row| {
        let order = come_to(workflow, row.status, Terms::default());
        match row.limit {
            Limit::Of(limit) => assert_climbs(row, &order, limit, 0),
            Limit::None | Limit::Closed => assert_rests(&order),
        }
    });
}

/// A late alert does not shorten the time until the next escalation step.
#[test]
fn after_a_day_without_a_sweep_the_next_rung_is_as_far_as_ever() {
    for_each_row(|workflow, row| {
        let order = come_to(workflow, row.status, Terms::default());
        if let Limit::Of(limit) = row.limit {
            assert_climbs(row, &order, limit, 1);
            assert_climbs(row, &order, limit, DAY);
        }
    });
}

#[test]
fn a_merchant_s_limit_stands_instead_of_the_table_s() {
    for_each_row(|workflow, row| {
        for limit in [60, 2_592_000] {
            let order = come_to(workflow, row.status, limited(workflow, row.status, limit.into()));
            match row.limit {
                Limit::Closed => assert_rests(&order),
                Limit::Of(_) | Limit::None => assert_climbs(row, &order, limit, 0),
            }
        }
    });
}

#[test]
fn a_limit_of_zero_switches_the_clock_off() {
    for_each_row(|workflow, row| {
        assert_rests(&come_to(workflow, row.status, limited(workflow, row.status, 0)));
    });
}

#[test]
fn a_limit_of_another_status_changes_nothing() {
    let grocery = workflow("grocery");
    for status in ["picking_in_progress", "store_acknowledged", "delivered"] {
        let order = come_to(grocery, "store_notified", limited(grocery, status, 60));
        assert_eq!(due_at(&order), Some(600), "{status}");
    }
}

#[track_caller]
fn assert_rests(order: &Order) {
    assert_eq!((order.deadline, order.delayed_since), (None, None), "{}", order.status);
    assert_eq!(events_due(order, at(400 * DAY)), Ok(vec![]), "{}", order.status);
}

/// Checks the actions of the row on the order, each taken `late` seconds late.
#[track_caller]
fn assert_climbs(row: &Row, order: &Order, limit: u32, late: i64) {
    let (mut order, mut first_alert) = (order.clone(), None);
    // The planned offset of the previous action, and the time at which it was taken.
    let (mut before, mut taken) = (0, i64::from(limit));
    for (offset, what) in &row.done {
        let expected = taken + offset - before;
        assert_eq!(due_at(&order), Some(expected), "{} {what}", row.status);
        let (events, then) = swept(&order, late);
        assert_eq!(words(&events), *what, "{} at +{offset}", row.status);
        (before, taken) = (*offset, expected + late);
        for event in &events {
            assert_eq!(event.actor, Actor::system("sweep"));
            if let EventData::AlertRaised(alert) = &event.data {
                assert_eq!(alert.limit, limit);
                first_alert = first_alert.or(Some(at(taken)));
            }
        }
        let stays = then.status == order.status;
        assert_eq!(then.delayed_since, first_alert.filter(|_| stays), "{} {what}", row.status);
        order = then;
    }
    if order.status.name() == row.status {
        assert_eq!(due_at(&order), row.goes_on.then_some(taken + 3600), "{}", row.status);
    }
}
