//! The conflicts of a step with an order's state, for callers who may take the step.

use crate::Answer::{Approved, Rejected};
use crate::samples::{
    at, basket, code, correction, customer, driver, driver_id, events_of, items_of, knowing,
    merchant, offer_to, ops, order_in, order_of, proposal, reason, shortage, store_id, support,
};
use crate::{
    Action, Allowed, Answer, CodeCheck, Context, DetailsField, Event, EventData, Handover, InPlace,
    Known, MAX_SUBSTITUTIONS_PER_LINE, Name, Needs, Operation, Order, Principal, Proposal,
    Rejection, Replacement, Shortages, Sku, Stamp, Status, Step, Substitute, SubstitutionId,
    Version, Via, Workflow, evolve,
};

fn decided(
    by: &Principal,
    order: &Order,
    action: impl Into<Action>,
) -> Result<Vec<EventData>, Rejection> {
    let items = order.basket.iter().flat_map(|basket| items_of(basket, 2)).collect();
    let known = Known { items, ..knowing("1234") };
    let context = Context::new(at(60), by).knowing(&known);
    let events = events_of(order, action, &context)?;
    Ok(events.into_iter().map(|Event { data, .. }| data).collect())
}

fn picking(lines: usize) -> Order {
    let order = order_of(Workflow::named("grocery").unwrap(), "picking_in_progress", None);
    Order { basket: Some(basket(&vec![Some(100); lines])), ..order }
}

/// An order whose customer is asked about lines 1 and 2 and has approved the first.
fn asking() -> Order {
    let order = order_of(Workflow::named("grocery").unwrap(), "substitutions_needed", None);
    let asked = basket(&[Some(100), Some(200), None]).proposed(&[proposal(1, 0), proposal(2, 0)]);
    Order { basket: Some(asked.answered(SubstitutionId::new(1), Approved)), ..order }
}

fn propose(order: &Order, proposals: Vec<Proposal>) -> Option<Rejection> {
    decided(&merchant("m1"), order, Step::ProposeSubstitutions(proposals)).err()
}

/// The driver whom the order has is refused even if the caller would replace another one.
#[test]
fn a_driver_takes_the_place_of_another_only_if_the_caller_says_so() {
    let assign = |driver: Option<&str>, to: &str, replace| {
        let status = if driver.is_some() { "driver_assigned" } else { "created" };
        let step = Step::Assign { driver: driver_id(to), replace };
        decided(&merchant("m1"), &order_in(status, driver), step)
    };
    let (status, driver) = (order_in("driver_assigned", None).status, driver_id("d1"));
    let already = Err(Rejection::AlreadyAssigned { status, driver: driver.clone() });
    let has_another = Err(Rejection::HasAnotherDriver { status, driver });
    let driver = driver_id("d2");
    let assigned = Ok(vec![EventData::DriverAssigned {
        driver,
        load: false,
        despite: None,
        via: Via::Manual,
    }]);
    for (driver, to, replace, expected) in [
        (None, "d2", false, &assigned),
        (None, "d2", true, &assigned),
        (Some("d1"), "d1", false, &already),
        (Some("d1"), "d1", true, &already),
        (Some("d1"), "d2", false, &has_another),
        (Some("d1"), "d2", true, &assigned),
    ] {
        assert_eq!(assign(driver, to, replace), *expected, "{driver:?} {to} {replace}");
    }
}

