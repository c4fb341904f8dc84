//! An order with a recognisable mark in every text.

use serde_json::{Value, json};

use super::{Client, id_of};

/// Part of every text of a marked order.
pub const MARK: &str = "marked-";
/// Part of every personal text of a marked order.
pub const PERSONAL: &str = "marked-person-";

/// Returns an order of store s1 of m1, for c1, with a mark in every text.
pub fn order() -> Value {
    json!({
        "merchant": "m1",
        "store": "s1",
        "customer": {
            "name": "marked-person-name",
            "contact": "marked-person-contact@example.org",
            "reference": "c1",
        },
        "external_id": "marked-external-id",
        "currency": "EUR",
        "items": [{ "sku": "marked-person-sku", "name": "marked-person-item", "quantity": 1 }],
        "addresses": { "pickup": "marked-person-pickup", "dropoff": "marked-person-dropoff" },
        "metadata": { "marked-key": "marked-value" },
    })
}

/// Returns a change of status with a mark in every text.
pub fn change(status: &str) -> Value {
    said(&json!({ "status": status }))
}

/// Returns the body of a change with marks in its note, message and metadata.
pub fn said(body: &Value) -> Value {
    let mut body = if body.is_null() { json!({}) } else { body.clone() };
    body["note"] = json!("marked-note");
    body["message"] = json!("marked-message");
    body["metadata"] = json!({ "marked-change-key": "marked-change-value" });
    body
}

/// The marked reason of an unassignment.
pub const REASON: &str = "marked-reason";
/// The marked description of an issue.
pub const DESCRIPTION: &str = "marked-description";

/// Creates a marked order and makes every kind of change that carries a text: assigned to d1,
/// unassigned, assigned to d1 again, picked up, and with an issue. It reaches version 6.
pub async fn place(ops: &Client) -> String {
    let id = id_of(&ops.create(&order()).await.expect(201));
    go_on(ops, &id).await;
    id
}

/// Makes the changes of [`place`] that follow the creation of a marked order.
pub async fn go_on(ops: &Client, id: &str) {
    ops.assign(id, "d1").await.expect(200);
    ops.unassign(id, REASON).await.expect(200);
    ops.assign(id, "d1").await.expect(200);
    ops.patch(&format!("/orders/{id}/status"), &change("picked_up")).await.expect(200);
    let issue = json!({ "type": "other", "severity": "low", "description": DESCRIPTION });
    ops.operate(id, "issues", &issue).await.expect(200);
}
