//! The issuer over HTTP.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, HOST, ORIGIN};
use http_api::{JsonBody, Problem, ProblemKind};
use serde_json::json;

use super::{Issuer, TokenRequest, TokenRequestError, sign_in};

/// Serves `POST /dev/token`, the sign-in and the issuer's documents.
pub fn routes(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .route("/dev/token", post(token))
        .route("/.well-known/{name}", get(document))
        .merge(sign_in::routes())
        .with_state(issuer)
}

async fn document(State(issuer): State<Arc<Issuer>>, uri: OriginalUri) -> Response {
    match issuer.document(uri.path()) {
        Some(document) => Json(document).into_response(),
        None => Problem::new(ProblemKind::NotFound, "The issuer has no document at this path.")
            .into_response(),
    }
}

/// Rejects a page of another origin than this listener's. Without `Origin` the caller is a program
/// of this machine.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let host = headers.get(HOST).map(|host| [b"http://", host.as_bytes()].concat());
    if headers.get_all(ORIGIN).iter().all(|origin| Some(origin.as_bytes()) == host.as_deref()) {
        return Ok(());
    }
    let detail = "A page of another origin gets no token. Use curl, or the form at /docs.";
    Err(Problem::new(ProblemKind::Forbidden, detail))
}

async fn token(
    State(issuer): State<Arc<Issuer>>,
    headers: HeaderMap,
    // Other media types are refused: a page can send them to any origin without the browser
    // asking for permission.
    body: JsonBody,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    let request: TokenRequest = serde_json::from_value(body.value).map_err(|error| {
        let fields = "{\"role\", \"id\", \"merchant\"?, \"store\"?, \"reference\"?}";
        Problem::new(ProblemKind::InvalidFields, format!("{error}. Send {fields}."))
    })?;
    match issuer.token(&request) {
        Ok(token) => {
            let token = Json(json!({ "token": token }));
            Ok(([(CACHE_CONTROL, "no-store")], token).into_response())
        }
        Err(error @ TokenRequestError::Field { .. }) => {
            Err(Problem::new(ProblemKind::InvalidFields, format!("The field {error}.")))
        }
        Err(TokenRequestError::Key(error)) => {
            Err(Problem::new(ProblemKind::Internal, format!("{error}.")))
        }
    }
}
