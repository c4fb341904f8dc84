//! The visibility of an event's fields.

use serde_json::{Value, json};

use super::sight::terms;
use crate::samples::{
    account, at, basket, clerk, customer, driver, driver_id, external_id, merchant, metadata,
    offer_to, ops, order_in, placed, proposal, reason, store_id, support, system,
};
use crate::{
    Alert, AlertKind, Answer, Arrived, Author, CodeCheck, CorrectedLine, Created, Currency,
    DetailsField, Eta, EtaBasis, Event, EventData, GpsGap, Hundredths, IssueKind, Message,
    Metadata, Note, Order, Outage, Placed, Principal, Role, Severity, StopKind, SubstitutionId,
    Unavailable, Version, Via, Workflow, visibility,
};

/// The principals on the order; true if the principal reads internal notes and reasons.
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
        metadata: metadata([("van", "7")]),
        data,
    }
}

/// Returns every visible field of an event of this type.
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
        placed: Placed {
            external_id: Some(external_id("x-1")),
            terms: terms(),
            ..placed(Workflow::DEFAULT)
        },
        store: Some(store_id("s1")),
        basket: Some(basket(&[Some(100)])),
        has_handover_code: true,
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

/// Returns one event of each type, with its visible fields.
fn events() -> Vec<(EventData, Value)> {
    let of_steps = [created(), (EventData::StatusChanged, whole("status_changed", None))];
    of_steps
        .into_iter()
        .chain(of_stores())
        .chain(of_drivers())
        .chain(of_offers())
        .chain(of_issues())
        .chain([alert()])
        .chain(of_trips())
        .collect()
}

/// Returns an alert, which everyone on the order can read.
fn alert() -> (EventData, Value) {
    let alert =
        Alert { kind: AlertKind::LateAcknowledgement, severity: Severity::High, limit: 600 };
    let view = json!({ "type": "late_acknowledgement", "severity": "high" });
    let data = json!({ "alert": view, "limit_seconds": 600 });
    (EventData::AlertRaised(alert), whole("alert_raised", Some(data)))
}

fn of_trips() -> Vec<(EventData, Value)> {
    let (then, basis) = (
        "2026-11-21T09:31:00.000Z",
        json!({
            "distance_m": 1200,
            "detour": 1.35,
            "speed_mps": 4.2,
        }),
    );
    let arrived = Arrived {
        stop: StopKind::Pickup,
        measured_at: at(60),
        distance_m: 12,
        accuracy_m: Some(8),
    };
    let eta = EtaBasis {
        distance_m: 1200,
        detour: Hundredths::new(135),
        speed_mps: Hundredths::new(420),
    };
    let gap = GpsGap { since: at(60), reason: Some(Outage::LowBattery) };
    vec![
        (
            EventData::Arrived(arrived),
            whole(
                "arrived",
                Some(json!({
                    "stop": "pickup",
                    "measured_at": then,
                    "distance_m": 12,
                    "accuracy_m": 8,
                })),
            ),
        ),
        (
            EventData::Approaching { arrives_at: at(60) },
            whole("approaching", Some(json!({ "arrives_at": then }))),
        ),
        (
            EventData::EtaChanged(Eta { arrives_at: at(60), basis: eta }),
            whole("eta_changed", Some(json!({ "arrives_at": then, "basis": basis }))),
        ),
        (
            EventData::GpsGap(gap),
            whole("gps_gap", Some(json!({ "since": then, "reason": "low_battery" }))),
        ),
        (EventData::GpsBack { since: at(60) }, whole("gps_back", Some(json!({ "since": then })))),
    ]
}

/// The figures of a driver's device.
const MEASURED: [&str; 3] = ["distance_m", "accuracy_m", "basis"];

fn of_stores() -> Vec<(EventData, Value)> {
    let rejected =
        EventData::StoreRejected { store: Some(store_id("s1")), reason: reason("closed") };
    let proposed = EventData::SubstitutionsProposed {
        first: SubstitutionId::new(2),
        proposals: vec![proposal(1, -20), proposal(3, 0)],
    };
    let substitute = json!({ "sku": "B3", "name": "Oat milk" });
    let substitution = |id: u64, line: u64, difference: i64| {
        json!({
            "id": id,
            "line": line,
            "substitute": substitute,
            "reason": "sold out",
            "price_difference": difference,
        })
    };
    let proposals = [substitution(2, 1, -20), substitution(3, 3, 0)];
    let id = SubstitutionId::new(2);
    let answered = EventData::SubstitutionAnswered { id, answer: Answer::Rejected };
    let answer = json!({ "substitution": 2, "answer": "rejected" });
    vec![
        (rejected, whole("store_rejected", Some(json!({ "store": "s1", "reason": "closed" })))),
        (
            EventData::StoreReassigned { store: store_id("s2") },
            whole("store_reassigned", Some(json!({ "store": "s2" }))),
        ),
        (proposed, whole("substitutions_proposed", Some(json!({ "substitutions": proposals })))),
        (answered, whole("substitution_answered", Some(answer))),
    ]
}

