//! A request as an event of payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clock::Timestamp;
use http::HeaderValue;
use http::header::{
    CONNECTION, CONTENT_TYPE, COOKIE, HOST, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    USER_AGENT,
};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{Endpoint, Match};
use crate::gateway::{log_time, query_pairs};
use crate::template::ACCOUNT_ID;

/// Headers of the connection rather than the request; they are not forwarded.
const HOP_BY_HOP: [HeaderName; 5] = [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// The parts of an event.
pub(super) struct Event<'r> {
    pub(super) parts: &'r Parts,
    pub(super) body: Bytes,
    pub(super) found: &'r Match<'r>,
    /// The token's claims, if the route has an authorizer.
    pub(super) claims: Option<Map<String, Value>>,
    pub(super) client: IpAddr,
    pub(super) request_id: &'r str,
    pub(super) at: Timestamp,
}

impl Event<'_> {
    pub(super) fn to_json(&self, endpoint: &Endpoint) -> Value {
        let query = self.parts.uri.query().unwrap_or_default();
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.found.route.key,
            "rawPath": self.path(),
            "rawQueryString": query,
            "headers": self.headers(endpoint),
            "requestContext": self.context(endpoint),
            "isBase64Encoded": false,
        });
        let cookies = self.cookies();
        if !cookies.is_empty() {
            event["cookies"] = cookies.into();
        }
        if !query.is_empty() {
            event["queryStringParameters"] = json!(joined(query_pairs(query)));
        }
        if !self.found.parameters.is_empty() {
            event["pathParameters"] = json!(self.found.parameters);
        }
        if !self.body.is_empty() {
            let (body, encoded) = self.body();
            event["body"] = body.into();
            event["isBase64Encoded"] = encoded.into();
        }
        event
    }

    /// Returns the path as HTTP APIs forward it: decoded, and cut at a decoded `?`. AWS does not
    /// document this; captured events show it.
    fn path(&self) -> String {
        let decoded = percent_decode_str(self.parts.uri.path()).decode_utf8_lossy();
        decoded.split('?').next().unwrap_or_default().to_owned()
    }

    /// Returns the headers with names in lower case and repeated values joined by commas. API
    /// Gateway itself sets the host and the `x-forwarded-*` values of this hop.
    fn headers(&self, endpoint: &Endpoint) -> BTreeMap<String, String> {
        let passed =
            self.parts.headers.iter().filter(|(name, _)| {
                **name != COOKIE && **name != HOST && !HOP_BY_HOP.contains(name)
            });
        let mut headers = joined(passed.map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        }));
        headers.insert("host".to_owned(), endpoint.address.to_string());
        headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
        headers.insert("x-forwarded-port".to_owned(), endpoint.address.port().to_string());
        let client = self.client.to_string();
        headers
            .entry("x-forwarded-for".to_owned())
            .and_modify(|before| *before = format!("{before}, {client}"))
            .or_insert(client);
        headers
    }

    fn cookies(&self) -> Vec<String> {
        let values = self.parts.headers.get_all(COOKIE).into_iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let pairs = values.flat_map(|value| {
            value.split(';').map(|pair| pair.trim().to_owned()).collect::<Vec<_>>()
        });
        pairs.filter(|pair| !pair.is_empty()).collect()
    }

    fn context(&self, endpoint: &Endpoint) -> Value {
        let agent = self.parts.headers.get(USER_AGENT).map(HeaderValue::as_bytes);
        let mut context = json!({
            "accountId": ACCOUNT_ID,
            "apiId": endpoint.api_id,
            "domainName": endpoint.address.to_string(),
            "domainPrefix": endpoint.api_id,
            "http": {
                "method": self.parts.method.as_str(),
                "path": self.path(),
                "protocol": format!("{:?}", self.parts.version),
                "sourceIp": self.client.to_string(),
                "userAgent": String::from_utf8_lossy(agent.unwrap_or_default()),
            },
            "requestId": self.request_id,
            "routeKey": self.found.route.key,
            "stage": "$default",
            "time": log_time(self.at),
            "timeEpoch": self.at.epoch_millis(),
        });
        if let Some(claims) = &self.claims {
            context["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
        }
        context
    }

    /// Returns the body and whether it is base64: text is passed as it is, anything else is
    /// encoded.
    fn body(&self) -> (String, bool) {
        let media = self.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match std::str::from_utf8(&self.body) {
            Ok(text) if media.is_some_and(is_text) => (text.to_owned(), false),
            _ => (STANDARD.encode(&self.body), true),
        }
    }
}

/// Returns true if API Gateway treats a media type as text.
fn is_text(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || ["application/json", "application/xml", "application/javascript"]
            .contains(&essence.as_str())
}

/// Joins the values of each name with commas.
fn joined(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        joined
            .entry(name)
            .and_modify(|before| *before = format!("{before},{value}"))
            .or_insert(value);
    }
    joined
}
