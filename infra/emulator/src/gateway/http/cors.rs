//! Cross-origin requests: the gateway itself answers preflight requests, and adds its headers to
//! every other response.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::template;

/// The headers that a function cannot set, because API Gateway ignores its own.
const OURS: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// The permission of pages of other origins to call an API.
#[derive(Clone, Debug)]
pub struct Cors(template::Cors);

/// Returns true for the request with which a browser asks for permission.
pub(super) fn is_preflight(request: &Request) -> bool {
    let has = |name| request.headers().contains_key(name);
    request.method() == Method::OPTIONS && has(ORIGIN) && has(ACCESS_CONTROL_REQUEST_METHOD)
}

impl Cors {
    /// Plays the configuration.
    pub fn new(declared: template::Cors) -> Self {
        Self(declared)
    }

    /// Returns the origin that a response to a request with these headers allows, if it is an
    /// allowed one.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        let text = origin.to_str().ok()?;
        let covers = |allowed: &String| match allowed.strip_suffix("://*") {
            Some(scheme) => text.split_once("://").is_some_and(|(own, _)| own == scheme),
            None => allowed == text,
        };
        let Self(template::Cors { allow_origins, .. }) = self;
        if allow_origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        allow_origins.iter().any(covers).then(|| origin.clone())
    }

    /// Answers a preflight request, whatever its path, and without an authorizer.
    pub(super) fn preflight(&self, allowed: Option<HeaderValue>) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let Some(origin) = allowed else { return response };
        let Self(template::Cors { allow_methods, allow_headers, max_age, .. }) = self;
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        insert_list(headers, ACCESS_CONTROL_ALLOW_METHODS, allow_methods);
        insert_list(headers, ACCESS_CONTROL_ALLOW_HEADERS, allow_headers);
        if let Some(seconds) = max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, (*seconds).into());
        }
        response
    }

    /// Adds the headers of an actual response, in place of a function's own.
    pub(super) fn add_to(&self, headers: &mut HeaderMap, allowed: Option<HeaderValue>) {
        for name in OURS {
            headers.remove(name);
        }
        let Some(origin) = allowed else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        insert_list(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &self.0.expose_headers);
    }
}

fn insert_list(headers: &mut HeaderMap, name: HeaderName, values: &[String]) {
    if let Ok(value) = HeaderValue::try_from(values.join(","))
        && !values.is_empty()
    {
        headers.insert(name, value);
    }
}
