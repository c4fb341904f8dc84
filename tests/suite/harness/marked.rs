//! An order whose every text can be recognised, wherever it turns up.

use serde_json::{Value, json};

use super::{Client, id_of};

/// Stands in every text of a marked order.
pub const MARK: &str = "marked-";
/// Stands in every text of it that is about a person.
pub const PERSONAL: &str = "marked-person-";

/// An order of store s1 of m1, for c1, with a mark in every text.
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

/// A change with a mark in every text.
pub fn change(status: &str) -> Value {
    json!({
        "status": status,
        "note": "marked-note",
        "message": "marked-message",
        "metadata": { "marked-change-key": "marked-change-value" },
    })
}

/// A marked reason.
pub const REASON: &str = "marked-reason";

/// Takes a new marked order through everything that says something: assigned to
/// d1, taken back, assigned to d1 again, picked up.
pub async fn place(ops: &Client) -> String {
    let id = id_of(&ops.create(&order()).await.expect(201));
    go_on(ops, &id).await;
    id
}

/// The way of a marked order after its creation.
pub async fn go_on(ops: &Client, id: &str) {
    ops.assign(id, "d1").await.expect(200);
    ops.unassign(id, REASON).await.expect(200);
    ops.assign(id, "d1").await.expect(200);
    ops.patch(&format!("/orders/{id}/status"), &change("picked_up")).await.expect(200);
}
