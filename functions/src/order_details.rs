//! Changes of an order's personal data: `PATCH /orders/{id}` corrects it while the
//! order is open, `DELETE /orders/{id}/details` erases it once it is closed.

use axum::Router;
use axum::routing::{delete, patch};
use shared::domain::{Action, Address, Contact, Correction};
use shared::http::Fields;
use shared::store::DetailsChange;

use crate::Environment;
use crate::app::serve;
use crate::change::{ChangeCommand, Target, change};

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    let routes = Router::new()
        .route("/orders/{id}", patch(|app, request| change(app, request, correct)))
        .route("/orders/{id}/details", delete(|app, request| change(app, request, erase)));
    serve(env, routes)
}

/// `{"customer"?: {"contact"?}, "addresses"?: {"pickup"?, "dropoff"?}}`, one of them
/// at least.
fn correct(fields: &mut Fields<'_>, _: &Target<'_>) -> Option<ChangeCommand> {
    let mut is_empty = true;
    let mut look_for = |fields: &Fields<'_>, name| is_empty &= !fields.has(name);
    let contact = fields.part("customer", |fields| {
        look_for(fields, "contact");
        fields.text("contact", Contact::parse)
    });
    let addresses = fields.part("addresses", |fields| {
        look_for(fields, "pickup");
        look_for(fields, "dropoff");
        Some((fields.text("pickup", Address::parse), fields.text("dropoff", Address::parse)))
    });
    if is_empty {
        fields.wrong("customer", "or `addresses` must hold what is to be corrected");
    }
    let (pickup, dropoff) = addresses.unwrap_or_default();
    let correction = Correction { contact, pickup, dropoff };
    let action = Action::CorrectDetails { fields: correction.fields() };
    Some(ChangeCommand::read(fields, |_| Some(action))?.with(DetailsChange::Correct(correction)))
}

fn erase(fields: &mut Fields<'_>, _: &Target<'_>) -> Option<ChangeCommand> {
    let change = ChangeCommand::read(fields, |_| Some(Action::EraseDetails))?;
    Some(change.with(DetailsChange::Erase))
}
