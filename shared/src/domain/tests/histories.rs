//! What holds of an order and its history, whoever asks for what, and when.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::life::{Life, lives};
use super::samples::at;
use crate::domain::visibility::sees;
use crate::domain::{Command, Event, EventData, Order, Rejection, Remarks, Version, Workflow};

proptest! {
    #[test]
    fn versions_count_from_one_without_a_gap(life in lives()) {
        for (event, expected) in life.events.iter().zip(1..) {
            prop_assert_eq!(event.version, Version(expected));
        }
    }

    #[test]
    fn an_event_begins_where_the_one_before_it_ended(life in lives()) {
        let statuses = life.events.iter().map(|event| Some(event.status));
        for (event, before) in life.events.iter().zip(std::iter::once(None).chain(statuses)) {
            prop_assert_eq!(event.previous_status, before);
        }
        prop_assert_eq!(life.head().status, life.events[life.events.len() - 1].status);
    }

    #[test]
    fn a_closed_order_never_changes(life in lives()) {
        let (_, earlier) = life.heads.split_last().unwrap();
        prop_assert!(earlier.iter().all(Order::is_open));
    }

    #[test]
    fn time_does_not_run_backwards_even_if_clocks_do(life in lives()) {
        prop_assert!(life.events.is_sorted_by_key(|event| event.at));
        for decision in &life.decisions {
            for event in decision.outcome.iter().flatten() {
                prop_assert_eq!(event.at, at(decision.clock).max(decision.head.updated_at));
            }
        }
    }

    #[test]
    fn only_who_sees_an_order_is_answered(life in lives()) {
        for decision in &life.decisions {
            let unseen = matches!(decision.outcome, Err(Rejection::Unseen));
            prop_assert_eq!(unseen, !sees(&decision.by, &decision.head));
        }
    }

    #[test]
    fn an_event_says_who_did_what_and_what_they_said(life in lives()) {
        for decision in &life.decisions {
            let Ok(events) = &decision.outcome else { continue };
            let [event] = &events[..] else { panic!("one event, not {events:?}") };
            let (data, remarks) = said(&decision.command, &decision.head);
            prop_assert_eq!(&event.actor, &decision.by.actor());
            prop_assert_eq!(&event.data, &data);
            prop_assert_eq!(&event.note, &remarks.note);
            prop_assert_eq!(&event.message, &remarks.message);
            prop_assert_eq!(&event.metadata, &remarks.metadata);
        }
    }

    #[test]
    fn a_decision_on_an_older_head_claims_a_version_that_is_taken(life in lives()) {
        for decision in &life.decisions {
            for event in decision.outcome.iter().flatten() {
                prop_assert_eq!(event.version, decision.head.version.next());
                let holder = &life.events[usize::try_from(event.version.0 - 1).unwrap()];
                prop_assert!(!decision.committed || holder == event);
            }
        }
        let committed = life.decisions.iter().filter(|decision| decision.committed);
        prop_assert_eq!(committed.count() + 1, life.events.len());
    }

    #[test]
    fn what_was_refused_leaves_no_trace(life in lives()) {
        let mut again = Life { decisions: vec![], ..life.clone() };
        again.events.truncate(1);
        again.heads.truncate(1);
        for kept in life.decisions.iter().filter(|decision| decision.committed) {
            again.decide(again.heads.len() - 1, &kept.by, &kept.command, kept.clock);
        }
        prop_assert_eq!(again.events, life.events);
        prop_assert_eq!(again.heads, life.heads);
    }
}

/// What the event of a command is to hold of it.
fn said(command: &Command, head: &Order) -> (EventData, Remarks) {
    match command.clone() {
        Command::ChangeStatus { remarks, .. } => (EventData::StatusChanged, remarks),
        Command::Assign { driver } => (EventData::DriverAssigned { driver }, Remarks::default()),
        Command::Unassign { reason } => {
            let driver = head.driver.clone().unwrap();
            (EventData::DriverUnassigned { driver, reason }, Remarks::default())
        }
    }
}

/// Without this, the properties above could hold because nothing happens.
#[test]
fn chance_leaves_nothing_out() {
    let mut runner = TestRunner::deterministic();
    let draws = (0..256).map(|_| lives().new_tree(&mut runner).unwrap().current());
    let lives: Vec<Life> = draws.collect();
    let heads = lives.iter().flat_map(|life| &life.heads);
    let reached: BTreeSet<_> = heads.map(|head| (head.workflow.name, head.status.name())).collect();
    let all = Workflow::ALL
        .iter()
        .flat_map(|workflow| workflow.statuses.iter().map(|status| (workflow.name, status.name())));
    let decisions = || lives.iter().flat_map(|life| &life.decisions);
    let refusals: BTreeSet<_> =
        decisions().filter_map(|decision| refusal(&decision.outcome)).collect();
    assert_eq!(reached, all.collect());
    let all = ["already assigned", "no such edge", "not yours", "owned by operation", "unseen"];
    assert_eq!(refusals, BTreeSet::from(all));
    assert!(decisions().any(|decision| decision.outcome.is_ok() && !decision.committed));
    assert!(
        decisions().any(|decision| {
            decision.committed && at(decision.clock) < decision.head.updated_at
        })
    );
}

fn refusal(outcome: &Result<Vec<Event>, Rejection>) -> Option<&'static str> {
    Some(match outcome.as_ref().err()? {
        Rejection::Unseen => "unseen",
        Rejection::NoSuchEdge { .. } => "no such edge",
        Rejection::OwnedByOperation { .. } => "owned by operation",
        Rejection::AlreadyAssigned { .. } => "already assigned",
        Rejection::NotYours { .. } => "not yours",
        Rejection::ForAnother | Rejection::MayNotCreate { .. } => "of a creation",
    })
}
