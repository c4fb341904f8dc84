//! Every step, by every principal, from every status.

use super::expectation::{Outcome, outcome};
use super::substitutions::two_asked;
use super::{for_everybody_everywhere, in_place, strangers};
use crate::samples::{driver_id, proposal, reason, store_id};
use crate::{Action, Answer, Answers, Operation, Order, Step, SubstitutionId};

fn assign(driver: &str) -> Step {
    Step::Assign { driver: driver_id(driver), replace: true }
}

fn reassign(store: &str) -> Step {
    Step::Reassign { store: store_id(store) }
}

fn answer(answer: Answer) -> Step {
    Step::AnswerSubstitution { id: SubstitutionId::new(1), answer }
}

/// Returns each operation, with arguments that an order of store s1 and driver d1 accepts.
pub(super) fn operations() -> [Step; 22] {
    [
        Step::Plain(Operation::Acknowledge),
        Step::Reject { reason: reason("closed"), reassign_to: None },
        reassign("s2"),
        Step::Plain(Operation::StartPicking),
        Step::Plain(Operation::Ready),
        Step::ProposeSubstitutions(vec![proposal(2, 30)]),
        answer(Answer::Approved),
        answer(Answer::Rejected),
        Step::Plain(Operation::Process),
        assign("d2"),
        Step::Accept { driver: driver_id("d1") },
        Step::Unassign { reason: reason("flat tyre") },
        Step::Plain(Operation::Pickup),
        Step::Plain(Operation::Depart),
        Step::Deliver { code: None, note: None },
        Step::DeliveryFailed { reason: reason("nobody home") },
        Step::Plain(Operation::Retry),
        Step::Plain(Operation::Return),
        Step::Plain(Operation::Returned),
        Step::Cancel { reason: reason("ordered twice") },
        Step::Fail { reason: reason("lost") },
        Step::Reopen { reason: reason("wrong door") },
    ]
}

/// Returns a change to each status of the order's workflow.
pub(super) fn changes(order: &Order) -> impl Iterator<Item = Step> + use<> {
    order.placed.workflow.statuses.iter().map(|to| Step::ChangeStatus { to: *to })
}

#[test]
fn every_operation_is_tried() {
    let tried = operations().map(|action| action.operation());
    assert_eq!(tried, Operation::ALL.map(Some));
}

#[test]
fn a_change_of_status_is_for_whom_the_table_says() {
    let mut rows = 0;
    for_everybody_everywhere(|table, order, principal| {
        for action in changes(order) {
            let Step::ChangeStatus { to } = action else { unreachable!() };
            let expected = table.change(order, to.name(), principal.role());
            let found = outcome(order, principal, action);
            let status = order.status;
            assert_eq!(found, expected, "{} {status} → {to} by {principal:?}", table.workflow);
            rows += 1;
        }
    });
    assert!(rows > 3000, "{rows}");
}

/// Answers to substitutions lead to several statuses. This test checks only the roles that may
/// answer; [`super::substitutions`] checks the statuses.
#[test]
fn an_operation_is_for_whom_the_table_says() {
    let mut rows = 0;
    for_everybody_everywhere(|table, order, principal| {
        for action in operations() {
            let operation = action.operation().unwrap();
            let status = order.status.name();
            let order = if table.asks_at(status) { two_asked(order) } else { order.clone() };
            let then = Some(Answers::Missing);
            let expected = table.operation(&order, operation, then, principal.role());
            let found = outcome(&order, principal, action);
            assert_eq!(found, expected, "{operation:?} at {status} by {principal:?}");
            rows += 1;
        }
    });
    assert!(rows > 5000, "{rows}");
}

/// The permission is checked first.
#[test]
fn what_is_so_already_is_not_done_again() {
    let reject = Step::Reject { reason: reason("closed"), reassign_to: Some(store_id("s1")) };
    for (again, refusal) in [
        (assign("d1"), Outcome::AlreadyAssigned),
        (reassign("s1"), Outcome::SameStore),
        (reject, Outcome::SameStore),
    ] {
        let operation = again.operation().unwrap();
        for_everybody_everywhere(|table, order, principal| {
            let status = order.status.name();
            let is_so = operation != Operation::Assign || order.driver.is_some();
            let expected = match table.operation(order, operation, None, principal.role()) {
                Outcome::Moves { .. } if is_so => refusal.clone(),
                otherwise => otherwise,
            };
            let found = outcome(order, principal, again.clone());
            assert_eq!(found, expected, "{again:?} at {status} by {principal:?}");
        });
    }
}

#[test]
fn who_does_not_see_the_order_learns_nothing_of_it() {
    let mut rows = 0;
    for_everybody_everywhere(|_, order, _| {
        for stranger in strangers() {
            for action in
                changes(order).chain(operations()).map(Action::from).chain(in_place::actions())
            {
                let found = outcome(order, &stranger, action.clone());
                assert_eq!(found, Outcome::Unseen, "{action:?} by {stranger:?}");
                rows += 1;
            }
        }
    });
    assert!(rows > 10_000, "{rows}");
}
