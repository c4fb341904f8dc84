//! The lives of our order: seven scenarios that together have every type of event, with a mark in
//! every text.

use reqwest::Method;
use serde_json::{Value, json};

use super::tables::KINDS;
use crate::harness::marked::{self, DESCRIPTION, REASON};
use crate::harness::{Change, Client, Response};

/// The handover code, which is recognisable although it has no mark.
pub(super) const CODE: &str = "47110815";

/// The action of a step.
enum Deed {
    Place(Value),
    Change(Change),
    /// Waits this many seconds, after which the sweep changes the order.
    Wait(i64),
}

/// The creation of our order, or a change of it.
pub(super) struct Step {
    /// The names of the step's events in the tables, and their types.
    pub(super) events: Vec<(&'static str, &'static str)>,
    pub(super) by: &'static str,
    deed: Deed,
    pub(super) status: u16,
}

impl Step {
    fn creation(by: &'static str, body: Value, events: &[(&'static str, &'static str)]) -> Self {
        Self { events: events.to_vec(), by, deed: Deed::Place(body), status: 201 }
    }

    /// Returns a step with a note, a message and metadata.
    fn new(name: &'static str, kind: &'static str, by: &'static str, change: Change) -> Self {
        assert!(KINDS.contains(&kind), "no such type of event: {kind}");
        let change = Change { body: marked::said(&change.body), ..change };
        Self { events: vec![(name, kind)], by, deed: Deed::Change(change), status: 200 }
    }

    /// Returns a step that the deadline sweep takes after this many seconds.
    fn swept(name: &'static str, kind: &'static str, seconds: i64) -> Self {
        Self { events: vec![(name, kind)], by: "nobody", deed: Deed::Wait(seconds), status: 0 }
    }