/// A role that may take a step from another status comes too late or too early, which is a
/// conflict; a role that may never take it is refused as such, whatever the status. A step that
/// the workflow does not have is nobody's, and so a conflict for everybody.
#[test]
fn too_late_is_not_never() {
    let (customer, merchant, driver) = (customer("m1", "c1"), merchant("m1"), driver("d1"));
    let to = |name| Step::ChangeStatus { to: order_in(name, None).status };
    let (acknowledge, assign) = (
        Step::Plain(Operation::Acknowledge),
        Step::Assign { driver: driver_id("d2"), replace: true },
    );
    let deliver = Step::Deliver { code: None, note: None };
    for (by, status, step, expected) in [
        (&customer, "driver_assigned", to("cancelled"), "late or early"),
        (&customer, "in_transit", to("cancelled"), "late or early"),
        (&customer, "delivered", to("cancelled"), "late or early"),
        (&customer, "delivered", to("failed"), "never"),
        (&customer, "created", to("picked_up"), "never"),
        (&customer, "in_transit", deliver.clone(), "never"),
        (&customer, "created", deliver.clone(), "never"),
        (&merchant, "in_transit", to("cancelled"), "late or early"),
        (&merchant, "in_transit", to("failed"), "never"),
        (&merchant, "created", deliver.clone(), "late or early"),
        (&merchant, "in_transit", deliver.clone(), "its driver's"),
        (&merchant, "delivered", deliver.clone(), "late or early"),
        (&merchant, "delivered", assign.clone(), "late or early"),
        (&driver, "driver_assigned", deliver.clone(), "late or early"),
        (&driver, "in_transit", assign.clone(), "never"),
        (&driver, "driver_assigned", to("cancelled"), "never"),
        (&support(), "created", to("cancelled"), "never"),
        (&support(), "cancelled", to("cancelled"), "never"),
        (&ops(), "delivered", to("cancelled"), "late or early"),
        (&ops(), "created", acknowledge.clone(), "late or early"),
        (&customer, "created", acknowledge.clone(), "late or early"),
    ] {
        let order = order_in(status, (status != "created").then_some("d1"));
        let found = match decided(by, &order, step.clone()) {
            Err(Rejection::NoSuchTransition { .. }) => "late or early",
            Err(Rejection::ForItsDriver { .. }) => "its driver's",
            Err(Rejection::NotYours { .. }) => "never",
            other => panic!("{step:?} at {status} by {by:?}: {other:?}"),
        };
        assert_eq!(found, expected, "{step:?} at {status} by {by:?}");
    }
}

#[test]
fn a_line_is_asked_about_once_at_a_time_and_never_after_its_removal() {
    let order = asking();
    let taken = |line| Some(Rejection::LineTaken { status: order.status, line });
    assert_eq!(propose(&order, vec![proposal(3, 0), proposal(2, 0)]), taken(2));
    assert_eq!(propose(&order, vec![shortage(2, 0)]), taken(2));
    assert_eq!(propose(&order, vec![proposal(3, 0), shortage(3, 0)]), taken(3));
    // The approved substitute is missing too.
    assert_eq!(propose(&order, vec![proposal(1, 0)]), None);
    assert_eq!(propose(&order, vec![shortage(1, 0), proposal(3, 0)]), None);
    let removed = order.basket.clone().unwrap().proposed(&[missing(3)]);
    let without = Order { basket: Some(removed), ..order.clone() };
    assert_eq!(propose(&without, vec![proposal(3, 0)]), taken(3));
    assert_eq!(propose(&without, vec![shortage(3, 0)]), taken(3));
}

/// Returns a line that is missing, as the store's decision leaves it.
fn missing(line: usize) -> Proposal {
    Proposal { answer: Some(Answer::NotNeeded), ..shortage(line, 0) }
}

#[test]
fn a_line_takes_what_its_price_bears() {
    let order = asking();
    for (order, proposal) in [
        (&order, proposal(0, 0)),
        (&order, proposal(4, 0)),
        (&order, proposal(usize::MAX, 0)),
        (&order, shortage(0, 0)),
        (&order, shortage(4, 1)),
        (&order, proposal(3, 1)),
        (&picking(1), proposal(1, -101)),
        // Two are ordered.
        (&picking(1), shortage(1, 2)),
        (&picking(1), shortage(1, u32::MAX)),
        // The customer gets a substitute already.
        (&order, shortage(1, 1)),
    ] {
        let line = proposal.line;
        let found = propose(order, vec![proposal]);
        let is_unfit =
            matches!(found, Some(Rejection::UnfitSubstitution { line: at, .. }) if at == line);
        assert!(is_unfit, "{line}: {found:?}");
    }
    assert_eq!(propose(&picking(1), vec![proposal(1, -100)]), None);
    assert_eq!(propose(&picking(1), vec![shortage(1, 1)]), None);
    assert_eq!(propose(&picking(1), vec![shortage(1, 0)]), None);
}

#[test]
fn an_order_has_two_substitutions_per_line_and_no_more() {
    let with = |order: Order, proposals: &[Proposal]| {
        let basket = order.basket.map(|basket| {
            let before = basket.substitutions.len();
            let ids = SubstitutionId::after(before).and_following().take(proposals.len());
            ids.fold(basket.proposed(proposals), |basket, id| basket.answered(id, Approved))
        });
        Order { basket, ..order }
    };
    assert_eq!(MAX_SUBSTITUTIONS_PER_LINE, 2);
    let each = |lines: usize| (1..=lines).map(|line| proposal(line, 0)).collect::<Vec<_>>();
    let too_many = |order: &Order| Some(Rejection::TooManySubstitutions { status: order.status });
    for lines in [1, 20] {
        let once = with(picking(lines), &each(lines));
        assert_eq!(propose(&once, each(lines)), None);
        let twice = with(once, &each(lines));
        assert_eq!(propose(&twice, each(1)), too_many(&twice));
        // A line can always be reported as missing.
        assert_eq!(propose(&twice, vec![shortage(1, 0)]), None);
    }
    // 40 names of 800 bytes, and 2 bytes more for each SKU.
    let long = |line| {
        let (sku, name) = (Sku::parse("B3").unwrap(), Name::parse(&"🚲".repeat(200)).unwrap());
        let replacement = Replacement::Substitute(Substitute { sku, name });
        Proposal { replacement, ..proposal(line, 0) }
    };
    let order = with(picking(60), &(1..=40).map(long).collect::<Vec<_>>());
    assert_eq!(propose(&order, vec![long(41)]), too_many(&order));
    assert_eq!(propose(&order, vec![proposal(41, 0)]), None);
}

