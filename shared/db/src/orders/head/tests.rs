use aws_sdk_dynamodb::types::AttributeValue;
use domain::samples::life::lives;
use domain::samples::{at, created, events_of};
use domain::{
    Actor, Arrived, Author, Basket, Command, Context, Created, Currency, CustomerReference,
    Description, Dispatch, DispatchMode, Eta, EtaBasis, EventData, ExternalId, GpsGap, Hundredths,
    InPlace, IssueKind, Limit, Limits, MAX_ESTIMATES, MAX_ISSUES_OF_AUTHOR, MAX_ISSUES_OF_PARTIES,
    MAX_ITEMS, MAX_OFFERED, MAX_SUBSTITUTE_BYTES, MerchantId, Name, NewOrder, Operation, Outage,
    Party, PositionsFrom, Principal, PrincipalId, Proposal, Reason, Remarks, Replacement, Role,
    Severity, Shortages, Sku, Status, Step, StopKind, Substitute, Terms, Unanswered, Workflow,
    fold,
};
use proptest::prelude::*;

use super::*;
use crate::orders::event::HistoryItem;
use crate::orders::idempotency::{Digest, KeyedRequest};

/// Returns the size of an item as DynamoDB counts it
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>).
fn bytes(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(list) => {
            3 + list.iter().map(|value| 1 + value_bytes(value)).sum::<usize>()
        }
        AttributeValue::M(map) => 3 + map.len() + bytes(map),
        other => panic!("a head has no {other:?}"),
    }
}

fn size(head: &Head) -> usize {
    bytes(&head.clone().into_item().unwrap())
}

fn principal() -> Principal {
    Principal {
        id: PrincipalId::parse("3f1c9a52-8d0e-4a7b-9c61-5b2e7f4d1a90").unwrap(),
        party: Party::Ops,
    }
}

fn driver_id() -> DriverId {
    DriverId::parse("9b0d6c2e-1f47-4e83-a5d0-c7e2f8b6a431").unwrap()
}

fn assign() -> Step {
    Step::Assign { driver: driver_id(), replace: false }
}

/// Returns an order with realistic ids.
fn reference_order() -> NewOrder {
    let placed = Placed {
        merchant: MerchantId::parse("blue-bakery").unwrap(),
        customer: Some(CustomerReference::parse("customer-1042").unwrap()),
        external_id: None,
        workflow: Workflow::DEFAULT,
        terms: Terms::default(),
    };
    let created = Created { placed, store: None, basket: None, has_handover_code: false };
    NewOrder { created, metadata: Metadata::default() }
}

/// Returns a basket with these costs, one for each line.
fn basket(lines: Vec<Option<i64>>) -> Basket {
    let currency = Some(Currency::parse("EUR").unwrap());
    Basket { currency, lines, substitutions: vec![], answered_before: 0 }
}

fn groceries(lines: Vec<Option<i64>>) -> NewOrder {
    let mut order = reference_order();
    order.created.store = StoreId::parse("harbour-street").ok();
    order.created.placed.workflow = Workflow::named("grocery").unwrap();
    order.created.basket = Some(basket(lines));
    order
}

impl Head {
    fn of_new(order: NewOrder) -> Self {
        let id = OrderId::parse("0195b3c0-7b1e-7000-8000-0123456789ab").unwrap();
        let events = created(order, &principal()).unwrap();
        let order = fold(id, &events).unwrap();
        Self { order, events, shard: 0, commit_id: "x".repeat(22), ring: Ring::default() }
    }

    /// Returns the head after a commit of `command` with an idempotency key.
    fn after_command(&self, command: impl Into<Command>) -> Self {
        let principal = principal();
        let context = Context::new(at(60), &principal);
        let events = events_of(&self.order, command, &context).unwrap();
        let digest = Digest::of([&self.order.version.0.to_be_bytes()[..]]);
        let request = KeyedRequest { key: digest.clone(), body: digest };
        self.after(events, &"x".repeat(22), Some(&request))
    }

    fn after_actions(self, actions: impl IntoIterator<Item = impl Into<Command>>) -> Self {
        actions.into_iter().fold(self, |head, action| head.after_command(action))
    }
}