    fn responded(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Returns the seconds to wait, or `None` if a person takes the step.
    pub(super) fn wait(&self) -> Option<i64> {
        match self.deed {
            Deed::Wait(seconds) => Some(seconds),
            Deed::Place(_) | Deed::Change(_) => None,
        }
    }

    /// Sends the step's request; `id` is our order's id once it exists.
    pub(super) async fn take(&self, client: &Client, id: &str) -> Response {
        let response = match &self.deed {
            Deed::Place(body) => client.create(body).await,
            Deed::Change(change) => change.ask(client, id).await,
            Deed::Wait(_) => panic!("nobody does it: {:?}", self.events),
        };
        assert_eq!(response.status, self.status, "{:?}: {response:?}", self.events);
        response
    }
}

fn post(operation: &'static str, body: Value) -> Change {
    Change { method: Method::POST, route: operation, subresource: 1, body }
}

/// Returns the change with another body.
fn asking(change: Change, body: Value) -> Change {
    Change { body, ..change }
}

fn assign(driver: &str) -> Change {
    post("assign", json!({ "driver": driver, "replace": true }))
}

fn offer(drivers: &[&str]) -> Change {
    post("dispatch", json!({ "drivers": drivers, "seconds": 60 }))
}

fn deliver(code: &str) -> Change {
    post("deliver", json!({ "proof": { "code": code, "note": "marked-proof" } }))
}

fn report() -> Change {
    let issue = json!({ "type": "damaged", "severity": "low", "description": DESCRIPTION });
    asking(Change::open_issue(), issue)
}

fn because(operation: &'static str) -> Change {
    post(operation, json!({ "reason": REASON }))
}

/// Returns the body that creates our order, with every field but `autopilot` and `unanswered`.
fn order(workflow: &str) -> Value {
    let mut order = marked::order();
    order["workflow"] = json!(workflow);
    order["handover_code"] = json!(CODE);
    order["addresses"]["dropoff"] = located("marked-person-dropoff");
    order["items"][0]["unit_price"] = json!(250);
    order["items"] = json!([order["items"][0], order["items"][0]]);
    order
}

fn located(text: &str) -> Value {
    json!({ "text": text, "location": { "lat": 51.507_351, "lng": -0.136_272 } })
}

fn correction() -> Change {
    let correction = json!({
        "customer": { "contact": "marked-person-contact-corrected@example.org" },
        "addresses": {
            "pickup": "marked-person-pickup-corrected",
            "dropoff": located("marked-person-dropoff-corrected"),
        },
    });
    asking(Change::correct_details(), correction)
}

/// A courier order of m1 that goes from one driver to another and back, and is delivered at the
/// second attempt, to the wrong door, and at the third.
pub(super) fn courier() -> Vec<Step> {
    let resolution = json!({ "resolution": "marked-resolution" });
    let resolve = asking(Change::resolve_issue(), resolution);
    let step = Step::new;
    vec![
        Step::creation("merchant", order("courier"), &[("placed", "created")]),
        step("assigned", "driver_assigned", "clerk", assign("d1")),
        step("passed", "driver_assigned", "ops", assign("d2")),
        step("taken", "driver_unassigned", "other-driver", because("unassign")).responded(204),
        step("assigned", "driver_assigned", "merchant", assign("d1")),
        step("complained", "issue_opened", "customer", report()),
        step("picked_up", "status_changed", "driver", post("pickup", json!({}))),
        step("reported", "issue_opened", "driver", report()),
        step("corrected", "details_corrected", "merchant", correction()),
        step("on_its_way", "status_changed", "driver", Change::status("in_transit")),
        step("refused", "handover_refused", "driver", deliver("00000000")).responded(422),
        step("not_delivered", "delivery_failed", "driver", because("delivery-failed")),
        step("retried", "status_changed", "driver", post("retry", json!({}))),
        step("delivered", "delivered", "driver", deliver(CODE)),
        step("reopened", "reopened", "ops", because("reopen")),
        step("delivered", "delivered", "driver", deliver(CODE)),
        step("resolved", "issue_resolved", "support", resolve.of_subresource(8)),
        step("erased", "details_erased", "ops", Change::erase_details()),
    ]
}

/// A courier order of m1 that is ended, on its way to d1, by `by` in one of two ways.
pub(super) fn ended(name: &'static str, kind: &'static str, by: &'static str) -> Vec<Step> {
    let operation = if kind == "cancelled" { "cancel" } else { "fail" };
    vec![
        Step::creation("merchant", order("courier"), &[("placed", "created")]),
        Step::new("assigned", "driver_assigned", "clerk", assign("d1")),
        Step::new(name, kind, by, because(operation)),
    ]
}

/// A courier order of m1 that is offered to d3 after d1 has lost it, declined, offered again until
/// the time is over, and offered once more until d1 gets it.
pub(super) fn offers() -> Vec<Step> {
    let resolve = asking(Change::resolve_issue(), json!({ "resolution": "marked-resolution" }));
    let step = Step::new;
    vec![
        Step::creation("merchant", order("courier"), &[("placed", "created")]),
        step("assigned", "driver_assigned", "clerk", assign("d1")),
        step("complained", "issue_opened", "customer", report()),
        step("settled", "issue_resolved", "support", resolve.of_subresource(3)),
        step("corrected", "details_corrected", "merchant", correction()),
        step("taken", "driver_unassigned", "ops", because("unassign")),
        step("offered", "driver_offered", "merchant", offer(&["d3"])),
        step("turned_down", "offer_declined", "third-driver", because("decline")).responded(204),
        step("offered", "driver_offered", "ops", offer(&["d3", "d9"])),
        Step::swept("expired", "offer_expired", 60),
        step("offered", "driver_offered", "clerk", offer(&["d3", "d9"])),
        step("assigned", "driver_assigned", "clerk", assign("d1")),
    ]
}

fn substitutions() -> Change {
    let substitution = |line: u64| {
        json!({
            "line": line,
            "substitute": { "sku": "marked-other-sku", "name": "marked-other-name" },
            "reason": "marked-sold-out",
            "price_difference": 10,
        })
    };
    post("substitutions", json!({ "substitutions": [substitution(1), substitution(2)] }))
}

/// A grocery order of m1's customer c1 that one store rejects and another prepares, with one
/// substitute approved and another rejected.
pub(super) fn grocery() -> Vec<Step> {
    let mut order = order("grocery");
    // As an order that a customer creates; the tables say so.
    order.as_object_mut().expect("an order").remove("external_id");
    order["unanswered"] = json!({ "answer": "approve", "price_cap": 5 });
    let step = Step::new;
    let work =
        |name, operation| step(name, "status_changed", "other-clerk", post(operation, json!({})));
    let approve = post("substitutions/{substitution}/approve", json!({}));
    let decline = post("substitutions/{substitution}/reject", json!({}));
    let moved = post("reassign", json!({ "store": "s2" }));
    vec![
        Step::creation(
            "merchant",
            order,
            &[("ordered", "created"), ("notified", "status_changed")],
        ),
        step("rejected", "store_rejected", "clerk", because("reject")),
        step("moved", "store_reassigned", "merchant", moved),
        work("acknowledged", "acknowledge"),
        work("picking", "start-picking"),
        step("proposed", "substitutions_proposed", "other-clerk", substitutions()),
        step("approved", "substitution_answered", "customer", approve),
        step("declined", "substitution_answered", "customer", decline.of_subresource(2)),
        work("ready", "ready"),
        Step::swept("undriven", "alert_raised", 600),
        step("offered", "driver_offered", "merchant", offer(&["d3"])),
        step("assigned", "driver_assigned", "other-clerk", assign("d1")),
        Step::swept("late", "alert_raised", 1800),
        step("fetched", "status_changed", "driver", post("pickup", json!({}))),
        step("on_its_way", "status_changed", "driver", Change::status("in_transit")),
        step("delivered", "delivered", "driver", deliver(CODE)),
        step("erased", "details_erased", "ops", Change::erase_details()),
    ]
}

/// An order with the fields that a customer can set.
pub(super) fn wish() -> Vec<Step> {
    let mut order = order("courier");
    let fields = order.as_object_mut().expect("an order");
    for reserved in ["external_id", "workflow", "currency", "metadata"] {
        fields.remove(reserved);
    }
    for (object, reserved) in [("/items/0", "unit_price"), ("/items/1", "unit_price")] {
        let item = order.pointer_mut(object).and_then(Value::as_object_mut);
        item.expect("an object").remove(reserved);
    }
    order["addresses"].as_object_mut().expect("addresses").remove("pickup");
    vec![Step::creation("customer", order, &[("wished", "created")])]
}

/// A parcel of m1 on autopilot.
pub(super) fn parcel() -> Vec<Step> {
    let mut order = order("parcel");
    // A parcel on autopilot has nobody to check the code.
    order.as_object_mut().expect("an order").remove("handover_code");
    order["autopilot"] = json!({ "step_seconds": 60 });
    vec![
        Step::creation("merchant", order, &[("sent", "created")]),
        Step::swept("processed", "status_changed", 60),
    ]
}
