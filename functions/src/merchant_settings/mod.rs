//! The settings of a merchant: `GET` and `PUT /merchants/{merchant}/settings`.

mod dispatch;

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::{Consistency, MerchantSettings};
use domain::{
    Denied, Drivers, Invalid, Limit, Limits, MerchantId, PositionsFrom, Shortages, StoreId,
    Version, Workflow,
};
use http::StatusCode;
use http::header::ETAG;
use http_api::{
    Authenticated, Fields, IfMatch, JsonBody, MerchantPath, Problem, ProblemKind, QueryParameters,
    etag,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use self::dispatch::DispatchView;
use crate::app::App;
use crate::describe::Header;
use crate::routes::{Method, Routes};
use crate::workflow::named;

/// The maximum number of registered stores. The settings are read at each creation, for half a
/// unit for each 4 KB.
const MAX_STORES: usize = 500;

/// The number of attempts to replace settings that others change at the same time.
const ATTEMPTS: u32 = 8;

const PATH: &str = "/merchants/{merchant}/settings";

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<App>>(routes: R) -> R {
    let routes = routes.route(Method::Get, PATH, settings, |it| {
        it.is("getMerchantSettings", "Merchants", "Get the merchant's settings")
            .responds::<View<'_>>(StatusCode::OK, "The settings.", &[])
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    routes.route(Method::Put, PATH, set, |it| {
        it.is("putMerchantSettings", "Merchants", "Replace the merchant's settings")
            .about(
                "For operations and the merchant as a whole. Omitted settings return to their \
                 defaults. `limits` replace the workflow's time limits, in seconds per status; 0 \
                 means no limit. An order that its store does not acknowledge in time is reassigned \
                 to the `fallback_store`. With `stores`, orders can be created for and reassigned \
                 to these stores only; without, any name is a store. `shortages` says whether a \
                 store can report a line short or missing without a question to the customer \
                 (`apply`, the default) or not (`ask`). `drivers` says whether orders can be assigned \
                 to any driver's id (`any`, the default) or only to registered drivers \
                 (`registered`). `dispatch` says how orders get drivers: by people \
                 (`manual`, the default), by offers to the nearest drivers (`offer`), or by the \
                 assignment of the best one (`assign`); in rounds, each in a radius 1.6 times as \
                 large. `positions_from` says whether the merchant and its stores see the positions of \
                 their own drivers from the `pickup` of an order on (the default) or from the \
                 `assignment`. `limits`, `fallback_store`, `shortages`, `dispatch` and \
                 `positions_from` apply to orders created from now on.",
            )
            .body(example(), |fields| Some(read(fields)))
            .conditional()
            .responds::<View<'_>>(StatusCode::OK, "The settings.", &[Header::ETag])
            .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
            .refuses_as(denied(Denied::WholeMerchantOnly))
    })
}

fn example() -> Value {
    json!({
        "default_workflow": "grocery",
        "limits": { "grocery": { "store_notified": 300, "returning": 0 } },
        "fallback_store": "s2",
        "stores": ["s1", "s2"],
        "shortages": "ask",
        "drivers": "registered",
        "dispatch": { "mode": "offer", "fleets": ["own", "platform"], "offers_at_once": 3 },
        "positions_from": "assignment",
    })
}

/// `{"default_workflow"?, "limits"?: {WORKFLOW: {STATUS: seconds}}, "fallback_store"?, "stores"?,
/// "shortages"?, "drivers"?, "dispatch"?: {"mode", …}, "positions_from"?}`
fn read(fields: &mut Fields<'_>) -> MerchantSettings {
    let default_workflow = fields.text("default_workflow", named);
    let limits = fields.object("limits", |fields| Some(limits(fields))).unwrap_or_default();
    let fallback_store = fields.text("fallback_store", StoreId::parse);
    let stores = fields.texts("stores", 0..=MAX_STORES, StoreId::parse);
    let stores: BTreeSet<_> = stores.unwrap_or_default().into_iter().collect();
    let is_store = |store| stores.is_empty() || stores.contains(store);
    if !fallback_store.as_ref().is_none_or(is_store) {
        fields.wrong("fallback_store", "is not one of `stores`");
    }
    let shortages = fields.text("shortages", shortages).unwrap_or_default();
    let drivers = fields.text("drivers", drivers).unwrap_or_default();
    let dispatch = fields.object("dispatch", dispatch::read).unwrap_or_default();
    let positions_from = fields.text("positions_from", positions_from).unwrap_or_default();
    MerchantSettings {
        default_workflow,
        limits,
        fallback_store,
        stores,
        shortages,
        drivers,
        dispatch,
        positions_from,
        version: Version(0),
    }
}

fn drivers(name: &str) -> Result<Drivers, Invalid> {
    Drivers::named(name).ok_or(Invalid::new("must be any or registered"))
}

fn shortages(name: &str) -> Result<Shortages, Invalid> {
    Shortages::named(name).ok_or(Invalid::new("must be apply or ask"))
}

fn positions_from(name: &str) -> Result<PositionsFrom, Invalid> {
    PositionsFrom::named(name).ok_or(Invalid::new("must be pickup or assignment"))
}

fn limits(fields: &mut Fields<'_>) -> BTreeMap<&'static str, Limits> {
    let workflows = Workflow::ALL.iter().filter_map(|workflow| {
        let limits = fields.object(workflow.name, |fields| Some(limits_of(workflow, fields)))?;
        Some((workflow.name, limits)).filter(|(_, limits)| !limits.is_empty())
    });
    workflows.collect()
}

fn limits_of(workflow: &Workflow, fields: &mut Fields<'_>) -> Limits {
    let open = workflow.statuses.iter().filter(|status| status.phase().is_open());
    Limits::new(open.filter_map(|status| Some((*status, fields.number(status.name())?))))
}

/// The settings of a merchant, which apply to all its orders.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MerchantSettings")]
struct View<'a> {
    merchant: &'a MerchantId,
    /// The workflow of orders that name none.
    #[schemars(with = "Workflow")]
    default_workflow: &'static str,
    /// The time limits that replace the workflow's own: in seconds, by workflow and status; 0
    /// means no limit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<&'static str, BTreeMap<&'static str, Limit>>,
    /// The store that an order is reassigned to if its store does not acknowledge it in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_store: Option<&'a StoreId>,
    /// The only stores that orders can be for; absent if any name is a store.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    stores: &'a BTreeSet<StoreId>,
    /// The way of an order with a line that is short or missing.
    shortages: Shortages,
    /// The drivers who can be assigned the merchant's orders.
    drivers: Drivers,
    /// The way in which the orders get drivers.
    dispatch: DispatchView<'a>,
    /// The time from which the merchant sees the positions of its own drivers.
    positions_from: PositionsFrom,
}

async fn settings(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    caller.principal.may_read(&merchant).map_err(denied)?;
    query.finish()?;
    // Read consistently, so that the tag is good for a change.
    let settings = app.db.merchant_settings(&merchant, Consistency::Strong).await?;
    Ok(view(&merchant, &settings))
}

fn denied(denied: Denied) -> Problem {
    Problem::denied(denied, "settings")
}

/// Replaces the settings. Omitted settings return to Waybill's defaults.
async fn set(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    if_match: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    caller.principal.may_manage(&merchant).map_err(denied)?;
    let mut settings = Fields::read(body.value, |fields| Some(read(fields)))?;
    for _ in 0..ATTEMPTS {
        let current = app.db.merchant_settings(&merchant, Consistency::Strong).await?.version;
        if_match.check(current)?;
        let set = app.db.set_merchant_settings(&merchant, &settings, current).await?;
        if let Some(version) = set {
            settings.version = version;
            return Ok(view(&merchant, &settings));
        }
    }
    let detail = "Other requests kept changing the settings. Try again.";
    Err(Problem::new(ProblemKind::Contended, detail))
}

fn view(merchant: &MerchantId, settings: &MerchantSettings) -> Response {
    let limits = settings.limits.iter();
    let body = Json(View {
        merchant,
        default_workflow: settings.workflow().name,
        limits: limits.map(|(name, limits)| (*name, limits.iter().collect())).collect(),
        fallback_store: settings.fallback_store.as_ref(),
        stores: &settings.stores,
        shortages: settings.shortages,
        drivers: settings.drivers,
        dispatch: DispatchView::from(&settings.dispatch),
        positions_from: settings.positions_from,
    });
    ([(ETAG, etag(settings.version))], body).into_response()
}
