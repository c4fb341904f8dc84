//! `/authorize`, its page, and `/token`.

use std::fmt::Write;
use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, LOCATION, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_api::Problem;
use serde::Deserialize;
use serde_json::json;

use super::people::{PEOPLE, Person};
use super::{Issuer, Refused};
use crate::issuer::http::check_origin;

/// The page has a form and a style, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// The length of a challenge by `S256`.
const CHALLENGE_LENGTH: usize = 43;

/// Serves the sign-in.
pub(in crate::issuer) fn routes() -> Router<Arc<Issuer>> {
    Router::new().route("/authorize", get(page).post(choose)).route("/token", post(token))
}

/// The parameters of `/authorize`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Authorization {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    code_challenge: String,
    code_challenge_method: String,
    state: String,
    /// The person whom the form's user chose.
    person: String,
}

impl Authorization {
    /// Returns the reason why a person cannot sign in with this request. The answer is never a
    /// redirection: the page that it would lead to may be the very thing that is wrong.
    fn fault(&self, issuer: &Issuer, headers: &HeaderMap) -> Option<&'static str> {
        let is_challenge = self.code_challenge.len() == CHALLENGE_LENGTH
            && self
                .code_challenge
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        [
            (self.client_id == issuer.audience(), "client_id must be waybill."),
            (
                is_here(&self.redirect_uri, headers),
                "redirect_uri must be a page of this runner's own origin, without a fragment.",
            ),
            (self.response_type == "code", "response_type must be code."),
            (self.code_challenge_method == "S256", "code_challenge_method must be S256."),
            (is_challenge, "code_challenge must be a digest by S256, of 43 characters."),
        ]
        .into_iter()
        .find_map(|(holds, rule)| (!holds).then_some(rule))
    }
}

/// True for a URL of the origin that the request was sent to.
fn is_here(url: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let rest = host.and_then(|host| url.strip_prefix("http://")?.strip_prefix(host));
    // Whatever follows, a browser takes no other origin from a URL with this beginning.
    rest.is_some_and(|rest| rest.starts_with('/') && !rest.contains('#'))
        && HeaderValue::from_str(url).is_ok()
}

async fn page(
    State(issuer): State<Arc<Issuer>>,
    headers: HeaderMap,
    Query(request): Query<Authorization>,
) -> Response {
    match request.fault(&issuer, &headers) {
        Some(fault) => shown(StatusCode::BAD_REQUEST, &format!("<p>{fault}</p>")),
        None => shown(StatusCode::OK, &form(&request)),
    }
}

/// Leads the browser back with a code for the person whom its user chose.
async fn choose(
    State(issuer): State<Arc<Issuer>>,
    headers: HeaderMap,
    Form(request): Form<Authorization>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    if let Some(fault) = request.fault(&issuer, &headers) {
        return Ok(shown(StatusCode::BAD_REQUEST, &format!("<p>{fault}</p>")));
    }
    let Some(person) = Person::of(&request.person) else {
        return Ok(shown(StatusCode::BAD_REQUEST, &form(&request)));
    };
    let Authorization { redirect_uri, code_challenge, state, .. } = request;
    let code = issuer.grant(person, redirect_uri.clone(), code_challenge);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &state)
        .finish();
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let target = format!("{redirect_uri}{separator}{query}");
    Ok((StatusCode::SEE_OTHER, [(LOCATION, target)], no_store()).into_response())
}

fn no_store() -> [(http::HeaderName, &'static str); 1] {
    [(CACHE_CONTROL, "no-store")]
}

/// Returns a page with this content.
fn shown(status: StatusCode, content: &str) -> Response {
    let page = include_str!("page.html").replace("<!-- content -->", content);
    // With `no-referrer`, the form would come from the origin `null`.
    let headers = [(CONTENT_SECURITY_POLICY, POLICY), (REFERRER_POLICY, "same-origin")];
    (status, headers, no_store(), Html(page)).into_response()
}

/// Returns the form that offers the people, and carries the request on.
fn form(request: &Authorization) -> String {
    let Authorization { response_type, client_id, redirect_uri, .. } = request;
    let Authorization { code_challenge, code_challenge_method, state, .. } = request;
    let mut form = String::from("<form method=\"post\" action=\"/authorize\">\n");
    for (name, value) in [
        ("response_type", response_type),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("code_challenge", code_challenge),
        ("code_challenge_method", code_challenge_method),
        ("state", state),
    ] {
        let value = escaped(value);
        // Writing to a string cannot fail.
        let _ = writeln!(form, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    for Person { id, name, about, .. } in &PEOPLE {
        let _ = writeln!(
            form,
            "<button name=\"person\" value=\"{id}\"><b>{name}</b> <span>{about}</span></button>"
        );
    }
    form + "</form>"
}

/// Escapes a text for an attribute of HTML.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// The parameters of `/token`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenForm {
    grant_type: String,
    client_id: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    refresh_token: String,
}

/// Returns tokens, or an error in the form of RFC 6749, 5.2.
async fn token(
    State(issuer): State<Arc<Issuer>>,
    headers: HeaderMap,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    let Ok(Form(form)) = form else {
        return Ok(refusal("invalid_request", "Send the parameters as a form."));
    };
    if form.client_id != issuer.audience() {
        return Ok(refusal("invalid_client", "client_id must be waybill."));
    }
    let tokens = match &*form.grant_type {
        "authorization_code" => {
            issuer.exchange(&form.code, &form.redirect_uri, &form.code_verifier)
        }
        "refresh_token" => issuer.refresh(&form.refresh_token),
        _ => {
            let rule = "grant_type must be authorization_code or refresh_token.";
            return Ok(refusal("unsupported_grant_type", rule));
        }
    };
    match tokens {
        Ok(tokens) => Ok((no_store(), Json(tokens)).into_response()),
        Err(Refused::Grant(rule)) => Ok(refusal("invalid_grant", rule)),
        Err(Refused::Token(error)) => Err(Problem::from_fault(error)),
    }
}

fn refusal(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, no_store(), Json(body)).into_response()
}
