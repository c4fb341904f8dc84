//! Changes of an order's personal data: `PATCH /orders/{id}` corrects it while the order is open,
//! and `DELETE /orders/{id}/details` erases it once the order is closed.

use domain::{Address, Contact, Correction, InPlace};
use http_api::ProblemKind;
use serde_json::json;

use crate::app::App;
use crate::change::{ReadAction, change};
use crate::routes::{Method, Routes};

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<App>>(routes: R) -> R {
    let correcting = |app, request| change(app, request, CORRECT);
    let routes = routes.route(Method::Patch, "/orders/{id}", correcting, |it| {
        let example = json!({
            "customer": { "contact": "ada@example.com" },
            "addresses": { "dropoff": "10 Downing Street, London" },
        });
        it.is("correctDetails", "Details", "Correct an order's contact or addresses")
            .about("For open orders. The event names the corrected fields, not their values.")
            .changes(CORRECT, &[example])
            .refuses(&[ProblemKind::OrderClosed])
    });
    let erasing = |app, request| change(app, request, ERASE);
    routes.route(Method::Delete, "/orders/{id}/details", erasing, |it| {
        it.is("eraseDetails", "Details", "Erase a closed order's personal data")
            .about("For operations. The order and its history are kept.")
            .changes(ERASE, &[json!({})])
            .refuses(&[ProblemKind::OrderOpen])
    })
}

/// `{"customer"?: {"contact"}, "addresses"?: {"pickup"?, "dropoff"?}}`; at least one is required.
const CORRECT: ReadAction = |fields, _| {
    fields.some_of(&["customer", "addresses"]);
    let contact =
        fields.object("customer", |fields| fields.required_text("contact", Contact::parse));
    let addresses = fields.object("addresses", |fields| {
        fields.some_of(&["pickup", "dropoff"]);
        Some((fields.text("pickup", Address::parse), fields.text("dropoff", Address::parse)))
    });
    let (pickup, dropoff) = addresses.unwrap_or_default();
    let correction = Correction { contact, pickup, dropoff };
    Some(InPlace::CorrectDetails(correction).into())
};

const ERASE: ReadAction = |_, _| Some(InPlace::EraseDetails.into());