fn of_drivers() -> Vec<(EventData, Value)> {
    let (driver, note) = (driver_id("d2"), Message::parse("with the neighbour").unwrap());
    let unassigned =
        EventData::DriverUnassigned { driver: driver.clone(), reason: reason("gone home") };
    let proven = EventData::Delivered { code: Some(CodeCheck::Verified), note: Some(note) };
    let proof = json!({ "code": "verified", "note": "with the neighbour" });
    let failed = EventData::DeliveryFailed { reason: reason("rude dog") };
    vec![
        (
            EventData::DriverAssigned {
                driver: driver.clone(),
                load: true,
                despite: Some(Unavailable::Full),
                via: Via::Manual,
            },
            whole("driver_assigned", Some(json!({ "driver": "d2", "despite": "full" }))),
        ),
        (
            EventData::DriverAssigned { driver, load: false, despite: None, via: Via::Offer },
            whole("driver_assigned", Some(json!({ "driver": "d2", "via": "offer" }))),
        ),
        (
            unassigned,
            whole("driver_unassigned", Some(json!({ "driver": "d2", "reason": "gone home" }))),
        ),
        (proven, whole("delivered", Some(json!({ "proof": proof })))),
        (
            EventData::Delivered { code: None, note: None },
            whole("delivered", Some(json!({ "proof": {} }))),
        ),
        (EventData::HandoverRefused, whole("handover_refused", None)),
        (failed, whole("delivery_failed", Some(json!({ "reason": "rude dog" })))),
        (
            EventData::Reopened { reason: reason("wrong door"), load: true },
            whole("reopened", Some(json!({ "reason": "wrong door" }))),
        ),
    ]
}

fn of_offers() -> Vec<(EventData, Value)> {
    let drivers = vec![driver_id("d2"), driver_id("d3")];
    let names = json!(["d2", "d3"]);
    let (far, end) = (Some(reason("too far")), "2026-11-21T09:31:00.000Z");
    vec![
        (
            EventData::DriverOffered {
                round: 2,
                drivers: drivers.clone(),
                expires_at: at(60),
                radius_m: Some(3000),
            },
            whole(
                "driver_offered",
                Some(json!({
                    "round": 2,
                    "drivers": names,
                    "expires_at": end,
                    "radius_m": 3000,
                })),
            ),
        ),
        (
            EventData::OfferDeclined { driver: driver_id("d2"), reason: far },
            whole("offer_declined", Some(json!({ "driver": "d2", "reason": "too far" }))),
        ),
        (
            EventData::OfferExpired { round: 2, drivers, radius_m: Some(3000) },
            whole("offer_expired", Some(json!({ "round": 2, "drivers": names, "radius_m": 3000 }))),
        ),
    ]
}

fn of_issues() -> Vec<(EventData, Value)> {
    let opened = EventData::IssueOpened {
        kind: IssueKind::WrongItem,
        severity: Severity::Medium,
        description: account("he was drunk"),
        by: Some(Author::Customer),
    };
    let issue = json!({ "id": 3, "type": "wrong_item", "severity": "medium" });
    let resolved =
        EventData::IssueResolved { id: Version(2), resolution: account("the money is back") };
    let fields = vec![DetailsField::Contact, DetailsField::Pickup, DetailsField::Dropoff];
    vec![
        (
            opened,
            whole("issue_opened", Some(json!({ "issue": issue, "description": "he was drunk" }))),
        ),
        (
            resolved,
            whole(
                "issue_resolved",
                Some(json!({ "issue": { "id": 2 }, "resolution": "the money is back" })),
            ),
        ),
        (
            EventData::DetailsCorrected { fields, lines: vec![], currency: None },
            whole("details_corrected", Some(json!({ "fields": ["contact", "pickup", "dropoff"] }))),
        ),
        (
            EventData::DetailsCorrected {
                fields: vec![DetailsField::Items],
                lines: vec![CorrectedLine { line: 2, amount: Some(250) }],
                currency: Currency::parse("GBP").ok(),
            },
            whole(
                "details_corrected",
                Some(json!({ "fields": ["items"], "lines": [{ "line": 2, "amount": 250 }] })),
            ),
        ),
        (EventData::DetailsErased, whole("details_erased", None)),
    ]
}