/// A shortage needs no answer unless the merchant wants one. It changes the price either way.
#[test]
fn a_line_shrinks_without_a_question_unless_the_merchant_asks() {
    for (shortages, answer) in [(Shortages::Apply, Some(Answer::NotNeeded)), (Shortages::Ask, None)]
    {
        let mut order = picking(2);
        order.placed.terms.shortages = shortages;
        let report = Step::ProposeSubstitutions(vec![shortage(1, 1), shortage(2, 0)]);
        let events = decided(&merchant("m1"), &order, report).unwrap();
        let [EventData::SubstitutionsProposed { proposals, .. }] = &events[..] else {
            panic!("{events:?}")
        };
        let found: Vec<_> = proposals.iter().map(|it| (it.price_difference, it.answer)).collect();
        assert_eq!(found, [(-50, answer), (-100, answer)]);
    }
}

/// Each further shortage counts from what the customer gets now.
#[test]
fn a_line_can_shrink_again() {
    let mut order = picking(1);
    let three = items_of(order.basket.as_ref().unwrap(), 4);
    let known = Known { items: three, ..Known::default() };
    let (by, mut differences) = (merchant("m1"), vec![]);
    for quantity in [3, 0] {
        let report = Step::ProposeSubstitutions(vec![shortage(1, quantity)]);
        let context = Context::new(at(60), &by).knowing(&known);
        let events = events_of(&order, report, &context).unwrap();
        order = events.iter().fold(order, evolve);
        differences.push(order.basket.as_ref().unwrap().total());
    }
    assert_eq!(differences, [Some(75), Some(0)]);
    assert_eq!(order.status.name(), "cancelled");
}

#[test]
fn a_substitution_is_answered_once() {
    let answer = |id, answer| {
        let action = Step::AnswerSubstitution { id: SubstitutionId::new(id), answer };
        decided(&customer("m1", "c1"), &asking(), action).err()
    };
    let answered = Some(Rejection::Answered { status: asking().status, answer: Approved });
    for again in [Approved, Rejected] {
        assert_eq!(answer(1, again), answered);
        assert_eq!(answer(2, again), None);
        for id in [0, 3, usize::MAX] {
            assert_eq!(answer(id, again), Some(Rejection::NoSuchSubstitution));
        }
    }
}

fn deliver(
    by: &Principal,
    refusals: Option<u32>,
    named: Option<&str>,
) -> Result<EventData, Rejection> {
    let handover = refusals.map(|refusals| Handover { refusals, refused_at: None });
    let order = Order { handover, ..order_in("in_transit", Some("d1")) };
    let action = Step::Deliver { code: named.map(code), note: None };
    decided(by, &order, action).map(|events| events[0].clone())
}

#[test]
fn an_order_with_a_code_is_handed_over_to_whoever_names_it() {
    let delivered = |code| Ok(EventData::Delivered { code, note: None });
    for by in [driver("d1"), ops()] {
        assert_eq!(deliver(&by, None, None), delivered(None));
        assert_eq!(deliver(&by, None, Some("1234")), Err(Rejection::NoHandoverCode));
        assert_eq!(deliver(&by, Some(4), Some("1234")), delivered(Some(CodeCheck::Verified)));
        for wrong in ["12345", "0000", "4321"] {
            assert_eq!(deliver(&by, Some(4), Some(wrong)), Ok(EventData::HandoverRefused));
        }
    }
    assert_eq!(deliver(&driver("d1"), Some(0), None), Err(Rejection::HandoverCodeMissing));
    assert_eq!(deliver(&ops(), Some(0), None), delivered(Some(CodeCheck::Waived)));
}

