//! Answers on behalf of customers who do not answer in time.

use super::{come_to, done, swept, words, workflow};
use crate::samples::{basket, customer, events_due, events_of, merchant, ops, proposal};
use crate::{Answer, Basket, Context, Operation, Order, Step, SubstitutionId, Terms, Unanswered};

const APPROVE_NOTHING_DEARER: Option<Unanswered> = Some(approve(0));
const REJECT: Option<Unanswered> = Some(Unanswered::Reject);
const CANCEL_LINE: Option<Unanswered> = Some(Unanswered::CancelLine);

const fn approve(price_cap: i64) -> Unanswered {
    Unanswered::Approve { price_cap }
}

/// Returns an order of so many lines; its customer is asked about one line per price difference.
fn asked(unanswered: Option<Unanswered>, lines: usize, differences: &[i64]) -> Order {
    let terms = Terms { unanswered, ..Terms::default() };
    let order = come_to(workflow("grocery"), "substitutions_needed", terms);
    let proposals: Vec<_> =
        (1..).zip(differences).map(|(line, difference)| proposal(line, *difference)).collect();
    Order { basket: Some(basket(&vec![Some(1000); lines]).proposed(&proposals)), ..order }
}

#[test]
fn it_is_answered_as_the_order_says() {
    for (unanswered, lines, differences, expected) in [
        (None, 3, &[0, -100][..], "rejected rejected → picking_in_progress"),
        (REJECT, 3, &[0, -100], "rejected rejected → picking_in_progress"),
        (REJECT, 2, &[0, 0], "rejected rejected → cancelled"),
        (CANCEL_LINE, 3, &[0, 500], "line_cancelled line_cancelled → substitutions_approved"),
        (CANCEL_LINE, 2, &[0, 500], "line_cancelled line_cancelled → cancelled"),
        (CANCEL_LINE, 1, &[0], "line_cancelled → cancelled"),
        (APPROVE_NOTHING_DEARER, 2, &[0, -100], "approved approved → substitutions_approved"),
        (APPROVE_NOTHING_DEARER, 2, &[-1, 1], "approved rejected → picking_in_progress"),
        (Some(approve(100)), 1, &[100], "approved → substitutions_approved"),
        (Some(approve(100)), 2, &[101], "rejected → picking_in_progress"),
        (Some(approve(100)), 1, &[101], "rejected → cancelled"),
        // Increases are added up, and a cheaper substitute does not offset a dearer one.
        (Some(approve(100)), 2, &[60, 40], "approved approved → substitutions_approved"),
        (Some(approve(100)), 3, &[60, 41, 40], "approved rejected approved → picking_in_progress"),
        (Some(approve(100)), 2, &[-50, 101], "approved rejected → picking_in_progress"),
        (Some(approve(i64::MAX)), 2, &[1, 2], "approved approved → substitutions_approved"),
    ] {
        let order = asked(unanswered, lines, differences);
        let (events, then) = swept(&order, 0);
        assert_eq!(words(&events), expected, "{unanswered:?} to {differences:?} of {lines}");
        assert!(events.iter().all(|event| event.actor.id.as_str() == "sweep"));
        assert_eq!(then.delayed_since, None);
    }
}

#[test]
fn what_the_customer_did_answer_stands() {
    let answers = |order: &Order| {
        let Basket { substitutions, .. } = order.basket.clone().unwrap();
        substitutions.into_iter().map(|it| it.answer.unwrap()).collect::<Vec<_>>()
    };
    for (given, unanswered, expected, status) in [
        (Answer::Approved, REJECT, Answer::Rejected, "picking_in_progress"),
        (Answer::Approved, CANCEL_LINE, Answer::LineCancelled, "substitutions_approved"),
        (Answer::Rejected, CANCEL_LINE, Answer::LineCancelled, "picking_in_progress"),
        // The increases that the customer approved count too.
        (Answer::Approved, Some(approve(200)), Answer::Approved, "substitutions_approved"),
        (Answer::Approved, Some(approve(199)), Answer::Rejected, "picking_in_progress"),
        (Answer::Rejected, Some(approve(100)), Answer::Approved, "picking_in_progress"),
    ] {
        let action = Step::AnswerSubstitution { id: SubstitutionId::new(1), answer: given };
        let order = done(&asked(unanswered, 3, &[100, 100]), &customer("m1", "c1"), action, 60);
        let (events, then) = swept(&order, 0);
        assert_eq!((events.len(), then.status.name()), (1, status), "{given:?} {unanswered:?}");
        assert_eq!(answers(&then), [given, expected]);
    }
}

/// A cancelled line costs nothing and is not picked; the other lines continue.
#[test]
fn a_cancelled_line_is_off_the_order() {
    let (_, then) = swept(&asked(CANCEL_LINE, 3, &[100]), 0);
    let basket = then.basket.as_ref().unwrap();
    assert!(basket.is_removed(1) && !basket.is_removed(2));
    assert_eq!(basket.total(), Some(2000));
    let ready = done(&then, &ops(), Step::Plain(Operation::Ready), 700);
    assert_eq!(ready.status.name(), "ready_for_pickup");
}

/// A new question gets the full time again.
#[test]
fn each_round_is_answered_for_itself() {
    let (_, picking) = swept(&asked(REJECT, 3, &[0]), 0);
    let again = Step::ProposeSubstitutions(vec![proposal(2, 0)]);
    let asked = done(&picking, &merchant("m1"), again, 700);
    let (events, then) = swept(&asked, 0);
    assert_eq!(words(&events), "rejected → picking_in_progress");
    assert_eq!(then.basket.unwrap().total(), Some(1000));
}

/// The customer and the sweep answer at once: the second commit finds the question answered.
#[test]
fn an_answer_in_the_same_instant_is_the_last() {
    let order = asked(REJECT, 2, &[0]);
    let now = order.deadline.unwrap().at;
    let approve = Step::AnswerSubstitution { id: SubstitutionId::new(1), answer: Answer::Approved };
    let approved = done(&order, &customer("m1", "c1"), approve.clone(), 600);
    assert_eq!(events_due(&approved, now), Ok(vec![]));
    let (_, rejected) = swept(&order, 0);
    let by = customer("m1", "c1");
    assert!(events_of(&rejected, approve, &Context::new(now, &by)).is_err());
}
