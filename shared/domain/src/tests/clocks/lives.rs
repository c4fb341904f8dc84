//! Properties of an order's clock under any commands and at any time of a sweep.

use proptest::prelude::*;

use super::expectation::{Limit, row_of};
use crate::samples::life::{Life, Wanted, due_seconds, lives};
use crate::samples::{at, events_due};
use crate::{Autopilot, Deadline, Event, EventData, Order, evolve};

/// Returns the order after each event, with the events of its stay in its status: the event
/// that moved it there, and those after it.
fn stays(life: &Life) -> impl Iterator<Item = (&[Event], &Order)> {
    let is_move = |event: &Event| event.previous_status != Some(event.status);
    (1..=life.events.len()).map(move |version| {
        let events = &life.events[..version];
        let came = events.iter().rposition(is_move).unwrap();
        (&events[came..], &life.heads[version - 1])
    })
}

const fn is_alert(event: &Event) -> bool {
    matches!(event.data, EventData::AlertRaised(_))
}

/// Returns the order's expected deadline by the handwritten table, in seconds after 09:30.
fn expected(stay: &[Event], order: &Order) -> Option<i64> {
    let row = row_of(order.placed.workflow.name, order.status.name());
    let limit = match (row.limit, order.placed.terms.limits.of(order.status)) {
        (Limit::Closed, _) | (Limit::None, None) => None,
        (_, Some(own)) => own.seconds(),
        (Limit::Of(seconds), None) => Some(seconds),
    };
    let path = ["pending", "processing", "shipped"];
    let step = order.placed.terms.autopilot.filter(|_| path.contains(&order.status.name()));
    let limit = step.map(Autopilot::step_seconds).or(limit);
    let starts = |event: &&Event| is_alert(event) || event.data.asks_customer();
    let start = stay.iter().rfind(starts).unwrap_or(&stay[0]);
    let start = start.at.epoch_seconds() - at(0).epoch_seconds();
    let rung = stay.iter().filter(|event| is_alert(event)).count();
    let times: Vec<_> = row.done.iter().map(|(offset, _)| *offset).collect();
    match rung {
        // The rounds of dispatch can alert people before a time limit, or without one.
        0 => limit.map(|limit| start + i64::from(limit)),
        rung if rung < times.len() => Some(start + times[rung] - times[rung - 1]),
        _ => row.goes_on.then_some(start + 3600),
    }
}

proptest! {
    #[test]
    fn a_deadline_is_what_the_table_makes_of_the_stay(life in lives()) {
        for (stay, head) in stays(&life) {
            let seconds = |it: Deadline| it.at.epoch_seconds() - at(0).epoch_seconds();
            let deadline = head.deadline.map(seconds);
            prop_assert_eq!(deadline, expected(stay, head), "{}", head.status);
        }
    }

    #[test]
    fn nothing_is_done_before_the_deadline_and_something_from_then_on(life in lives()) {
        for head in &life.heads {
            let Some(seconds) = due_seconds(head) else {
                prop_assert_eq!(events_due(head, at(4_000_000_000)), Ok(vec![]));
                continue;
            };
            prop_assert_eq!(events_due(head, at(seconds - 1)), Ok(vec![]));
            for late in [0, 1, 86_400] {
                let now = at(seconds + late);
                // A due order is never rejected.
                let events = events_due(head, now).unwrap();
                let then = events.iter().fold(head.clone(), evolve);
                prop_assert!(then.version > head.version);
                prop_assert!(then.deadline.is_none_or(|deadline| deadline.at > now));
                prop_assert_eq!(events_due(&then, now), Ok(vec![]));
            }
        }
    }

    #[test]
    fn an_order_is_delayed_from_the_first_alert_until_it_moves(life in lives()) {
        for (stay, head) in stays(&life) {
            let first = stay.iter().find(|event| is_alert(event));
            prop_assert_eq!(head.delayed_since, first.map(|event| event.at));
        }
    }

    #[test]
    fn a_closed_order_is_neither_due_nor_delayed(life in lives()) {
        for head in life.heads.iter().filter(|head| !head.is_open()) {
            prop_assert_eq!((head.deadline, head.delayed_since), (None, None));
        }
    }

    #[test]
    fn an_alert_is_raised_once_a_stay_unless_it_goes_on(life in lives()) {
        for (stay, head) in stays(&life) {
            let row = row_of(head.placed.workflow.name, head.status.name());
            let alerts: Vec<_> = stay.iter().filter(|event| is_alert(event)).collect();
            for (place, alert) in alerts.iter().enumerate().filter(|_| !row.goes_on) {
                prop_assert!(alerts[..place].iter().all(|other| other.data != alert.data));
            }
        }
    }

    /// Of two concurrent sweeps, or a sweep and a command, the second decides on the result of the
    /// first.
    #[test]
    fn a_sweep_that_comes_second_does_nothing_again(life in lives()) {
        for sweep in life.decisions.iter().filter(|it| matches!(it.wanted, Wanted::Due)) {
            let events = sweep.outcome.clone().unwrap();
            let overdue = due_seconds(&sweep.head).is_some_and(|seconds| seconds <= sweep.clock);
            prop_assert_eq!(!events.is_empty(), overdue);
            let is_next = |event: &Event| event.version == sweep.head.version.next();
            let next = life.events.iter().find(|event| is_next(event));
            let first = next.is_some_and(|next| events.first() == Some(next));
            prop_assert!(!sweep.committed || first);
        }
    }
}
