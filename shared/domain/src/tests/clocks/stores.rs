//! The escalation of an order that its store does not acknowledge.

use super::{come_to, done, due_at, swept, words, workflow};
use crate::samples::{at, ops, reason, store_id};
use crate::{Event, EventData, Operation, Order, Step, Terms};

fn of_merchant_with(fallback: Option<&str>) -> Order {
    let terms = Terms { fallback_store: fallback.map(store_id), ..Terms::default() };
    come_to(workflow("grocery"), "store_notified", terms)
}

/// Returns the actions until the order is closed, and their times.
fn to_the_end(mut order: Order) -> Vec<(i64, String)> {
    let mut all = vec![];
    while let Some(seconds) = due_at(&order) {
        let (events, then) = swept(&order, 0);
        all.push((seconds, words(&events)));
        order = then;
    }
    all
}

fn said(all: &[(i64, &str)]) -> Vec<(i64, String)> {
    all.iter().map(|(seconds, what)| (*seconds, (*what).to_owned())).collect()
}

const MEDIUM: &str = "late_acknowledgement medium";
const HIGH: &str = "late_acknowledgement high";

#[test]
fn another_store_is_asked_once() {
    let expected = [
        (600, MEDIUM),
        (900, HIGH),
        (1200, "asks s2"),
        (1800, MEDIUM),
        (2100, HIGH),
        (2400, "→ cancelled"),
    ];
    assert_eq!(to_the_end(of_merchant_with(Some("s2"))), said(&expected));
}

#[test]
fn a_store_is_not_asked_instead_of_itself() {
    let expected = said(&[(600, MEDIUM), (900, HIGH), (1200, "→ cancelled")]);
    assert_eq!(to_the_end(of_merchant_with(None)), expected);
    assert_eq!(to_the_end(of_merchant_with(Some("s1"))), expected);
}

fn on_the_third_rung(order: &Order) -> (Vec<Event>, Order) {
    let (_, told) = swept(order, 0);
    let (_, told) = swept(&told, 0);
    swept(&told, 0)
}

#[test]
fn the_store_that_is_asked_starts_anew() {
    let (events, asked) = on_the_third_rung(&of_merchant_with(Some("s2")));
    let [rejected, reassigned] = &events[..] else { panic!("two events, not {events:?}") };
    let silent = reason("not acknowledged in time");
    let expected = EventData::StoreRejected { store: Some(store_id("s1")), reason: silent };
    assert_eq!((rejected.status.name(), &rejected.data), ("store_rejected", &expected));
    let expected = EventData::StoreReassigned { store: store_id("s2") };
    assert_eq!((reassigned.status.name(), &reassigned.data), ("store_notified", &expected));
    assert_eq!((asked.store.clone(), asked.delayed_since), (Some(store_id("s2")), None));
    assert_eq!((asked.status_since, due_at(&asked)), (at(1200), Some(1800)));
    let acknowledged = done(&asked, &ops(), Step::Plain(Operation::Acknowledge), 1300);
    assert_eq!(acknowledged.status.name(), "store_acknowledged");
}

#[test]
fn an_order_is_called_off_with_a_message_that_says_why() {
    let (events, cancelled) = on_the_third_rung(&of_merchant_with(None));
    let [event] = &events[..] else { panic!("one event, not {events:?}") };
    let message = event.message.as_ref().unwrap();
    assert_eq!(message.as_str(), "No store acknowledged the order in time.");
    assert_eq!((cancelled.status.name(), cancelled.deadline), ("cancelled", None));
    assert_eq!(cancelled.stamps.into_values().collect::<Vec<_>>(), [at(1200)]);
}

/// The next store gets its full time.
#[test]
fn a_store_that_says_no_ends_the_clock() {
    let order = of_merchant_with(Some("s2"));
    let (_, told) = swept(&order, 0);
    let reject = Step::Reject { reason: reason("closed"), reassign_to: Some(store_id("s3")) };
    let asked = done(&told, &ops(), reject, 700);
    assert_eq!((due_at(&asked), asked.delayed_since), (Some(1300), None));
    let third = said(&[(1300, MEDIUM), (1600, HIGH), (1900, "asks s2")]);
    assert_eq!(to_the_end(asked)[..3], third);
}
