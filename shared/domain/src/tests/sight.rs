//! The visibility of orders and events, field by field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::samples::{
    at, clerk, code, customer, driver, driver_id, external_id, merchant, merchant_id, metadata,
    ops, order_in, placed, store_id, support, system,
};
use crate::visibility::{self, sees};
use crate::{
    Address, Addresses, Author, Autopilot, Contact, Currency, Customer, Deadline, Details,
    Dispatch, Handover, Issue, IssueKind, Limit, Limits, LineItem, Location, Name, Order, Phone,
    Placed, PositionsFrom, Principal, Severity, Shortages, Sku, Stamp, Store, Terms, Unanswered,
    Version, Workflow,
};

/// The part of an order that a principal sees.
#[derive(Clone, Copy)]
enum Sight {
    Nothing,
    /// Everything except the handover code, with the customer's contact masked.
    Masked,
    /// Everything except the customer's contact, the dropoff address and the handover code.
    Past,
    /// Everything except the handover code.
    Most,
    All,
}

use Sight::{All, Masked, Most, Nothing, Past};

/// Returns what each principal sees of an open order without a driver, of an open order with
/// driver d1, and of an order that driver d1 has delivered.
fn sights() -> [(Principal, [Sight; 3]); 14] {
    [
        (ops(), [Most, Most, Most]),
        (system(), [Most, Most, Most]),
        (support(), [Masked, Masked, Masked]),
        (merchant("m1"), [Most, Most, Most]),
        (merchant("m2"), [Nothing, Nothing, Nothing]),
        (clerk("m1", "s1"), [Most, Most, Most]),
        (clerk("m1", "s2"), [Nothing, Nothing, Nothing]),
        (clerk("m2", "s1"), [Nothing, Nothing, Nothing]),
        (driver("d1"), [Nothing, Most, Past]),
        (driver("d2"), [Nothing, Nothing, Nothing]),
        (customer("m1", "c1"), [All, All, All]),
        (customer("m1", "c2"), [Nothing, Nothing, Nothing]),
        (customer("m2", "c1"), [Nothing, Nothing, Nothing]),
        (customer("m2", "c2"), [Nothing, Nothing, Nothing]),
    ]
}

fn orders() -> [Order; 3] {
    let with_everything = |order: Order| Order {
        placed: Placed { external_id: Some(external_id("x-1")), terms: terms(), ..order.placed },
        metadata: metadata([("vip", "yes")]),
        stamps: BTreeMap::from([(Stamp::DriverAssigned, at(10)), (Stamp::PickedUp, at(20))]),
        handover: Some(Handover { refusals: 2, refused_at: None }),
        issues: vec![Issue {
            id: Version(3),
            kind: IssueKind::MissingItem,
            severity: Severity::Critical,
            by: Some(Author::Driver(driver_id("d1"))),
        }],
        deadline: Some(Deadline { at: at(90), rung: 1 }),
        delayed_since: Some(at(50)),
        updated_at: at(60),
        status_since: at(30),
        ..order
    };
    [("created", None), ("in_transit", Some("d1")), ("delivered", Some("d1"))]
        .map(|(status, driver)| with_everything(order_in(status, driver)))
}

/// Returns terms. Their limits and their fallback store are not visible with an order.
pub(super) fn terms() -> Terms {
    Terms {
        limits: Limits::new([(Workflow::DEFAULT.initial, Limit::try_from(60).unwrap())]),
        fallback_store: Some(store_id("s2")),
        autopilot: Autopilot::try_from(120).ok(),
        unanswered: Some(Unanswered::Approve { price_cap: 250 }),
        shortages: Shortages::Ask,
        dispatch: Some(Dispatch::default()),
        positions_from: PositionsFrom::Assignment,
    }
}

pub(super) fn details() -> Details {
    let item = |sku, name, quantity: u64, price: Option<u64>| LineItem {
        sku: Sku::parse(sku).unwrap(),
        name: Name::parse(name).unwrap(),
        quantity: quantity.try_into().unwrap(),
        unit_price: price.map(|price| price.try_into().unwrap()),
    };
    Details {
        customer: Customer {
            name: Name::parse("Ada").unwrap(),
            contact: Contact::parse("+44 20 7946 0018").unwrap(),
        },
        addresses: Addresses {
            pickup: Some(Address::parse("1 Mill Lane").unwrap()),
            dropoff: Some(Address::parse("2 High Street").unwrap()),
        },
        items: vec![item("A1", "Tea", 2, Some(350)), item("B2", "Milk", 1, None)],
        currency: Some(Currency::parse("GBP").unwrap()),
        handover_code: Some(code("1234")),
    }
}