#[test]
fn the_reference_head_is_under_a_kilobyte() {
    let assigned = Head::of_new(reference_order()).after_actions([assign()]);
    println!("the reference order's head, assigned under a key: {} bytes", size(&assigned));
    assert!(size(&assigned) < 1024, "{}", size(&assigned));
    let to = |name| Step::ChangeStatus { to: status(&assigned, name) };
    let delivered = assigned.clone().after_actions([
        Step::Plain(Operation::Pickup),
        to("in_transit"),
        Step::DeliveryFailed { reason: Reason::parse("nobody home").unwrap() },
        Step::Plain(Operation::Retry),
        Step::Deliver { code: None, note: None },
    ]);
    assert_eq!(delivered.order.stamps.len(), 4);
    println!("… delivered at the second try: {} bytes", size(&delivered));
    assert!(size(&delivered) < 1024, "{}", size(&delivered));
}

/// The ids of people as identity providers give them: opaque, or an e-mail address.
#[test]
fn a_head_with_usual_ids_of_people_is_under_a_kilobyte() {
    for id in [
        "auth0|507f1f77bcf86cd799439011",
        "google-oauth2|103547991597142817347",
        "bartholomew.featherstonehaugh@example.com",
    ] {
        let mut order = reference_order();
        order.created.placed.customer = CustomerReference::parse(id).ok();
        let driver = DriverId::parse(id).unwrap();
        let mut assigned =
            Head::of_new(order).after_actions([Step::Assign { driver, replace: false }]);
        for event in &mut assigned.events {
            event.actor.id = PrincipalId::parse(id).unwrap();
        }
        println!("the reference order's head with {id}: {} bytes", size(&assigned));
        assert!(size(&assigned) < 1024, "{}", size(&assigned));
    }
}

/// Facts cost four write units each, because the head stays so small.
#[test]
fn a_head_with_everything_that_a_trip_tells_is_under_a_kilobyte() {
    let mut head = Head::of_new(reference_order()).after_actions([
        assign(),
        Step::Plain(Operation::Pickup),
        Step::Plain(Operation::Depart),
    ]);
    head.order.is_load = true;
    head.order.told = Told {
        arrived: StopKind::ALL.to_vec(),
        is_approaching: true,
        estimates: MAX_ESTIMATES,
        eta: Some((StopKind::Dropoff, at(60))),
        silent_since: Some(at(60)),
    };
    let basis = EtaBasis {
        distance_m: 12_345,
        detour: Hundredths::new(135),
        speed_mps: Hundredths::new(420),
    };
    let arrived = Arrived {
        stop: StopKind::Dropoff,
        measured_at: at(60),
        distance_m: 80,
        accuracy_m: Some(80),
    };
    for data in [
        EventData::Arrived(arrived),
        EventData::Approaching { arrives_at: at(60) },
        EventData::EtaChanged(Eta { arrives_at: at(60), basis }),
        EventData::GpsGap(GpsGap { since: at(60), reason: Some(Outage::PermissionDenied) }),
        EventData::GpsBack { since: at(60) },
    ] {
        let mut told = head.clone();
        let actor = Actor { role: Role::System, id: PrincipalId::parse("positions").unwrap() };
        let event = Event { actor, data, ..told.events.remove(0) };
        told.events.push(event);
        println!("{:?}: {} bytes", told.events[0].data, size(&told));
        assert!(size(&told) < 1024, "{}", size(&told));
        assert_eq!(read_back(&told).order, told.order);
    }
}

fn status(head: &Head, name: &str) -> Status {
    head.order.placed.workflow.status(name).unwrap()
}

fn proposal(line: usize, sku: &str, name: &str, reason: &str) -> Proposal {
    let substitute = Substitute { sku: Sku::parse(sku).unwrap(), name: Name::parse(name).unwrap() };
    Proposal {
        line,
        replacement: Replacement::Substitute(substitute),
        reason: Reason::parse(reason).unwrap(),
        price_difference: -120,
        answer: None,
    }
}

#[test]
fn twenty_lines_and_ten_substitutes_are_under_four_kilobytes() {
    let head = Head::of_new(groceries(vec![Some(12_345); 20]))
        .after_actions([Step::Plain(Operation::Acknowledge), Step::Plain(Operation::StartPicking)]);
    let name = "Organic whole oat milk, unsweetened, 1 l";
    let reason = "Sold out until tomorrow's delivery";
    let proposals = (1..=10).map(|line| proposal(line, "4006381333931", name, reason));
    let head = head.after_actions([Step::ProposeSubstitutions(proposals.collect())]);
    println!("20 lines, 10 substitutions proposed at once: {} bytes", size(&head));
    assert!(size(&head) < 4096, "{}", size(&head));
}

