//! `POST /orders`.

use axum::extract::{FromRef, State};
use axum::response::Response;
use db::{Consistency, CreateError};
use domain::visibility::{self, OrderView};
use domain::{self, ClaimNames, Context, Details, Known, OrderId, Principal, Rejection, Role};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use http_api::{
    Authenticated, BasePath, Fields, IdempotencyKey, JsonBody, OrderIdKey, Problem, ProblemKind,
};
use serde_json::Value;

use crate::app::{self, App};
use crate::describe::{Header, Sample, sample_body};
use crate::order_form::{self, Draft};
use crate::routes::{Method, Routes};
use crate::{Environment, VariableError, response};

/// The state of this handler: also has the key of the ids of orders.
#[derive(Clone)]
pub(crate) struct Creator {
    app: App,
    ids: OrderIdKey,
}

impl app::State for Creator {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { app: App::new(env)?, ids: env.order_id_key()? })
    }
}

impl FromRef<Creator> for ClaimNames {
    fn from_ref(creator: &Creator) -> Self {
        Self::from_ref(&creator.app)
    }
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Creator>>(routes: R) -> R {
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
                sample.as_ref().and_then(|sample| order_form::read(fields, &sample.principal, None))
            })
            .responds::<OrderView<'_>>(
                StatusCode::CREATED,
                "The order.",
                &[Header::ETag, Header::Location, Header::Replayed],
            )
            .example(StatusCode::CREATED, sample.as_ref().map(Sample::view))
            .refuses(&[ProblemKind::ExternalIdTaken, ProblemKind::Contended])
            .refuses_as(Rejection::MayNotCreate { role: Role::Driver })
    })
}

async fn create(
    State(Creator { app, ids }): State<Creator>,
    Authenticated(caller): Authenticated,
    BasePath(base): BasePath,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    domain::may_create(principal)?;
    let request = key.request(&caller, &body);
    let (draft, details) = read(&app, principal, body.value).await?;
    let settings = app.db.merchant_settings(&draft.merchant, Consistency::Eventual).await?;
    let order = draft.into_order(&settings, &details);
    let id = key.order_id(&caller, &ids);
    let id = id.unwrap_or_else(|| OrderId::new(random::time_ordered_uuid()));
    let known = Known { stores: settings.stores, ..Known::default() };
    let context = Context::new(app.clock.now(), principal).knowing(&known);
    let outcome = match domain::create(id, order, details.clone(), &context) {
        Ok(decision) => match app.db.create(id, decision, request.as_ref()).await {
            Err(CreateError::Refused(Rejection::ExternalIdTaken { order })) => {
                return Err(external_id_taken(&app, principal, order).await);
            }
            created => created?,
        },
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

/// Reports the order that has the `external_id`, if the principal sees it.
async fn external_id_taken(app: &App, principal: &Principal, order: OrderId) -> Problem {
    let head = match app.db.head(order).await {
        Ok(head) => head.map(|head| head.order),
        Err(error) => return error.into(),
    };
    let seen = head.filter(|order| visibility::sees(principal, order));
    Problem::external_id_taken(seen.map(|order| order.id))
}

/// Reads the order. If the body has wrong fields and names no workflow, the problem also names
/// those that the merchant's default workflow needs.
async fn read(app: &App, principal: &Principal, body: Value) -> Result<(Draft, Details), Problem> {
    let merchant = order_form::owner(&body, principal);
    let read =
        |body, default| Fields::read(body, |fields| order_form::read(fields, principal, default));
    let problem = match read(body.clone(), None) {
        Ok(order) => return Ok(order),
        Err(problem) => problem,
    };
    let Some(merchant) = merchant else { return Err(problem) };
    match app.db.merchant_settings(&merchant, Consistency::Eventual).await {
        Ok(settings) => read(body, Some(settings.workflow())),
        // The fields that are known to be wrong are what the caller can correct.
        Err(_) => Err(problem),
    }
}
