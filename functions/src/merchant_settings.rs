//! What a merchant has set for all its orders: `GET` and `PUT
//! /merchants/{merchant}/settings`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::auth::Caller;
use shared::domain::{MerchantId, Party, Workflow};
use shared::http::{Fields, JsonBody, Kind, MerchantPath, Problem, QueryParameters};
use shared::store::MerchantSettings;

use crate::Environment;
use crate::app::{App, serve};
use crate::routes::{Method, Routes};
use crate::workflow::named;

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    serve(env, routes(Router::new()))
}

const PATH: &str = "/merchants/{merchant}/settings";

pub(crate) fn routes<R: Routes>(routes: R) -> R {
    let routes = routes.route(Method::Get, PATH, settings, |it| {
        it.is("getMerchantSettings", "Merchants", "What a merchant has set for all its orders")
            .answers::<View<'_>>(StatusCode::OK, "The settings.", &[])
            .refuses(&[Kind::NotFound, Kind::InvalidFields])
    });
    routes.route(Method::Put, PATH, set, |it| {
        it.is("putMerchantSettings", "Merchants", "Set this anew")
            .about("For operations and the whole merchant. What is not said is set back.")
            .body(json!({ "default_workflow": "grocery" }), |fields| Some(read(fields)))
            .answers::<View<'_>>(StatusCode::OK, "The settings.", &[])
            .refuses(&[Kind::NotFound])
    })
}

/// `{"default_workflow"?}`
fn read(fields: &mut Fields<'_>) -> MerchantSettings {
    MerchantSettings { default_workflow: fields.text("default_workflow", named) }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MerchantSettings")]
struct View<'a> {
    merchant: &'a MerchantId,
    /// How orders move that name no workflow.
    #[schemars(with = "Workflow")]
    default_workflow: &'static str,
}

async fn settings(
    State(app): State<App>,
    caller: Caller,
    MerchantPath(merchant): MerchantPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    match &caller.principal.party {
        Party::Ops | Party::Support => {}
        Party::Merchant { merchant: own, .. } if *own == merchant => {}
        _ => return Err(Problem::not_found()),
    }
    query.finish()?;
    let settings = app.store.merchant_settings(&merchant).await?;
    Ok(view(&merchant, settings))
}

/// What is not said is set back to what Waybill does by itself.
async fn set(
    State(app): State<App>,
    caller: Caller,
    MerchantPath(merchant): MerchantPath,
    body: JsonBody,
) -> Result<Response, Problem> {
    match &caller.principal.party {
        Party::Ops => {}
        Party::Merchant { merchant: own, store: None } if *own == merchant => {}
        Party::Merchant { merchant: own, .. } if *own == merchant => {
            return Err(forbidden("This is for the whole merchant to set, not for one store."));
        }
        Party::Support => return Err(forbidden("The role support changes no settings.")),
        _ => return Err(Problem::not_found()),
    }
    let settings = Fields::read(body.value, |fields| Some(read(fields)))?;
    app.store.set_merchant_settings(&merchant, &settings).await?;
    Ok(view(&merchant, settings))
}

fn forbidden(detail: &'static str) -> Problem {
    Problem::new(Kind::Forbidden, detail)
}

fn view(merchant: &MerchantId, settings: MerchantSettings) -> Response {
    Json(View { merchant, default_workflow: settings.workflow().name }).into_response()
}