/// Returns a text of the maximum length, in characters of the most bytes.
fn longest<const MAX: usize, const LINES: bool>() -> domain::Text<MAX, LINES> {
    domain::Text::parse(&"🚲".repeat(MAX)).unwrap()
}

fn longest_id() -> String {
    "x".repeat(64)
}

fn longest_person() -> String {
    "x".repeat(128)
}

fn longest_metadata() -> Metadata {
    let value = "v".repeat((Metadata::MAX_BYTES - 9 * 2 - 11 * 3) / Metadata::MAX_PAIRS);
    let keys = (1..=Metadata::MAX_PAIRS).map(|n| (format!("k{n}"), value.clone()));
    Metadata::parse(keys.collect()).unwrap()
}

/// Returns the largest possible command: as many of the longest substitutions as a body can hold,
/// with remarks.
fn longest_proposal() -> Command {
    const MAX_BODY: usize = 64 * 1024;
    let substitute = Substitute { sku: longest(), name: longest() };
    let bytes = substitute.sku.as_str().len() + substitute.name.as_str().len() + 4 * 500;
    let proposals = (1..=MAX_BODY / bytes).map(|line| Proposal {
        line,
        replacement: Replacement::Substitute(substitute.clone()),
        reason: longest(),
        price_difference: -Proposal::MAX_DIFFERENCE,
        answer: None,
    });
    let remarks =
        Remarks { note: Some(longest()), message: Some(longest()), metadata: longest_metadata() };
    Command { action: Step::ProposeSubstitutions(proposals.collect()).into(), remarks }
}

/// Returns the largest possible issues: those of drivers, and of operations and support.
fn most_issues() -> Vec<Issue> {
    let (kind, severity) = (IssueKind::MissingItem, Severity::Critical);
    let most = MAX_ISSUES_OF_PARTIES + 2 * MAX_ISSUES_OF_AUTHOR;
    let by = DriverId::parse(&longest_id()).ok().map(Author::Driver);
    vec![Issue { id: Version(u64::MAX), kind, severity, by }; most]
}

#[test]
fn the_largest_head_is_under_120_kilobytes() {
    let mut order = groceries(vec![Some(9_999_999_999_999); MAX_ITEMS]);
    order.created.placed = Placed {
        merchant: MerchantId::parse(&longest_id()).unwrap(),
        customer: CustomerReference::parse(&longest_person()).ok(),
        external_id: ExternalId::parse(&longest_id()).ok(),
        workflow: order.created.placed.workflow,
        terms: longest_terms(order.created.placed.workflow),
    };
    order.created.store = StoreId::parse(&longest_id()).ok();
    order.created.has_handover_code = true;
    order.metadata = longest_metadata();
    let mut head = Head::of_new(order)
        .after_actions([Step::Plain(Operation::Acknowledge), Step::Plain(Operation::StartPicking)])
        .after_command(longest_proposal());
    // Set directly: a later commit would replace the proposal, which is the largest event.
    head.order.driver = DriverId::parse(&longest_person()).ok();
    head.order.issues = most_issues();
    let drivers = vec![DriverId::parse(&longest_person()).unwrap(); MAX_OFFERED];
    let (declined, expires_at) = (drivers.clone(), Some(at(0)));
    head.order.offer =
        Some(Offer { round: u32::MAX, drivers, declined, expires_at, ended_at: None });
    head.order.told = Told {
        arrived: StopKind::ALL.to_vec(),
        is_approaching: true,
        estimates: u8::MAX,
        eta: Some((StopKind::Dropoff, at(0))),
        silent_since: Some(at(0)),
    };
    head.order.stamps = Stamp::ALL.into_iter().map(|stamp| (stamp, at(0))).collect();
    println!("the largest head: {} bytes", size(&head));
    // A live message takes 120 KB, and less of the head than DynamoDB stores.
    let rest = MAX_SUBSTITUTE_BYTES.saturating_sub(21 * (4 * 64 + 4 * 200));
    assert!(size(&head) + rest < 120 * 1024, "{}", size(&head) + rest);
}

