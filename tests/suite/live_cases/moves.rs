//! Changes of orders: requests of ops, over HTTP.

use serde_json::{Value, json};

use super::audience::Names;
use super::ledger::Image;
use crate::harness::chance::Chance;
use crate::harness::{grocery, order};

/// A request that creates or changes an order.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) path: String,
    pub(super) patches: bool,
    pub(super) body: Value,
}

impl Move {
    fn post(path: String, body: Value) -> Self {
        Self { path, patches: false, body }
    }

    /// Draws a new order of the case's merchant.
    pub(super) fn create(names: &Names, chance: &mut Chance) -> Self {
        let mut body = if chance.percent(30) {
            grocery(&names.merchant, "s1", "c1")
        } else {
            order(&names.merchant, if chance.percent(80) { "c1" } else { "c2" })
        };
        if chance.percent(50) && body["store"].is_null() {
            body["store"] = json!(chance.pick(&["s1", "s2"]));
        }
        body["customer"]["name"] = json!("personal");
        Self::post("/orders".to_owned(), body)
    }

    /// Draws a change that an order in this state allows.
    pub(super) fn of(order: &Image, names: &Names, chance: &mut Chance) -> Self {
        let id = &order.id;
        let status = |status: &str| Self {
            path: format!("/orders/{id}/status"),
            patches: true,
            body: json!({ "status": status, "note": "secret note", "message": "for all" }),
        };
        let operation = |name: &str, body: Value| Self::post(format!("/orders/{id}/{name}"), body);
        let assign = |chance: &mut Chance| {
            let driver = names.driver(chance.pick(&["d1", "d1", "d2", "d3"]));
            let body = json!({ "driver": driver, "replace": true, "note": "secret note" });
            operation("assign", body)
        };
        let issue = || {
            let described = json!({ "type": "other", "severity": "low", "description": "secret" });
            operation("issues", described)
        };
        let drawn = chance.below(100);
        match (order.status.as_str(), drawn) {
            ("created", 0..80) | ("driver_assigned", 0..45) => assign(chance),
            ("created", 80..86) | ("store_notified", 70..80) | ("store_acknowledged", 0..30) => {
                status("cancelled")
            }
            ("driver_assigned", 45..70) => {
                operation("unassign", json!({ "reason": "secret reason" }))
            }
            ("driver_assigned", 70..90) => status("picked_up"),
            ("picked_up", 0..80) => status("in_transit"),
            ("in_transit", 0..50) => status("delivered"),
            ("delivered", 0..50) => operation("reopen", json!({ "reason": "secret reason" })),
            ("store_notified", 0..70) => {
                let other = if order.store.as_deref() == Some("s1") { "s2" } else { "s1" };
                let body = json!({ "reason": "secret reason", "reassign_to": other });
                operation("reject", body)
            }
            ("store_notified", 80..90) => operation("acknowledge", Value::Null),
            _ => issue(),
        }
    }
}
