//! The people who see an order's courier, and when.

use serde_json::json;

use super::principal_called;
use crate::first_name;
use crate::samples::{customer, driver_id, order_in, order_of};
use crate::visibility::{self, courier};
use crate::{Courier, Name, Order, Phase, PhotoUrl, Text, Vehicle, VehicleKind, Workflow};

/// `+` for the principals who see the courier of an order in this phase; the order belongs to
/// merchant m1, its store s1, its customer c1 and its driver d1.
const TABLE: &str = "
principal       placed preparing ready on_the_way returning delivered returned cancelled failed
ops             .      .         .     .          .         .         .        .         .
support         .      .         .     .          .         .         .        .         .
system          .      .         .     .          .         .         .        .         .
merchant        .      .         .     .          .         .         .        .         .
clerk           .      .         .     .          .         .         .        .         .
driver          .      .         .     .          .         .         .        .         .
customer        .      .         .     +          .         .         .        .         .
other-merchant  .      .         .     .          .         .         .        .         .
other-clerk     .      .         .     .          .         .         .        .         .
other-driver    .      .         .     .          .         .         .        .         .
other-customer  .      .         .     .          .         .         .        .         .
their-customer  .      .         .     .          .         .         .        .         .
";

/// Returns an order of driver d1 in each status of every workflow.
fn orders() -> impl Iterator<Item = Order> {
    Workflow::ALL.iter().flat_map(|workflow| {
        let statuses = workflow.statuses.iter();
        statuses.map(|status| {
            let order = order_of(workflow, status.name(), Some("d1"));
            Order { is_load: true, ..order }
        })
    })
}

#[test]
fn a_courier_is_seen_by_the_customer_on_the_way() {
    let mut rows = TABLE.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let phases = rows.next().unwrap();
    assert_eq!(phases[1..], Phase::ALL.map(Phase::name));
    for row in rows {
        for order in orders() {
            let phase = order.status.phase().name();
            let column = phases.iter().position(|it| *it == phase).unwrap();
            let d1 = driver_id("d1");
            let expected = (row[column] == "+").then_some(&d1);
            let found = courier(&principal_called(row[0]), &order);
            assert_eq!(found, expected, "{} {}", row[0], order.status);
        }
    }
}

#[test]
fn a_driver_without_a_roster_is_no_courier() {
    let on_the_way = || order_in("in_transit", Some("d1"));
    let customer = customer("m1", "c1");
    for (order, expected) in [
        (Order { is_load: true, ..on_the_way() }, Some(driver_id("d1"))),
        (Order { is_load: false, ..on_the_way() }, None),
        (Order { driver: None, is_load: true, ..on_the_way() }, None),
    ] {
        assert_eq!(courier(&customer, &order), expected.as_ref(), "{order:?}");
    }
}

#[test]
fn a_courier_is_shown_with_these_fields() {
    let order = order_in("in_transit", Some("d1"));
    let bare = Courier { first_name: None, vehicle: Vehicle::default(), photo_url: None };
    let label = Text::parse("blue estate").ok();
    let full = Courier {
        first_name: first_name(&Name::parse("Dan Smith").unwrap()),
        vehicle: Vehicle { kind: VehicleKind::Car, label },
        photo_url: PhotoUrl::parse("https://e/1.jpg").ok(),
    };
    for (courier, expected) in [
        (None, None),
        (Some(&bare), Some(json!({ "vehicle": { "kind": "bike" } }))),
        (
            Some(&full),
            Some(json!({
                "first_name": "Dan",
                "vehicle": { "kind": "car", "label": "blue estate" },
                "photo_url": "https://e/1.jpg",
            })),
        ),
    ] {
        let view = visibility::order(&customer("m1", "c1"), &order, None).unwrap();
        let view = json!(view.with_courier(courier));
        assert_eq!(view.get("courier"), expected.as_ref());
    }
}