/// The texts of an event are only in the head of its own commit.
#[test]
fn a_head_grows_by_what_is_open_and_not_by_what_was_said() {
    let issue = |text: &str| InPlace::OpenIssue {
        kind: IssueKind::Delay,
        severity: Severity::Low,
        description: Description::parse(text).unwrap(),
    };
    let after = |text: &str| {
        let head = Head::of_new(reference_order());
        size(&head.after_actions([Command::from(issue(text)), assign().into()]))
    };
    assert_eq!(after("late"), after(&"l".repeat(1000)));
}

/// Returns the largest possible terms of an order.
fn longest_terms(workflow: &Workflow) -> Terms {
    let most = Limit::try_from(2_592_000).unwrap();
    Terms {
        limits: Limits::new(workflow.statuses.iter().map(|status| (*status, most))),
        fallback_store: StoreId::parse(&longest_id()).ok(),
        autopilot: None,
        unanswered: Some(Unanswered::Approve { price_cap: i64::MAX }),
        shortages: Shortages::Ask,
        dispatch: Some(Dispatch { radius_m: Dispatch::MOST_RADIUS_M, ..Dispatch::default() }),
        positions_from: PositionsFrom::Assignment,
    }
}

/// A merchant's own limits add to each of its orders; a few of them add little.
#[test]
fn a_head_with_limits_of_its_merchant_is_under_a_kilobyte() {
    let limit = Limit::try_from(1800).unwrap();
    let limited = ["created", "driver_assigned", "picked_up", "in_transit"];
    let limits = limited.map(|name| (Workflow::DEFAULT.status(name).unwrap(), limit));
    let mut order = reference_order();
    order.created.placed.terms.limits = Limits::new(limits);
    let assigned = Head::of_new(order).after_actions([assign()]);
    println!("the reference order's head with four limits: {} bytes", size(&assigned));
    assert!(size(&assigned) < 1024, "{}", size(&assigned));
}

/// A head without a deadline gets one with the order's next step.
#[test]
fn a_head_from_before_there_were_clocks_still_reads() {
    let head = Head::of_new(groceries(vec![Some(100)]));
    let mut item = head.clone().into_item().unwrap();
    for name in ["due", "deadline_shard"] {
        assert!(item.remove(name).is_some(), "there is no {name}");
    }
    let read = Head::from_item(item).unwrap();
    assert_eq!(read.order, Order { deadline: None, ..head.order });
    let acknowledged = read.after_command(Step::Plain(Operation::Acknowledge));
    assert_eq!(acknowledged.order.deadline, Some(Deadline { at: at(60 + 900), rung: 0 }));
}

/// The deadline reads back, whichever of it and the times of the offer is in the index.
#[test]
fn a_deadline_reads_back_beside_the_times_of_an_offer() {
    let mut order = reference_order();
    let dispatch = Dispatch { mode: DispatchMode::Offer, rounds: 1, ..Dispatch::default() };
    order.created.placed.terms.dispatch = Some(dispatch);
    let new = Head::of_new(order);
    let standing = |end| Offer { round: 1, expires_at: Some(end), ..Offer::default() };
    let over = |end| Offer { round: 1, ended_at: Some(end), ..Offer::default() };
    let former = Offer { round: 1, ..Offer::default() };
    for offer in [None, Some(standing(at(100))), Some(over(at(100))), Some(former)] {
        for deadline in [None, Some(at(99)), Some(at(100)), Some(at(101))] {
            for delayed_since in [None, Some(at(50))] {
                let mut head = new.clone();
                head.order.offer = offer.clone();
                head.order.deadline = deadline.map(|at| Deadline { at, rung: 2 });
                head.order.delayed_since = delayed_since;
                assert_eq!(read_back(&head).order, head.order);
            }
        }
    }
}

/// A head whose offer was over before offers had an end.
#[test]
fn an_offer_that_ended_without_a_time_reads() {
    let mut item = Head::of_new(reference_order()).into_item().unwrap();
    let offer = serde_json::json!({ "round": 2, "drivers": ["d1"] });
    item.insert("offer".to_owned(), serde_dynamo::to_attribute_value(offer).unwrap());
    let read = Head::from_item(item).unwrap();
    let offer = read.order.offer.unwrap();
    assert_eq!((offer.round, offer.expires_at, offer.ended_at), (2, None, None));
}

fn read_back(head: &Head) -> Head {
    Head::from_item(head.clone().into_item().unwrap()).unwrap()
}