/// Returns every visible field of an order of [`orders`].
fn whole(status: &str, phase: &str, driver: Option<&str>) -> Value {
    let mut order = json!({
        "id": "0195b3c0-7b1e-7000-8000-0123456789ab",
        "merchant": "m1",
        "customer": { "reference": "c1", "name": "Ada", "contact": "+442079460018" },
        "workflow": "courier",
        "status": status,
        "phase": phase,
        "version": 1,
        "created_at": "2026-11-21T09:30:00.000Z",
        "updated_at": "2026-11-21T09:31:00.000Z",
        "status_since": "2026-11-21T09:30:30.000Z",
        "metadata": { "vip": "yes" },
        "external_id": "x-1",
        "store": "s1",
        "driver_assigned_at": "2026-11-21T09:30:10.000Z",
        "picked_up_at": "2026-11-21T09:30:20.000Z",
        "deadline": "2026-11-21T09:31:30.000Z",
        "delayed_since": "2026-11-21T09:30:50.000Z",
        "autopilot": { "step_seconds": 120 },
        "unanswered": { "answer": "approve", "price_cap": 250 },
        "handover": { "tries_left": 3, "code": "1234" },
        "issues": [{ "id": 3, "type": "missing_item", "severity": "critical" }],
        "currency": "GBP",
        "items": [
            {
                "line": 1,
                "sku": "A1",
                "name": "Tea",
                "quantity": 2,
                "unit_price": 350,
                "amount": 700,
            },
            { "line": 2, "sku": "B2", "name": "Milk", "quantity": 1 },
        ],
        "addresses": { "pickup": "1 Mill Lane", "dropoff": "2 High Street" },
    });
    if let Some(driver) = driver {
        order["driver"] = driver.into();
    }
    order
}

fn wholes() -> [Value; 3] {
    [
        whole("created", "placed", None),
        whole("in_transit", "on_the_way", Some("d1")),
        whole("delivered", "delivered", Some("d1")),
    ]
}

fn through(sight: Sight, mut whole: Value) -> Option<Value> {
    match sight {
        Nothing => return None,
        Most => {}
        // Customers do not see the driver's id.
        All => drop(whole.as_object_mut().unwrap().remove("driver")),
        Masked => whole["customer"]["contact"] = "***18".into(),
        Past => {
            without(&mut whole["customer"], &["name", "contact"]);
            without(&mut whole["addresses"], &["dropoff"]);
        }
    }
    if !matches!(sight, All) {
        without(&mut whole["handover"], &["code"]);
    }
    Some(whole)
}

fn without(object: &mut Value, names: &[&str]) {
    let fields = object.as_object_mut().unwrap();
    for name in names {
        assert!(fields.remove(*name).is_some(), "there is no {name} to leave out");
    }
}

/// Calls `check` with each principal, each order, every visible field of the order, and the
/// part that the principal sees.
fn for_everybody(check: impl Fn(&Principal, &Order, Value, Sight)) {
    for (principal, sights) in sights() {
        for ((order, whole), sight) in orders().iter().zip(wholes()).zip(sights) {
            check(&principal, order, whole, sight);
        }
    }
}

#[test]
fn an_order_is_seen_by_its_own_people() {
    for_everybody(|principal, order, _, sight| {
        let expected = !matches!(sight, Nothing);
        assert_eq!(sees(principal, order), expected, "{principal:?} {}", order.status);
    });
}

#[test]
fn each_sees_these_fields_of_an_order() {
    let details = details();
    for_everybody(|principal, order, whole, sight| {
        let view = visibility::order(principal, order, Some(&details));
        let found = view.map(|view| json!(view));
        assert_eq!(found, through(sight, whole), "{principal:?} {}", order.status);
    });
}

#[test]
fn a_head_alone_shows_nothing_personal_to_anybody() {
    for_everybody(|principal, order, mut whole, sight| {
        without(&mut whole, &["currency", "items", "addresses"]);
        without(&mut whole["customer"], &["name", "contact"]);
        without(&mut whole["handover"], &["code"]);
        if matches!(sight, All) {
            whole.as_object_mut().unwrap().remove("driver");
        }
        let expected = (!matches!(sight, Nothing)).then_some(whole);
        let found = visibility::order(principal, order, None).map(|view| json!(view));
        assert_eq!(found, expected, "{principal:?} {}", order.status);
    });
}

