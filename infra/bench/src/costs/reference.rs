//! The reference order, on which the budgets and the bill are based, and the people involved in
//! it.

use serde_json::{Value, json};
use waybill::issuer::TokenRequest;

/// The merchant of the reference order.
pub(crate) const MERCHANT: &str = "blue-bakery";
const REFERENCE: &str = "customer-1042";
/// The driver of the reference order.
pub(crate) const DRIVER: &str = "9b0d6c2e-1f47-4e83-a5d0-c7e2f8b6a431";

/// Returns the id of a new driver, as long as that of [`DRIVER`].
pub(super) fn registered_driver() -> String {
    random::random_uuid().to_string()
}

/// Returns the body of the `POST /orders` that creates the reference order.
pub(crate) fn order() -> Value {
    json!({
        "merchant": MERCHANT,
        "workflow": "courier",
        "customer": { "name": "Ada Lovelace", "contact": "+44 20 7946 0000", "reference": REFERENCE },
        "addresses": { "pickup": "1 Baker Street, London", "dropoff": "12 St James Square, London" },
        "currency": "GBP",
        "items": [
            { "sku": "sourdough-800", "name": "Sourdough, 800 g", "quantity": 2, "unit_price": 450 },
            { "sku": "croissant", "name": "Butter croissant", "quantity": 6, "unit_price": 180 },
        ],
    })
}

/// Returns the body for the same order as a grocery order, which its store prepares.
pub(super) fn grocery_order() -> Value {
    let mut order = order();
    order["workflow"] = json!("grocery");
    order["store"] = json!("baker-street");
    order
}

pub(super) fn merchant() -> TokenRequest {
    TokenRequest {
        role: "merchant".to_owned(),
        id: "3f1c9a52-8d0e-4a7b-9c61-5b2e7f4d1a90".to_owned(),
        merchant: Some(MERCHANT.to_owned()),
        ..TokenRequest::default()
    }
}

pub(super) fn customer() -> TokenRequest {
    TokenRequest {
        role: "customer".to_owned(),
        id: "5a7e0b14-63d2-4c98-8f3b-2d9c1e6a7f05".to_owned(),
        merchant: Some(MERCHANT.to_owned()),
        reference: Some(REFERENCE.to_owned()),
        ..TokenRequest::default()
    }
}

pub(super) fn driver(id: &str) -> TokenRequest {
    TokenRequest { role: "driver".to_owned(), id: id.to_owned(), ..TokenRequest::default() }
}

pub(super) fn ops() -> TokenRequest {
    TokenRequest {
        role: "ops".to_owned(),
        id: "c2d8e6f1-40b9-4a35-b7c6-9e1f3a5d8b72".to_owned(),
        ..TokenRequest::default()
    }
}
