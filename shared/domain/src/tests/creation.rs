//! Permissions to create orders, and the created orders.

use proptest::prelude::*;
use proptest::sample::select;

use crate::samples::chance::people;
use crate::samples::{
    ORDER_ID, at, basket, clerk, created, customer, customer_reference, details, driver,
    external_id, merchant, merchant_id, metadata, ops, store_id, support, system,
};
use crate::visibility::sees;
use crate::workflow::Transition;
use crate::{
    Actor, Autopilot, Context, Created, Deadline, DetailsChange, Event, EventData, Handover,
    NewOrder, OrderEffect, Phase, Placed, Principal, Rejection, Role, Stamp, Status, Terms,
    Unanswered, Version, Workflow, create, fold,
};

/// The requested owner of the order: merchant, store and customer.
type Whose = (&'static str, Option<&'static str>, Option<&'static str>);

fn wanted((merchant, store, customer): Whose) -> NewOrder {
    let placed = Placed {
        merchant: merchant_id(merchant),
        customer: customer.map(customer_reference),
        external_id: Some(external_id("x-1")),
        workflow: Workflow::DEFAULT,
        terms: Terms::default(),
    };
    let store = store.map(store_id);
    let created = Created { placed, store, basket: None, has_handover_code: false };
    NewOrder { created, metadata: metadata([("vip", "yes")]) }
}

/// Returns a new order of another workflow.
fn wanted_of(workflow: &'static Workflow, lines: Option<&[Option<i64>]>, whose: Whose) -> NewOrder {
    let mut order = wanted(whose);
    order.created.placed.workflow = workflow;
    order.created.basket = lines.map(basket);
    order
}

fn create_as(principal: &Principal, order: NewOrder) -> Result<Vec<Event>, Rejection> {
    created(order, principal)
}

const M1: Whose = ("m1", None, None);
const M1_S1: Whose = ("m1", Some("s1"), None);
const M1_S2: Whose = ("m1", Some("s2"), None);
const M1_C1: Whose = ("m1", None, Some("c1"));
const M1_C2: Whose = ("m1", None, Some("c2"));
const M1_S1_C1: Whose = ("m1", Some("s1"), Some("c1"));
const M2: Whose = ("m2", None, None);
const M2_S1_C1: Whose = ("m2", Some("s1"), Some("c1"));

#[test]
fn what_binds_a_creator_binds_the_order() {
    for (creator, asked, given) in [
        (ops(), M1, M1),
        (ops(), M2_S1_C1, M2_S1_C1),
        (merchant("m1"), M1, M1),
        (merchant("m1"), M1_S2, M1_S2),
        (merchant("m1"), M1_C2, M1_C2),
        (clerk("m1", "s1"), M1, M1_S1),
        (clerk("m1", "s1"), M1_S1, M1_S1),
        (clerk("m1", "s1"), M1_C1, M1_S1_C1),
        (customer("m1", "c1"), M1, M1_C1),
        (customer("m1", "c1"), M1_C1, M1_C1),
        (customer("m1", "c1"), M1_S1, M1_S1_C1),
    ] {
        let events = create_as(&creator, wanted(asked)).unwrap();
        let order = fold(ORDER_ID, &events).unwrap();
        let NewOrder { created, metadata } = wanted(given);
        assert_eq!(order.placed, created.placed, "{creator:?} asks for {asked:?}");
        assert_eq!(order.store, created.store, "{creator:?} asks for {asked:?}");
        assert_eq!(order.metadata, metadata);
    }
}

#[test]
fn nobody_creates_what_would_be_another_s() {
    for (creator, asked) in [
        (merchant("m1"), M2),
        (merchant("m1"), M2_S1_C1),
        (clerk("m1", "s1"), M2),
        (clerk("m1", "s1"), M2_S1_C1),
        (clerk("m1", "s1"), M1_S2),
        (customer("m1", "c1"), M2),
        (customer("m1", "c1"), M2_S1_C1),
        (customer("m1", "c1"), M1_C2),
    ] {
        let refusal = create_as(&creator, wanted(asked)).unwrap_err();
        assert_eq!(refusal, Rejection::ForAnother, "{creator:?} asks for {asked:?}");
    }
}

#[test]
fn support_drivers_and_the_system_create_nothing() {
    for creator in [support(), driver("d1"), system()] {
        for asked in [M1, M1_S1_C1, M2] {
            let refusal = create_as(&creator, wanted(asked)).unwrap_err();
            assert_eq!(refusal, Rejection::MayNotCreate { role: creator.role() });
        }
    }
}

#[test]
fn the_first_event_says_by_whom_and_when() {
    let events = create_as(&merchant("m1"), wanted(M1)).unwrap();
    let [event] = &events[..] else { panic!("one event, not {events:?}") };
    assert_eq!(event.version, Version::FIRST);
    assert_eq!((event.status.name(), event.previous_status), ("created", None));
    assert_eq!((event.at, &event.actor), (at(0), &merchant("m1").actor()));
    assert!(matches!(event.data, EventData::Created(_)));
}

const NEW: Status = Status::new("new", Phase::Placed);
const KNOWN: Status = Status::new("known", Phase::Placed);
const DONE: Status = Status::new("done", Phase::Delivered);

/// A workflow that moves a new order to its end by automatic steps.
static AUTOMATIC: Workflow = Workflow {
    name: "automatic",
    initial: NEW,
    automatic: &[KNOWN, DONE],
    prepared_by_store: false,
    statuses: &[NEW, KNOWN, DONE],
    transitions: &[
        Transition::new(&[NEW], KNOWN, &[Role::System]),
        Transition::new(&[KNOWN], DONE, &[Role::System]).stamped(Stamp::Delivered),
    ],
    clocks: &[],
    autopilot: &[],
};

#[test]
fn the_steps_that_a_workflow_takes_of_itself_come_with_the_creation() {
    let order = wanted_of(&AUTOMATIC, None, M1);
    let events = create_as(&ops(), order).unwrap();
    let steps = events.iter().map(|event| (event.version.0, event.previous_status, event.status));
    let expected = [(1, None, NEW), (2, Some(NEW), KNOWN), (3, Some(KNOWN), DONE)];
    assert_eq!(steps.collect::<Vec<_>>(), expected);
    assert!(events[1..].iter().all(|event| event.actor == Actor::system("workflow")));
    let order = fold(ORDER_ID, &events).unwrap();
    assert_eq!(order.status, DONE);
    assert_eq!(order.stamps.into_iter().collect::<Vec<_>>(), [(Stamp::Delivered, at(0))]);
}

/// Returns the names of the fields for which an order is rejected.
fn unfit(created: Result<Vec<Event>, Rejection>) -> Vec<&'static str> {
    match created {
        Ok(_) => Vec::new(),
        Err(Rejection::UnfitFields(fields)) => fields.iter().map(|field| field.name).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_store_prepares_only_what_it_knows() {
    let grocery = Workflow::named("grocery").unwrap();
    let wanted = |whose, lines| wanted_of(grocery, Some(lines), whose);
    for (creator, asked, lines, lacking) in [
        (ops(), M1, &[Some(100)][..], &["store"][..]),
        (merchant("m1"), M1, &[Some(100)], &["store"]),
        (customer("m1", "c1"), M1, &[Some(100)], &["store"]),
        (ops(), M1_S1, &[], &["items"]),
        (ops(), M1, &[], &["store", "items"]),
        (ops(), M1_S1, &[None], &[]),
        (clerk("m1", "s1"), M1, &[Some(100)], &[]),
        (customer("m1", "c1"), M1_S1, &[Some(100)], &[]),
    ] {
        assert_eq!(unfit(create_as(&creator, wanted(asked, lines))), lacking, "{creator:?}");
    }
    let bare = wanted_of(grocery, None, M1_S1);
    assert_eq!(unfit(create_as(&ops(), bare)), ["items"]);
}

#[test]
fn an_order_with_a_code_waits_for_it() {
    for (has_handover_code, handover) in [(true, Some(Handover::default())), (false, None)] {
        let mut order = wanted(M1);
        order.created.has_handover_code = has_handover_code;
        let events = create_as(&ops(), order).unwrap();
        assert_eq!(fold(ORDER_ID, &events).unwrap().handover, handover);
    }
}

#[test]
fn a_creation_puts_the_details_and_claims_the_external_id() {
    let context_of = ops();
    let context = Context::new(at(0), &context_of);
    let claim = OrderEffect::ClaimExternalId {
        merchant: merchant_id("m1"),
        external_id: external_id("x-1"),
    };
    let put = OrderEffect::Details(DetailsChange::Put(Box::new(details())));
    let mut unnamed = wanted(M1);
    unnamed.created.placed.external_id = None;
    for (order, effects) in [(wanted(M1), vec![put.clone(), claim]), (unnamed, vec![put])] {
        let decision = create(ORDER_ID, order, details(), &context).unwrap();
        assert_eq!(decision.effects, effects);
    }
}

#[test]
fn terms_that_a_workflow_does_not_have_are_refused() {
    let autopilot = Terms { autopilot: Autopilot::try_from(60).ok(), ..Terms::default() };
    let unanswered = Terms { unanswered: Some(Unanswered::Reject), ..Terms::default() };
    for (terms, workflow, has_handover_code, refused) in [
        (&autopilot, "parcel", false, None),
        (&autopilot, "parcel", true, Some("autopilot")),
        (&autopilot, "courier", false, Some("autopilot")),
        (&autopilot, "grocery", false, Some("autopilot")),
        (&unanswered, "grocery", true, None),
        (&unanswered, "courier", false, Some("unanswered")),
        (&unanswered, "parcel", false, Some("unanswered")),
    ] {
        let lines = Some(&[Some(100)][..]);
        let mut order = wanted_of(Workflow::named(workflow).unwrap(), lines, M1_S1);
        order.created.has_handover_code = has_handover_code;
        order.created.placed.terms = terms.clone();
        let created = create_as(&ops(), order);
        if let Ok(events) = &created {
            assert_eq!(fold(ORDER_ID, events).unwrap().placed.terms, *terms);
        }
        assert_eq!(unfit(created), refused.as_slice(), "{terms:?} of {workflow}");
    }
}

/// The clock is that of the status after the order's automatic steps.
#[test]
fn the_clock_of_a_new_order_starts_with_its_creation() {
    for (workflow, due) in [("courier", None), ("grocery", Some(600)), ("parcel", Some(86_400))] {
        let workflow = Workflow::named(workflow).unwrap();
        let order = wanted_of(workflow, Some(&[Some(100)]), M1_S1);
        let events = create_as(&ops(), order).unwrap();
        let order = fold(ORDER_ID, &events).unwrap();
        assert_eq!(order.deadline, due.map(|due| Deadline { at: at(due), rung: 0 }));
    }
}

proptest! {
    #[test]
    fn whoever_creates_an_order_sees_it(
        creator in people(),
        asked in select(vec![M1, M1_S1, M1_S2, M1_C1, M1_C2, M1_S1_C1, M2, M2_S1_C1]),
    ) {
        if let Ok(events) = create_as(&creator, wanted(asked)) {
            prop_assert!(sees(&creator, &fold(ORDER_ID, &events).unwrap()));
        }
    }
}