/// Fields without a value are omitted, and so is a group of such fields.
#[test]
fn what_an_order_lacks_nobody_sees() {
    let [order, ..] = orders();
    let stamps = BTreeMap::new();
    let bare = Placed { customer: None, external_id: None, ..placed(Workflow::DEFAULT) };
    let order = Order {
        placed: bare,
        store: None,
        handover: None,
        issues: vec![],
        stamps,
        deadline: None,
        delayed_since: None,
        ..order
    };
    let details =
        Details { addresses: Addresses::default(), items: vec![], currency: None, ..details() };
    let [mut expected, ..] = wholes();
    without(&mut expected, &["external_id", "store", "currency", "items", "addresses"]);
    without(&mut expected, &["driver_assigned_at", "picked_up_at", "handover", "issues"]);
    without(&mut expected, &["deadline", "delayed_since", "autopilot", "unanswered"]);
    without(&mut expected["customer"], &["reference"]);
    assert_eq!(json!(visibility::order(&ops(), &order, Some(&details))), expected);
}

#[test]
fn what_stands_for_answers_is_shown_as_it_was_said() {
    for (unanswered, expected) in [
        (Unanswered::Approve { price_cap: 0 }, json!({ "answer": "approve", "price_cap": 0 })),
        (Unanswered::Reject, json!({ "answer": "reject" })),
        (Unanswered::CancelLine, json!({ "answer": "cancel_line" })),
    ] {
        let [mut order, ..] = orders();
        order.placed.terms = Terms { unanswered: Some(unanswered), ..Terms::default() };
        let view = json!(visibility::order(&ops(), &order, None));
        assert_eq!(view["unanswered"], expected);
    }
}

/// An order without a store and without a customer is not visible to every store and every
/// customer.
#[test]
fn an_order_of_no_store_and_no_customer_is_none_s_of_theirs() {
    for order in orders() {
        let placed = Placed { customer: None, ..order.placed };
        let order = Order { placed, store: None, ..order };
        for (principal, seen) in [
            (merchant("m1"), true),
            (clerk("m1", "s1"), false),
            (customer("m1", "c1"), false),
            (merchant("m2"), false),
        ] {
            assert_eq!(sees(&principal, &order), seen, "{principal:?}");
        }
    }
}

#[test]
fn the_pickup_at_a_store_is_its_address_and_name_and_no_more() {
    let address = Address::parse("1 Mill Lane").unwrap();
    let store = Store {
        merchant: merchant_id("m1"),
        id: store_id("s1"),
        name: Name::parse("Mill Lane").unwrap(),
        address: Address { location: Location::new(51.5, -0.1).ok(), ..address.clone() },
        phone: Phone::parse("12345").ok(),
        hours: None,
    };
    let without = Details { addresses: Addresses::default(), ..details() };
    let [order, _, delivered] = orders();
    for (principal, order) in
        [(ops(), &order), (customer("m1", "c1"), &order), (driver("d1"), &delivered)]
    {
        let view = visibility::order(&principal, order, Some(&without)).unwrap();
        let view = json!(view.with_pickup(Some(&store)));
        let location = json!({ "lat": 51.5, "lng": -0.1 });
        let pickup = json!({ "text": "1 Mill Lane", "location": location });
        assert_eq!(view["addresses"], json!({ "pickup": pickup, "pickup_name": "Mill Lane" }));
    }
    let view = visibility::order(&ops(), &order, Some(&without)).unwrap().with_pickup(None);
    assert_eq!(json!(view).get("addresses"), None);
    for (details, expected) in
        [(Some(&without), Some(store_id("s1"))), (Some(&details()), None), (None, None)]
    {
        assert_eq!(order.picked_up_at(details), expected.as_ref());
    }
}

/// If the dropoff is the only address, a past driver sees no empty group of addresses.
#[test]
fn a_past_driver_is_left_nothing_of_where_the_customer_is() {
    let [_, _, delivered] = orders();
    let dropoff = Some(Address::parse("2 High Street").unwrap());
    let details = Details { addresses: Addresses { pickup: None, dropoff }, ..details() };
    let view = json!(visibility::order(&driver("d1"), &delivered, Some(&details)));
    assert_eq!(view.get("addresses"), None);
}