#[test]
fn a_change_of_status_hands_over_what_needs_no_code() {
    let order = |handover| Order { handover, ..order_in("in_transit", Some("d1")) };
    let to = || Step::ChangeStatus { to: order_in("delivered", None).status };
    let (coded, status) = (order(Some(Handover::default())), order(None).status);
    for by in [driver("d1"), ops()] {
        let delivered = Ok(vec![EventData::Delivered { code: None, note: None }]);
        assert_eq!(decided(&by, &order(None), to()), delivered);
        let operation = Operation::Deliver;
        let owned = Err(Rejection::OwnedByOperation { status, operation });
        assert_eq!(decided(&by, &coded, to()), owned);
        let delivered = to_names(Allowed::to(&by, &order(None)));
        assert!(delivered.contains(&"delivered"), "{delivered:?}");
        assert!(!to_names(Allowed::to(&by, &coded)).contains(&"delivered"));
    }
}

fn to_names(allowed: Allowed) -> Vec<&'static str> {
    allowed.statuses.into_iter().map(Status::name).collect()
}

#[test]
fn five_wrong_codes_leave_it_to_operations() {
    let status = order_in("in_transit", Some("d1")).status;
    let locked = || Err(Rejection::HandoverLocked { status });
    for named in [Some("1234"), Some("0000"), None] {
        assert_eq!(deliver(&driver("d1"), Some(5), named), locked());
    }
    assert_eq!(deliver(&ops(), Some(5), Some("0000")), locked());
    for (named, check) in [(None, CodeCheck::Waived), (Some("1234"), CodeCheck::Verified)] {
        let delivered = EventData::Delivered { code: Some(check), note: None };
        assert_eq!(deliver(&ops(), Some(5), named), Ok(delivered));
    }
}

/// If the order's code is not known to the decision, no code matches.
#[test]
fn what_is_not_known_is_not_matched() {
    let order = Order { handover: Some(Handover::default()), ..order_in("in_transit", Some("d1")) };
    let action = Step::Deliver { code: Some(code("1234")), note: None };
    let events = events_of(&order, action, &Context::new(at(60), &driver("d1"))).unwrap();
    assert_eq!(events[0].data, EventData::HandoverRefused);
    assert_eq!(events[0].status, order.status);
}

#[test]
fn a_store_that_refuses_may_name_another_in_the_same_breath() {
    let order = order_of(Workflow::named("grocery").unwrap(), "store_notified", None);
    let reject =
        |store| Step::Reject { reason: reason("closed"), reassign_to: Some(store_id(store)) };
    let events = events_of(&order, reject("s2"), &Context::new(at(60), &merchant("m1"))).unwrap();
    let statuses: Vec<_> = events.iter().map(|event| event.status.name()).collect();
    assert_eq!(statuses, ["store_rejected", "store_notified"]);
    let expected = [
        EventData::StoreRejected { store: Some(store_id("s1")), reason: reason("closed") },
        EventData::StoreReassigned { store: store_id("s2") },
    ];
    assert_eq!(decided(&merchant("m1"), &order, reject("s2")).unwrap(), expected);
    // The order keeps its status: neither the rejection nor the reassignment is recorded.
    let refusal = Rejection::SameStore { status: order.status, store: store_id("s1") };
    assert_eq!(decided(&merchant("m1"), &order, reject("s1")), Err(refusal));
}

/// A second erasure and an empty correction produce no events.
#[test]
fn what_is_so_already_is_accepted_and_changes_nothing() {
    let closed = order_in("delivered", None);
    assert_eq!(decided(&ops(), &closed, InPlace::EraseDetails).unwrap().len(), 1);
    let erased = Order { is_erased: true, ..closed };
    assert_eq!(decided(&ops(), &erased, InPlace::EraseDetails), Ok(vec![]));
    let none = InPlace::CorrectDetails(correction(&[]));
    assert_eq!(decided(&ops(), &order_in("created", None), none), Ok(vec![]));
}

