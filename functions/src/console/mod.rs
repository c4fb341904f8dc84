//! The console: pages for people, whose files are in the binary. It reads no table; its pages call
//! the API as any other client does.

mod assets;
mod policy;

#[cfg(test)]
mod tests;

use axum::Json;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_api::Problem;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use self::assets::Assets;
use crate::app::State;
use crate::describe::Endpoint;
use crate::routes::{Method, Routes};
use crate::{Environment, VariableError};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The name of an asset contains the digest of all of them.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The state of the handlers.
#[derive(Clone)]
pub(crate) struct Console {
    policy: HeaderValue,
    config: Config,
    assets: Assets,
}

/// The addresses that the pages need beside their own.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleConfig")]
struct Config {
    /// The OIDC issuer that people sign in at.
    issuer: String,
    /// The client that the pages are to the issuer.
    client_id: String,
    /// The URL of the WebSocket API.
    live_url: String,
}

/// The health of the console itself.
#[derive(Serialize, JsonSchema)]
struct Up {
    status: &'static str,
}

impl State for Console {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        let config = Config {
            issuer: env.variables.get("ISSUER")?,
            client_id: env.variables.get("AUDIENCE")?,
            live_url: env.variables.get("LIVE_URL")?,
        };
        let sign_in = env.variables.get("SIGN_IN_ORIGIN")?;
        let policy = policy::of(&config.live_url, &config.issuer, &sign_in)?;
        Ok(Self { policy, config, assets: Assets::new() })
    }
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Console>>(routes: R) -> R {
    let routes =
        routes.route(Method::Get, "/", start, |it| {
            page(it, "getConsole", "Get the start page of the console")
            .about(
                "A page, or to `Accept: application/json` the health of the console itself: \
                 `GET /health` also checks the tables.",
            )
            .also_as(StatusCode::OK, "application/json", json!({
                "schema": { "type": "object", "properties": { "status": { "type": "string" } } }
            }))
        });
    let ops = async |Shared(console): Shared<Console>| console.page(assets::OPS);
    let routes = routes
        .route(Method::Get, "/ops", ops, |it| page(it, "getOpsPage", "Get the page of operations"));
    let routes = routes.route(Method::Get, "/config.json", config, |it| {
        it.is("getConsoleConfig", "Console", "Get the addresses that the console uses")
            .public()
            .responds::<Config>(StatusCode::OK, "The addresses.", &[])
    });
    routes.route(Method::Get, "/assets/{version}/{asset}", asset, |it| {
        let text = || json!({ "schema": { "type": "string" } });
        it.is("getConsoleAsset", "Console", "Get a script or style of the console")
            .about("The pages name the version, which changes with the content.")
            .public()
            .refuses(&[http_api::ProblemKind::NotFound])
            .responds_as(
                StatusCode::OK,
                "The file, which never changes under this name.",
                &[],
                &[("text/javascript", text()), ("text/css", text())],
            )
    })
}

/// Describes a page.
fn page<'a>(it: Endpoint<'a>, id: &str, summary: &str) -> Endpoint<'a> {
    let html: Value = json!({ "schema": { "type": "string" } });
    it.is(id, "Console", summary).public().responds_as(
        StatusCode::OK,
        "The page.",
        &[],
        &[("text/html", html)],
    )
}

async fn start(Shared(console): Shared<Console>, headers: HeaderMap) -> Response {
    if wants_json(&headers) {
        return Json(Up { status: "ok" }).into_response();
    }
    console.page(assets::START)
}

/// True for a program: a browser accepts HTML, and by name.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    let (mut json, mut html) = (false, false);
    for accept in accepted {
        json |= accept.contains("application/json");
        html |= accept.contains("text/html");
    }
    json && !html
}

async fn config(Shared(console): Shared<Console>) -> Json<Config> {
    Json(console.config)
}

async fn asset(
    Shared(console): Shared<Console>,
    Path((version, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let file = console.assets.get(&version, &name).ok_or_else(Problem::not_found)?;
    let headers = [(CONTENT_TYPE, HeaderValue::from_static(file.kind)), (CACHE_CONTROL, FOR_EVER)];
    Ok((headers, file.content).into_response())
}

impl Console {
    /// Returns a page, which may load only what its policy allows.
    fn page(&self, template: &str) -> Response {
        let headers = [
            (CONTENT_TYPE, HTML),
            (CONTENT_SECURITY_POLICY, self.policy.clone()),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (VARY, HeaderValue::from_static("accept")),
        ];
        (headers, self.assets.page(template)).into_response()
    }
}