/// Removes the fields that are visible only to internal readers and to their author, and the
/// author's id if the outsider is a customer.
fn for_outsiders(role: Role, mut event: Value) -> Value {
    let is_declined = event["type"] == "offer_declined";
    let is_gap = event["type"] == "gps_gap";
    let fields = event.as_object_mut().unwrap();
    fields.remove("note");
    if role == Role::Customer || is_declined {
        fields["actor"] = json!({ "role": "merchant" });
    }
    if let Some(Value::Object(data)) = fields.get_mut("data") {
        data.remove("despite");
        // The driver knows the reason of a gap.
        if !is_gap || role == Role::Customer {
            data.remove("reason");
        }
        data.remove("description");
        data.remove("drivers");
        data.remove("radius_m");
        if role == Role::Customer || is_declined {
            data.remove("driver");
        }
        if role == Role::Customer {
            data.remove("round");
            data.remove("expires_at");
            for field in MEASURED {
                data.remove(field);
            }
        }
    }
    event
}

/// Removes what a driver to whom the order is offered does not see: texts, people, references, prices
/// and contents.
fn for_the_offered(mut event: Value) -> Value {
    let fields = event.as_object_mut().unwrap();
    fields.remove("note");
    fields.remove("message");
    fields["actor"] = json!({ "role": "merchant" });
    fields["metadata"] = json!({});
    if let Some(Value::Object(data)) = fields.get_mut("data") {
        let hidden = [
            "customer",
            "external_id",
            "driver",
            "drivers",
            "radius_m",
            "despite",
            "reason",
            "description",
            "resolution",
            "lines",
        ];
        for field in hidden.into_iter().chain(MEASURED) {
            data.remove(field);
        }
        if let Some(substitutions) = data.get_mut("substitutions") {
            *substitutions = json!([]);
        }
        if let Some(Value::Object(proof)) = data.get_mut("proof") {
            proof.remove("note");
        }
    }
    event
}

#[test]
fn a_driver_to_whom_the_order_is_offered_reads_no_texts_people_and_contents() {
    let order = Order { offer: Some(offer_to(&["d1", "d3"])), ..order_in("created", None) };
    for (data, expected) in events() {
        let found = json!(visibility::event(&driver("d1"), &order, &event(data)));
        assert_eq!(found, for_the_offered(expected));
    }
}

#[test]
fn notes_reasons_and_descriptions_stay_within_the_operation() {
    for status in ["in_transit", "delivered"] {
        let order = order_in(status, Some("d1"));
        for (principal, reads) in readers() {
            for (data, expected) in events() {
                let expected =
                    if reads { expected } else { for_outsiders(principal.role(), expected) };
                let event = event(data);
                let found = visibility::event(&principal, &order, &event);
                assert_eq!(json!(found), expected, "{principal:?}");
            }
        }
    }
}

/// Apart from internal readers, only its author reads the description of an issue: neither the
/// customer nor the next driver does.
#[test]
fn what_is_wrong_reads_the_operation_and_who_told_it() {
    let order = order_in("in_transit", Some("d1"));
    let drivers = [driver("d1"), driver("d0")];
    let others = [ops(), support(), merchant("m1"), customer("m1", "c1")];
    let tellers = drivers.into_iter().chain(others).collect::<Vec<_>>();
    for teller in &tellers {
        for (principal, reads) in readers() {
            let (data, _) = of_issues().remove(0);
            let event = Event { actor: teller.actor(), ..event(data) };
            let found = json!(visibility::event(&principal, &order, &event));
            let description = found["data"].get("description");
            let shown = reads || principal.actor() == teller.actor();
            assert_eq!(description.is_some(), shown, "{principal:?} of {teller:?}");
            let is_staff = teller.role() != Role::Customer;
            let named = shown || (principal.role() == Role::Driver && is_staff);
            assert_eq!(found["actor"].get("id").is_some(), named, "{principal:?} of {teller:?}");
            assert_eq!(found["data"]["issue"]["type"], "wrong_item");
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

/// This includes the events from before the driver lost the order.
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
        placed: Placed { customer: None, ..placed(Workflow::DEFAULT) },
        store: None,
        basket: None,
        has_handover_code: false,
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