#[test]
fn an_item_remembers_its_commit_and_its_requests() {
    let assigned = Head::of_new(reference_order()).after_actions([assign()]);
    let read = read_back(&assigned);
    assert!(!read.ring.is_empty());
    assert_eq!((read.commit_id, read.ring), (assigned.commit_id, assigned.ring));
}

proptest! {
    #[test]
    fn a_head_reads_back_as_it_was(life in lives()) {
        for (order, version) in life.heads.iter().zip(1_usize..) {
            let events = life.events[version.saturating_sub(2)..version].to_vec();
            let (commit_id, ring) = ("x".repeat(22), Ring::default());
            let head = Head { order: order.clone(), events, shard: 3, commit_id, ring };
            let read = read_back(&head);
            prop_assert_eq!((read.order, read.events), (head.order, head.events));
        }
    }

    /// An order is in the index of deadlines only while it has a deadline or is offered, and in the
    /// index of delayed orders only while it is delayed.
    #[test]
    fn an_item_has_the_keys_of_what_is_so(life in lives()) {
        for order in life.heads {
            let (deadline, delayed_since) = (order.deadline, order.delayed_since);
            let (at, id) = (order.due_at(), order.id);
            let (commit_id, ring) = ("x".repeat(22), Ring::default());
            let due = at.map(|at| keys::at(at, id));
            let head = Head { order, events: vec![], shard: 3, commit_id, ring };
            let item = head.into_item().unwrap();
            let attribute = |name: &str| item.get(name).map(|value| value.as_s().unwrap().as_str());
            prop_assert_eq!(attribute("due"), due.as_deref());
            prop_assert_eq!(attribute("deadline_shard"), at.map(|_| "3"));
            prop_assert_eq!(attribute("delayed"), delayed_since.map(|_| "3"));
            prop_assert_eq!(item.contains_key("delayed_since"), delayed_since.is_some());
            let rung = deadline.map_or(0, |deadline| deadline.rung);
            prop_assert_eq!(item.contains_key("rung"), rung > 0);
        }
    }

    #[test]
    fn an_event_reads_back_as_it_was(life in lives()) {
        let workflow = life.head().placed.workflow;
        for event in &life.events {
            let item: HashMap<String, AttributeValue> =
                serde_dynamo::to_item(StoredEvent::from(event)).unwrap();
            let stored: StoredEvent = serde_dynamo::from_item(item).unwrap();
            prop_assert_eq!(&stored.into_event(event.version, workflow).unwrap(), event);
        }
    }
}

/// Heads and events that version 0.1 stored are stored the same again, to the last attribute. Heads
/// get the keys of later indexes.
#[test]
fn what_an_earlier_version_stored_is_written_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/before-0.2/items.json");
    let tables: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let items = |table: &str| -> Vec<Item> {
        let items = tables[table].as_array().unwrap().iter();
        let item = |item: &serde_json::Value| -> serde_dynamo::Item {
            serde_json::from_value(item.clone()).unwrap()
        };
        items.map(|it| item(it).into()).collect()
    };
    let mut workflows = HashMap::new();
    for item in items("OrdersTable") {
        let head = Head::from_item(item.clone()).unwrap();
        workflows.insert(head.order.id, head.order.placed.workflow);
        let mut again = head.into_item().unwrap();
        let is_closed = !item.contains_key("open");
        let merchant = is_closed.then(|| item["merchant"].clone());
        assert_eq!(again.remove("closed_merchant"), merchant);
        let has_issues = item.contains_key("issues");
        assert_eq!(again.remove("open_issues").is_some(), has_issues);
        assert_eq!(again, item);
    }
    let mut types = std::collections::BTreeSet::new();
    for item in items("OrderHistoryTable") {
        let stored: HistoryItem = serde_dynamo::from_item(item.clone()).unwrap();
        let HistoryItem { order_id, version, commit_id, request, event } = stored;
        let event = event.into_event(version, workflows[&order_id]).unwrap();
        let event = StoredEvent::from(&event);
        let again = HistoryItem { order_id, version, commit_id, request, event };
        assert_eq!(serde_dynamo::to_item::<_, Item>(again).unwrap(), item);
        let AttributeValue::M(event) = &item["event"] else { panic!("{item:?}") };
        let AttributeValue::M(data) = &event["data"] else { panic!("{item:?}") };
        types.insert(data["type"].as_s().unwrap().clone());
    }
    assert_eq!(types.len(), 16, "every type of event: {types:?}");
}