/// Only the same principal may repeat it, and only the same end.
#[test]
fn an_order_is_given_up_once_by_the_same_principal() {
    let cancel = || Step::Cancel { reason: reason("ordered twice") };
    let fail = || Step::Fail { reason: reason("lost") };
    let to = |name| Step::ChangeStatus { to: order_in(name, None).status };
    let asked = |closed_by: &Principal, by: &Principal, status, step: Step| {
        let order = order_in(status, None);
        let closed_by =
            Needs::of(&order, &step.clone().into()).closed_by.then(|| closed_by.actor());
        let known = Known { closed_by, ..Known::default() };
        events_of(&order, step, &Context::new(at(60), by).knowing(&known))
    };
    let customer = customer("m1", "c1");
    for (by, status, step) in [
        (&customer, "cancelled", cancel()),
        (&customer, "cancelled", to("cancelled")),
        (&ops(), "cancelled", cancel()),
        (&ops(), "failed", fail()),
        (&ops(), "failed", to("failed")),
    ] {
        assert_eq!(asked(by, by, status, step.clone()), Ok(vec![]), "{step:?} by {by:?}");
    }
    let late = |found| matches!(found, Err(Rejection::NoSuchTransition { .. }));
    assert!(late(asked(&ops(), &customer, "cancelled", cancel())));
    assert!(late(asked(&merchant("m1"), &ops(), "cancelled", to("cancelled"))));
    assert!(late(asked(&ops(), &ops(), "failed", cancel())));
    assert!(late(asked(&ops(), &ops(), "cancelled", fail())));
    assert!(late(asked(&ops(), &ops(), "delivered", to("delivered"))));
}

/// The order is as if it had not been delivered; the time of the delivery is in its history.
#[test]
fn a_wrong_delivery_is_put_right_by_operations() {
    let reopen = || Step::Reopen { reason: reason("wrong door") };
    for (workflow, back) in
        [("courier", "in_transit"), ("grocery", "in_transit"), ("parcel", "shipped")]
    {
        let workflow = Workflow::named(workflow).unwrap();
        let open = order_of(workflow, back, Some("d1"));
        let deliver = Step::Deliver { code: None, note: None };
        let delivered = events_of(&open, deliver, &Context::new(at(60), &ops())).unwrap();
        let delivered = delivered.iter().fold(open.clone(), evolve);
        assert!(!delivered.is_open() && delivered.stamps.contains_key(&Stamp::Delivered));
        let reopened = events_of(&delivered, reopen(), &Context::new(at(90), &ops())).unwrap();
        let reopened = reopened.iter().fold(delivered.clone(), evolve);
        let deadline = reopened.limit().map(|limit| at(90 + i64::from(limit)));
        assert_eq!(reopened.deadline.map(|deadline| deadline.at), deadline);
        let (version, now) = (Version(3), at(90));
        let expected = Order { version, updated_at: now, status_since: now, ..open };
        assert_eq!(Order { deadline: None, ..reopened }, expected);
        let erased = Order { is_erased: true, ..delivered.clone() };
        let refusal = Err(Rejection::IsErased { status: erased.status });
        assert_eq!(decided(&ops(), &erased, reopen()), refusal);
        for by in [merchant("m1"), driver("d1"), customer("m1", "c1"), support()] {
            let refused = decided(&by, &delivered, reopen());
            assert!(matches!(refused, Err(Rejection::NotYours { .. })), "{by:?}");
        }
    }
    for status in ["created", "returned", "cancelled", "failed"] {
        let refused = decided(&ops(), &order_in(status, None), reopen());
        assert!(matches!(refused, Err(Rejection::NoSuchTransition { .. })), "{status}");
    }
}

#[test]
fn where_an_order_is_fetched_is_not_for_its_customer_to_say() {
    let correct = |by: &Principal, fields: &[DetailsField]| {
        let action = InPlace::CorrectDetails(correction(fields));
        decided(by, &order_in("created", None), action)
    };
    let all = [DetailsField::Contact, DetailsField::Pickup, DetailsField::Dropoff];
    for by in [ops(), merchant("m1")] {
        assert!(correct(&by, &all).is_ok());
    }
    let customer = customer("m1", "c1");
    assert!(matches!(correct(&customer, &all), Err(Rejection::NotYours { .. })));
    assert!(correct(&customer, &[DetailsField::Contact, DetailsField::Dropoff]).is_ok());
}

#[test]
fn a_plain_step_cannot_take_a_transition_that_an_operation_owns() {
    let mut owned = 0;
    for workflow in Workflow::ALL {
        for status in workflow.statuses {
            let order = order_of(workflow, status.name(), None);
            for operation in Operation::ALL.into_iter().filter(|it| it.owns_its_step()) {
                if workflow.transitions_of(operation, *status).next().is_none() {
                    continue;
                }
                // Drivers alone accept.
                let is_offer = operation == Operation::Accept;
                let offer = is_offer.then(|| offer_to(&["d1"]));
                let order = Order { offer, ..order.clone() };
                let by = if is_offer { driver("d1") } else { ops() };
                let refused = decided(&by, &order, Step::Plain(operation));
                let expected = Rejection::OwnedByOperation { status: *status, operation };
                assert_eq!(refused, Err(expected), "{}", workflow.name);
                owned += 1;
            }
        }
    }
    assert!(owned > 9, "{owned}");
}
