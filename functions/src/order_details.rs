//! Changes of an order's personal data: `PATCH /orders/{id}` corrects it while the order is open,
//! and `DELETE /orders/{id}/details` erases it once the order is closed.

use axum::extract::State;
use axum::response::Response;
use db::Head;
use domain::visibility::sees;
use domain::{
    Contact, Context, Correction, Currency, InPlace, ItemCorrection, MAX_ITEMS, Order, Role, decide,
};
use http_api::{Fields, OrderPath, Problem, ProblemKind};
use serde_json::json;

use crate::app::App;
use crate::change::{ChangeRequest, ReadAction, change};
use crate::routes::{Method, Routes};

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<App>>(routes: R) -> R {
    let routes = routes.route(Method::Patch, "/orders/{id}", correct, |it| {
        let example = json!({
            "customer": { "contact": "ada@example.com" },
            "addresses": { "dropoff": {
                "text": "10 Downing Street, London",
                "location": { "lat": 51.503_364, "lng": -0.127_625 },
            } },
            "items": [{ "line": 1, "unit_price": 420 }, { "line": 2, "quantity": 3 }],
        });
        it.is("correctDetails", "Details", "Correct an order's contact, addresses or items")
            .about(
                "For open orders. The event names the corrected fields, not personal values. Only \
                 operations and the merchant can correct the pickup and the items. An address is \
                 replaced together with its location. `currency` is \
                 required with the first `unit_price` of an order. A line with a substitution \
                 cannot be corrected.",
            )
            .changes(CORRECT, &[example])
            .refuses(&[ProblemKind::OrderClosed, ProblemKind::LineTaken])
    });
    routes.route(Method::Delete, "/orders/{id}/details", erase, |it| {
        it.is("eraseDetails", "Details", "Erase a closed order's personal data")
            .about(
                "For operations. The order and its history are kept; the tracks of the drivers who \
                 carried it lose their fixes within 200 m of its drop-off, up to 15 minutes after \
                 each trip.",
            )
            .changes(ERASE, &[json!({})])
            .refuses(&[ProblemKind::OrderOpen])
    })
}

/// `{"customer"?: {"contact"}, "addresses"?: {"pickup"?, "dropoff"?}, "items"?: [ITEM, …],
/// "currency"?}`; at least one of the first three is required.
const CORRECT: ReadAction = |fields, _| {
    fields.some_of(&["customer", "addresses", "items"]);
    let contact =
        fields.object("customer", |fields| fields.required_text("contact", Contact::parse));
    let addresses = fields.object("addresses", |fields| {
        fields.some_of(&["pickup", "dropoff"]);
        Some((fields.address("pickup"), fields.address("dropoff")))
    });
    let (pickup, dropoff) = addresses.unwrap_or_default();
    if fields.has("items") && !fields.is_filled("items") {
        fields.wrong("items", "must have at least one line");
    }
    let items = fields.list("items", 0..=MAX_ITEMS, item);
    let currency = fields.text("currency", Currency::parse);
    if currency.is_some() && items.is_empty() {
        fields.wrong("currency", "is only for prices of items");
    }
    let correction = Correction { contact, pickup, dropoff, items, currency };
    Some(InPlace::CorrectDetails(correction).into())
};

/// `{"line", "quantity"?, "unit_price"?}`; at least one of the last two is required.
fn item(fields: &mut Fields<'_>) -> Option<ItemCorrection> {
    fields.some_of(&["quantity", "unit_price"]);
    let line = fields.required_integer("line", 1, i64::MAX);
    let (quantity, unit_price) = (fields.number("quantity"), fields.number("unit_price"));
    let line = usize::try_from(line?).unwrap_or(usize::MAX);
    Some(ItemCorrection { line, quantity, unit_price })
}

/// Corrects details. The driver's last position has the order's locations, and reads corrected ones anew.
async fn correct(State(app): State<App>, request: ChangeRequest) -> Result<Response, Problem> {
    let OrderPath(id) = request.order;
    let has_addresses = request.body.value.get("addresses").is_some();
    let response = change(State(app.clone()), request, CORRECT).await?;
    if has_addresses
        && let Some(head) = app.db.head(id).await?
        && let Some(driver) = head.order.carrier()
    {
        app.db.forget_stop(driver, id).await?;
    }
    Ok(response)
}

/// Erases the door from the tracks that lead to it, and then the details, which know where it is: so a
/// request that is interrupted between can be repeated.
async fn erase(State(app): State<App>, request: ChangeRequest) -> Result<Response, Problem> {
    if let Some(order) = to_erase(&app, &request).await? {
        app.db.erase_way(&order).await?;
    }
    change(State(app), request, ERASE).await
}

/// Returns the order of a request that will erase its details.
async fn to_erase(app: &App, request: &ChangeRequest) -> Result<Option<Order>, Problem> {
    let (OrderPath(id), principal) = (&request.order, &request.caller.principal);
    // Nobody else erases, and a request of others costs no read more.
    if principal.role() != Role::Ops {
        return Ok(None);
    }
    let Some(Head { order, .. }) = app.db.head(*id).await? else { return Ok(None) };
    let context = Context::new(app.clock.now(), principal);
    let decision = decide(&order, InPlace::EraseDetails.into(), &context);
    let is_meant = request.if_match.check(order.version).is_ok() && sees(principal, &order);
    let erases = decision.is_ok_and(|decision| !decision.events.is_empty());
    Ok(Some(order).filter(|_| is_meant && erases))
}

const ERASE: ReadAction = |_, _| Some(InPlace::EraseDetails.into());
