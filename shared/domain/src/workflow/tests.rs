//! Checks that each workflow table is sound.

use super::*;
use crate::{Answers, Message, Reason, Role};

#[test]
fn every_table_is_sound() {
    for workflow in Workflow::ALL {
        assert_sound(workflow);
    }
}

/// Asserts that a table has no duplicates, refers only to its own statuses, and determines
/// the target of every operation.
pub(crate) fn assert_sound(workflow: &Workflow) {
    let known = |status: &Status| workflow.statuses.contains(status);
    assert!(known(&workflow.initial) && workflow.automatic.iter().all(known));
    for (at, status) in workflow.statuses.iter().enumerate() {
        assert!(!workflow.statuses[..at].iter().any(|other| other.name == status.name));
        let leaves = workflow.transitions_from(*status).count();
        if status.phase.is_open() {
            assert!(leaves > 0, "{} {status}", workflow.name);
        } else {
            assert_reopens(workflow, *status);
        }
        assert_leads_clearly(workflow, *status);
    }
    for transition in workflow.transitions {
        assert!(known(&transition.to) && transition.from.iter().all(known));
    }
    for (at, clock) in workflow.clocks.iter().enumerate() {
        let is_again = workflow.clocks[..at].iter().any(|other| other.status == clock.status);
        assert!(!is_again, "{} {}", workflow.name, clock.status);
        assert_clock(workflow, clock);
    }
    assert_goes_by_itself(workflow);
}

/// Asserts that a closed status can only be left to the open status that alone leads to it, which
/// is therefore the last open status of every order in it.
fn assert_reopens(workflow: &Workflow, closed: Status) {
    for transition in workflow.transitions_from(closed) {
        let place = format!("{} {closed}", workflow.name);
        assert_eq!(transition.operation, Some(Operation::Reopen), "{place}");
        let before = workflow.transitions.iter().filter(|it| it.to == closed);
        assert!(before.flat_map(|it| it.from).all(|from| *from == transition.to), "{place}");
        assert!(transition.to.phase.is_open(), "{place}");
    }
}

/// Asserts that a clock belongs to an open status, and that the workflow permits Waybill its
/// measures.
fn assert_clock(workflow: &Workflow, StatusClock { status, then, .. }: &StatusClock) {
    let place = format!("{} {status}", workflow.name);
    assert!(workflow.statuses.contains(status) && status.phase.is_open(), "{place}");
    let ends = then.rungs.first().zip(then.rungs.last());
    let (first, last) = ends.unwrap_or_else(|| panic!("{place}: no rung"));
    assert_eq!(first.after, 0, "{place}");
    // Otherwise the alert would repeat without a pause.
    let is_alert = |rung: &Rung| matches!(rung.measure, Measure::Alert(..));
    assert!(!then.repeats || (is_alert(last) && last.after > 0), "{place}");
    for rungs in then.rungs.windows(2) {
        // A step after an alert has a delay. A step after any other measure is the alternative
        // to that measure and has no delay.
        assert_eq!(is_alert(&rungs[0]), rungs[1].after > 0, "{place}");
    }
    for rung in then.rungs {
        assert!(may_take(workflow, *status, rung.measure), "{place} {:?}", rung.measure);
    }
}

fn is_systems(transition: &Transition) -> bool {
    transition.by.contains(&Role::System)
}

fn may_take(workflow: &Workflow, from: Status, measure: Measure) -> bool {
    let answered = |operation, then: &[Answers]| {
        let transitions =
            || workflow.transitions_of(operation, from).filter(|transition| is_systems(transition));
        then.iter().all(|then| transitions().any(|transition| transition.when == Some(*then)))
    };
    match measure {
        Measure::Alert(..) => true,
        Measure::Reassign(why) => {
            assert!(Reason::parse(why).is_ok(), "{why}");
            let rejects =
                workflow.transitions_of(Operation::Reject, from).filter(|it| is_systems(it));
            let again = |from| workflow.transitions_of(Operation::Reassign, from);
            rejects.map(|transition| transition.to).any(|to| again(to).any(is_systems))
        }
        Measure::Cancel(why) => {
            assert!(Message::parse(why).is_ok(), "{why}");
            let is_cancelled = |to: &&Transition| to.to.phase == Phase::Cancelled;
            let transitions = workflow.transitions_from(from).filter(is_cancelled);
            transitions.filter(|transition| transition.owner().is_none()).any(is_systems)
        }
        Measure::AnswerSubstitutions => {
            let answers = [
                Answers::Missing,
                Answers::NoneRejected,
                Answers::SomeRejected,
                Answers::NothingLeft,
            ];
            answered(Operation::ApproveSubstitution, &answers)
                && answered(Operation::RejectSubstitution, &answers)
        }
    }
}

/// Asserts that the path of orders that move by themselves consists of transitions that
/// Waybill may make, and ends in a closed status.
fn assert_goes_by_itself(workflow: &Workflow) {
    for path in workflow.autopilot.windows(2) {
        let transition = workflow.transition(path[0], path[1]).unwrap();
        let owner = transition.owner().filter(|owner| *owner != Operation::Deliver);
        assert!(is_systems(transition) && owner.is_none(), "{} {}", workflow.name, transition.to);
    }
    let ends = workflow.autopilot.last();
    assert!(ends.is_none_or(|end| !end.phase.is_open()), "{}", workflow.name);
}

/// Asserts that several transitions of an operation from a status have different conditions
/// and the same roles, and that a change of status is never ambiguous.
fn assert_leads_clearly(workflow: &Workflow, from: Status) {
    let transitions: Vec<_> = workflow.transitions_from(from).collect();
    for (at, transition) in transitions.iter().enumerate() {
        for other in &transitions[..at] {
            let place = format!("{} {from} → {}, {}", workflow.name, transition.to, other.to);
            if transition.operation.is_some() && transition.operation == other.operation {
                let conditions = [transition.when, other.when];
                assert!(!conditions.contains(&None) && transition.when != other.when, "{place}");
                assert_eq!(transition.by, other.by, "{place}");
                assert_eq!(transition.without_driver, other.without_driver, "{place}");
            } else if transition.to == other.to {
                assert!(transition.owner().is_some() || other.owner().is_some(), "{place}");
            }
            // An order's stamps depend only on its previous and its new status.
            if transition.to == other.to {
                assert_eq!(transition.stamp, other.stamp, "{place}");
            }
        }
    }
}
