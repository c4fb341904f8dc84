//! `POST /orders`.

use axum::extract::State;
use axum::response::Response;
use domain::visibility::OrderView;
use domain::{self, Context, OrderId};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use http_api::{Authenticated, BasePath, Fields, IdempotencyKey, JsonBody, Problem, ProblemKind};

use crate::app::App;
use crate::describe::{Header, Sample, sample_body};
use crate::order_form;
use crate::response;
use crate::routes::{Method, Routes};

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<App>>(routes: R) -> R {
    routes.route(Method::Post, "/orders", create, |it| {
        let sample = Sample::new();
        it.is("createOrder", "Orders", "Create an order")
            .about(
                "For operations, merchants, and customers ordering under their own reference. A \
                 caller whose token names a merchant, store or reference can omit that field. \
                 `currency` is required when an item has a `unit_price`. The workflow `grocery` \
                 requires a store and items. Without a `workflow`, the merchant's default applies. \
                 A `parcel` order with `autopilot` moves by itself. `unanswered` decides for a \
                 customer who does not answer a substitution in time: `approve`, as long as all \
                 approved substitutions together raise the price by at most `price_cap` (default \
                 0); `reject`, the default, which removes the line and sends the order back to \
                 picking; or `cancel_line`, which removes the line and lets the order go on.",
            )
            .keyed()
            .body(sample_body(), |fields| {
                sample.as_ref().and_then(|sample| order_form::read(fields, &sample.principal))
            })
            .responds::<OrderView<'_>>(
                StatusCode::CREATED,
                "The order.",
                &[Header::ETag, Header::Location, Header::Replayed],
            )
            .example(StatusCode::CREATED, sample.as_ref().map(Sample::view))
            .refuses(&[ProblemKind::ExternalIdTaken, ProblemKind::Contended])
    })
}

async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    BasePath(base): BasePath,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let request = key.request(&caller, &body);
    let (draft, details) = Fields::read(body.value, |fields| order_form::read(fields, principal))?;
    let settings = app.db.merchant_settings(&draft.merchant).await?;
    let order = draft.into_order(&settings, &details);
    let id = key.order_id(&caller).unwrap_or_else(|| OrderId::new(random::time_ordered_uuid()));
    let context = Context::new(app.clock.now(), principal);
    let outcome = match domain::create(id, order, details.clone(), &context) {
        Ok(decision) => app.db.create(id, decision, request.as_ref()).await?,
        // The rules may reject a retry whose first attempt they accepted, because settings and
        // tokens change.
        Err(rejection) => {
            let replay = app.db.created_by(id, request.as_ref()).await?;
            replay.ok_or(rejection)?
        }
    };
    let mut response = response::created(principal, &outcome, &details)?;
    if let Ok(location) = HeaderValue::try_from(format!("{base}/orders/{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
