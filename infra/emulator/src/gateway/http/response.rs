//! A function's response as an HTTP response, payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response>

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProxyResponse {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Scalar>,
    #[serde(default)]
    multi_value_headers: BTreeMap<String, Vec<Scalar>>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A header's value; functions may return unquoted numbers and booleans.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Other(Value),
}

/// Converts `payload`, a function's JSON result, into an HTTP response. A payload without
/// `statusCode` is the body of a 200.
pub(super) fn from_payload(payload: &[u8]) -> Result<Response, Refusal> {
    let json: Value = serde_json::from_slice(payload).map_err(unusable)?;
    if json.get("statusCode").is_none() {
        let media = HeaderValue::from_static("application/json");
        return Ok(([(CONTENT_TYPE, media)], payload.to_vec()).into_response());
    }
    let proxied: ProxyResponse = serde_json::from_value(json).map_err(unusable)?;
    let mut response = Response::new(body(&proxied)?);
    *response.status_mut() = StatusCode::from_u16(proxied.status_code).map_err(unusable)?;
    *response.headers_mut() = headers(proxied).map_err(unusable)?;
    Ok(response)
}

fn body(proxied: &ProxyResponse) -> Result<Body, Refusal> {
    let text = proxied.body.as_deref().unwrap_or_default();
    if proxied.is_base64_encoded {
        return Ok(STANDARD.decode(text).map_err(unusable)?.into());
    }
    Ok(text.to_owned().into())
}

fn headers(proxied: ProxyResponse) -> Result<HeaderMap, http::Error> {
    let mut headers = HeaderMap::new();
    let single = proxied.headers.into_iter().map(|(name, value)| (name, vec![value]));
    for (name, values) in single.chain(proxied.multi_value_headers) {
        let name = HeaderName::try_from(name)?;
        for value in values {
            headers.append(&name, HeaderValue::try_from(value.into_text())?);
        }
    }
    for cookie in proxied.cookies {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie)?);
    }
    Ok(headers)
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Other(value) => value.to_string(),
        }
    }
}

fn unusable(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "the function's result is not an HTTP response");
    Refusal::IntegrationFailure
}
