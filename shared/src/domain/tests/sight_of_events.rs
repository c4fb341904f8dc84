//! What of an event who sees, field by field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::samples::{
    at, clerk, customer, customer_reference, driver, driver_id, merchant, merchant_id, ops,
    order_in, store_id, support, system,
};
use crate::domain::{
    Created, Event, EventData, ExternalId, Message, Metadata, Note, Principal, Reason, Version,
    Workflow, visibility,
};

/// Whether somebody on the order reads what is said within the operation.
fn readers() -> [(Principal, bool); 7] {
    [
        (ops(), true),
        (support(), true),
        (system(), true),
        (merchant("m1"), true),
        (clerk("m1", "s1"), true),
        (driver("d1"), false),
        (customer("m1", "c1"), false),
    ]
}

fn event(data: EventData) -> Event {
    Event {
        version: Version(3),
        status: Workflow::DEFAULT.status("picked_up").unwrap(),
        previous_status: Workflow::DEFAULT.status("created"),
        at: at(0),
        actor: merchant("m1").actor(),
        note: Some(Note::parse("he was rude").unwrap()),
        message: Some(Message::parse("on its way").unwrap()),
        metadata: Metadata::parse(BTreeMap::from([("van".into(), "7".into())])).unwrap(),
        data,
    }
}

/// All that there is to see of such an event.
fn whole(kind: &str, data: Option<Value>) -> Value {
    let mut event = json!({
        "version": 3,
        "type": kind,
        "status": "picked_up",
        "previous_status": "created",
        "at": "2026-11-21T09:30:00.000Z",
        "actor": { "role": "merchant", "id": "d1" },
        "note": "he was rude",
        "message": "on its way",
        "metadata": { "van": "7" },
    });
    if let Some(data) = data {
        event["data"] = data;
    }
    event
}

fn created() -> (EventData, Value) {
    let created = Created {
        merchant: merchant_id("m1"),
        customer: Some(customer_reference("c1")),
        external_id: Some(ExternalId::parse("x-1").unwrap()),
        store: Some(store_id("s1")),
        workflow: Workflow::DEFAULT,
    };
    let data = json!({
        "merchant": "m1",
        "customer": "c1",
        "external_id": "x-1",
        "store": "s1",
        "workflow": "courier",
    });
    (EventData::Created(Box::new(created)), whole("created", Some(data)))
}

fn events() -> [(EventData, Value); 4] {
    let unassigned = EventData::DriverUnassigned {
        driver: driver_id("d2"),
        reason: Reason::parse("gone home").unwrap(),
    };
    [
        created(),
        (EventData::StatusChanged, whole("status_changed", None)),
        (
            EventData::DriverAssigned { driver: driver_id("d2") },
            whole("driver_assigned", Some(json!({ "driver": "d2" }))),
        ),
        (
            unassigned,
            whole("driver_unassigned", Some(json!({ "driver": "d2", "reason": "gone home" }))),
        ),
    ]
}

#[test]
fn notes_and_reasons_stay_within_the_operation() {
    for status in ["in_transit", "delivered"] {
        let order = order_in(status, Some("d1"));
        for (principal, reads) in readers() {
            for (data, mut expected) in events() {
                if !reads {
                    expected.as_object_mut().unwrap().remove("note");
                    if let Some(Value::Object(data)) = expected.get_mut("data") {
                        data.remove("reason");
                    }
                }
                let event = event(data);
                let found = visibility::event(&principal, &order, &event);
                assert_eq!(json!(found), expected, "{principal:?}");
            }
        }
    }
}

#[test]
fn who_does_not_see_the_order_sees_none_of_its_events() {
    let order = order_in("in_transit", Some("d1"));
    for stranger in [
        merchant("m2"),
        clerk("m1", "s2"),
        clerk("m2", "s1"),
        driver("d2"),
        customer("m1", "c2"),
        customer("m2", "c1"),
    ] {
        for (data, _) in events() {
            assert!(visibility::event(&stranger, &order, &event(data)).is_none(), "{stranger:?}");
        }
    }
}

/// Of the events that were before it, too, a driver sees none any more.
#[test]
fn a_driver_who_lost_the_order_sees_none_of_its_events() {
    for order in [order_in("created", None), order_in("driver_assigned", Some("d2"))] {
        for (data, _) in events() {
            assert!(visibility::event(&driver("d1"), &order, &event(data)).is_none());
        }
    }
}

#[test]
fn the_first_event_of_a_bare_order_has_only_what_it_says() {
    let created = Created {
        merchant: merchant_id("m1"),
        customer: None,
        external_id: None,
        store: None,
        workflow: Workflow::DEFAULT,
    };
    let created = EventData::Created(Box::new(created));
    let first = Event {
        previous_status: None,
        note: None,
        message: None,
        metadata: Metadata::default(),
        ..event(created)
    };
    let expected = json!({
        "version": 3,
        "type": "created",
        "status": "picked_up",
        "previous_status": null,
        "at": "2026-11-21T09:30:00.000Z",
        "actor": { "role": "merchant", "id": "d1" },
        "metadata": {},
        "data": { "merchant": "m1", "workflow": "courier" },
    });
    let found = json!(visibility::event(&ops(), &order_in("created", None), &first));
    assert_eq!(found, expected);
}
