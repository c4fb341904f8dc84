//! Events that clear a clock, restart it, or leave it as it is.

use super::{come_to, done, due_at, moved, swept, to, words, workflow};
use crate::samples::{
    account, at, code, correction, customer, driver_id, events_due, events_of, knowing, merchant,
    ops, proposal, support,
};
use crate::{
    Answer, Context, DetailsField, Handover, InPlace, IssueKind, Operation, Order, Severity, Step,
    SubstitutionId, Terms, Version, evolve,
};

fn grocery(status: &str) -> Order {
    come_to(workflow("grocery"), status, Terms::default())
}

#[test]
fn an_order_that_moves_is_delayed_no_more() {
    let (_, delayed) = swept(&grocery("picking_in_progress"), 0);
    assert_eq!((delayed.delayed_since, due_at(&delayed)), (Some(at(2700)), None));
    let ready = done(&delayed, &ops(), Step::Plain(Operation::Ready), 3000);
    assert_eq!((ready.delayed_since, due_at(&ready)), (None, Some(3600)));
    let cancelled = done(&ready, &ops(), to(&ready, "cancelled"), 3100);
    assert_eq!((cancelled.delayed_since, cancelled.deadline), (None, None));
}

/// The decision is made on the current head, not on the one that was read before.
#[test]
fn an_order_that_moves_in_the_same_instant_is_left_alone() {
    let acknowledged =
        done(&grocery("store_notified"), &ops(), Step::Plain(Operation::Acknowledge), 600);
    assert_eq!(events_due(&acknowledged, at(600)), Ok(vec![]));
    assert_eq!(due_at(&acknowledged), Some(600 + 900));
}

#[test]
fn each_stay_has_a_limit_of_its_own() {
    let mut order = grocery("delivery_failed");
    for stay in 0..3 {
        let came = stay * 100_000;
        assert_eq!(due_at(&order), Some(came + 14_400));
        let (events, delayed) = swept(&order, 0);
        assert_eq!(words(&events), "delayed medium");
        assert_eq!(delayed.deadline, None);
        order = moved(&delayed, "in_transit", came + 50_000);
        order = moved(&order, "delivery_failed", came + 100_000);
    }
}

#[test]
fn a_further_rung_is_forgotten_when_the_order_moves() {
    let (_, told) = swept(&grocery("ready_for_pickup"), 0);
    assert_eq!(told.deadline.unwrap().rung, 1);
    let back = moved(&moved(&told, "driver_assigned", 700), "ready_for_pickup", 800);
    assert_eq!((back.deadline.unwrap().rung, due_at(&back)), (0, Some(1400)));
}

#[test]
fn the_customer_has_as_long_for_the_latest_question() {
    let asked = grocery("substitutions_needed");
    assert_eq!(due_at(&asked), Some(600));
    let more = Step::ProposeSubstitutions(vec![proposal(3, 0)]);
    let asked = done(&asked, &merchant("m1"), more, 599);
    assert_eq!(due_at(&asked), Some(1199));
    let (events, then) = swept(&asked, 0);
    assert_eq!((events.len(), then.status.name()), (3, "cancelled"));
}

/// A slow answer gives the customer no more time for the other questions.
#[test]
fn an_answer_moves_no_deadline() {
    let action = Step::AnswerSubstitution { id: SubstitutionId::new(1), answer: Answer::Approved };
    let asked = done(&grocery("substitutions_needed"), &customer("m1", "c1"), action, 500);
    assert_eq!(due_at(&asked), Some(600));
    let (events, then) = swept(&asked, 0);
    assert_eq!(words(&events), "rejected → picking_in_progress");
    let answers = then.basket.unwrap().substitutions.into_iter().map(|it| it.answer);
    assert_eq!(answers.collect::<Vec<_>>(), [Some(Answer::Approved), Some(Answer::Rejected)]);
}

/// For an order that is delayed already, and for one that is not.
#[test]
fn what_is_no_move_leaves_the_clock_as_it_is() {
    let assigned = Order { driver: Some(driver_id("d1")), ..grocery("driver_assigned") };
    let (_, delayed) = swept(&assigned, 0);
    for order in [assigned, delayed] {
        let clock = |order: &Order| (order.deadline, order.delayed_since);
        let open = InPlace::OpenIssue {
            kind: IssueKind::Delay,
            severity: Severity::Low,
            description: account("where is he"),
        };
        let asked = done(&order, &support(), open, 100);
        assert_eq!(clock(&asked), clock(&order));
        let id = Version(asked.version.0);
        let resolve = InPlace::ResolveIssue { id, resolution: account("there he is") };
        let resolved = done(&asked, &ops(), resolve, 200);
        assert_eq!(clock(&resolved), clock(&order));
        let correct = InPlace::CorrectDetails(correction(&[DetailsField::Dropoff]));
        assert_eq!(clock(&done(&resolved, &ops(), correct, 300)), clock(&order));
        let other = Step::Assign { driver: driver_id("d2"), replace: true };
        assert_eq!(clock(&done(&order, &ops(), other, 400)), clock(&order));
    }
}

#[test]
fn a_wrong_code_leaves_the_clock_as_it_is() {
    let order = Order { handover: Some(Handover::default()), ..grocery("in_transit") };
    let (action, by) = (Step::Deliver { code: Some(code("0000")), note: None }, ops());
    let known = knowing("1234");
    let context = Context::new(at(60), &by).knowing(&known);
    let events = events_of(&order, action, &context).unwrap();
    let refused = events.iter().fold(order.clone(), evolve);
    assert_eq!(refused.handover.unwrap().refusals, 1);
    assert_eq!(refused.deadline, order.deadline);
}
