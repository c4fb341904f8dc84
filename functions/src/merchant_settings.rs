//! What a merchant has set for all its orders: `GET` and `PUT
//! /merchants/{merchant}/settings`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use shared::auth::Caller;
use shared::domain::{MerchantId, Party};
use shared::http::{Fields, JsonBody, Kind, MerchantPath, Problem, QueryParameters};
use shared::store::MerchantSettings;

use crate::Environment;
use crate::app::{App, serve};
use crate::workflow::named;

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    let routes = Router::new().route("/merchants/{merchant}/settings", get(settings).put(set));
    serve(env, routes)
}

async fn settings(
    State(app): State<App>,
    caller: Caller,
    MerchantPath(merchant): MerchantPath,
    query: QueryParameters,
) -> Result<Json<Value>, Problem> {
    match &caller.principal.party {
        Party::Ops | Party::Support => {}
        Party::Merchant { merchant: own, .. } if *own == merchant => {}
        _ => return Err(Problem::not_found()),
    }
    query.finish()?;
    let settings = app.store.merchant_settings(&merchant).await?;
    Ok(Json(view(&merchant, settings)))
}

/// `{"default_workflow"?}`: what is not said is set back to what Waybill does by itself.
async fn set(
    State(app): State<App>,
    caller: Caller,
    MerchantPath(merchant): MerchantPath,
    body: JsonBody,
) -> Result<Json<Value>, Problem> {
    match &caller.principal.party {
        Party::Ops => {}
        Party::Merchant { merchant: own, store: None } if *own == merchant => {}
        Party::Merchant { merchant: own, .. } if *own == merchant => {
            return Err(forbidden("This is for the whole merchant to set, not for one store."));
        }
        Party::Support => return Err(forbidden("The role support changes no settings.")),
        _ => return Err(Problem::not_found()),
    }
    let settings = Fields::read(body.value, |fields| {
        Some(MerchantSettings { default_workflow: fields.text("default_workflow", named) })
    })?;
    app.store.set_merchant_settings(&merchant, &settings).await?;
    Ok(Json(view(&merchant, settings)))
}

fn forbidden(detail: &'static str) -> Problem {
    Problem::new(Kind::Forbidden, detail)
}

fn view(merchant: &MerchantId, settings: MerchantSettings) -> Value {
    json!({ "merchant": merchant, "default_workflow": settings.workflow().name })
}
