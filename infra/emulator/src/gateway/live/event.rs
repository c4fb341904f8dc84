//! The events of a WebSocket API.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html>

use std::collections::BTreeMap;
use std::net::IpAddr;

use clock::Timestamp;
use http::header::USER_AGENT;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::{Closing, LiveGateway};
use crate::gateway::{log_time, query_pairs, random_id};
use crate::template::{ACCOUNT_ID, PARTITION, REGION};

/// The client of a connection, as described in every event of the connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) connection_id: String,
    pub(super) connected_at: Timestamp,
    pub(super) client: IpAddr,
    pub(super) user_agent: String,
    pub(super) authorizer: Option<Map<String, Value>>,
    api_id: String,
    domain: String,
    stage: String,
}

impl Caller {
    pub(super) fn new(gateway: &LiveGateway, client: IpAddr, parts: &Parts) -> Self {
        let agent = parts.headers.get(USER_AGENT).map(HeaderValue::as_bytes);
        Self {
            connection_id: random_id(),
            connected_at: gateway.clock.now(),
            client,
            user_agent: String::from_utf8_lossy(agent.unwrap_or_default()).into_owned(),
            authorizer: None,
            api_id: gateway.api.id.clone(),
            domain: gateway.address.to_string(),
            stage: gateway.api.stage.clone(),
        }
    }

    /// Returns the ARN of `$connect`, which an authorizer's policy must allow.
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html>
    pub(super) fn method_arn(&self) -> String {
        let Self { api_id, stage, .. } = self;
        format!("arn:{PARTITION}:execute-api:{REGION}:{ACCOUNT_ID}:{api_id}/{stage}/$connect")
    }

    pub(super) fn authorizer_event(&self, parts: &Parts, now: Timestamp) -> Value {
        let mut event = self.connect_event(parts, now);
        event["type"] = "REQUEST".into();
        event["methodArn"] = self.method_arn().into();
        event["stageVariables"] = json!({});
        event
    }

    pub(super) fn connect_event(&self, parts: &Parts, now: Timestamp) -> Value {
        let (headers, multi_value_headers) = headers(&parts.headers, &self.domain, self.client);
        let mut event = json!({
            "headers": headers,
            "multiValueHeaders": multi_value_headers,
            "requestContext": self.context("$connect", "CONNECT", now),
            "isBase64Encoded": false,
        });
        let query = both_forms(query_pairs(parts.uri.query().unwrap_or_default()));
        if !query.0.is_empty() {
            event["queryStringParameters"] = json!(query.0);
            event["multiValueQueryStringParameters"] = json!(query.1);
        }
        event
    }

    pub(super) fn message_event(
        &self,
        route_key: &str,
        request_id: &str,
        (body, encoded): (&str, bool),
        now: Timestamp,
    ) -> Value {
        let mut context = self.context(route_key, "MESSAGE", now);
        context["requestId"] = request_id.into();
        context["messageId"] = random_id().into();
        json!({ "requestContext": context, "body": body, "isBase64Encoded": encoded })
    }

    pub(super) fn disconnect_event(&self, closing: &Closing, now: Timestamp) -> Value {
        let mut context = self.context("$disconnect", "DISCONNECT", now);
        context["disconnectStatusCode"] = closing.code.into();
        context["disconnectReason"] = closing.reason.as_str().into();
        let (headers, multi_value_headers) = headers(&HeaderMap::new(), &self.domain, self.client);
        json!({
            "headers": headers,
            "multiValueHeaders": multi_value_headers,
            "requestContext": context,
            "isBase64Encoded": false,
        })
    }

    fn context(&self, route_key: &str, event_type: &str, now: Timestamp) -> Value {
        let request_id = random_id();
        let mut context = json!({
            "routeKey": route_key,
            "eventType": event_type,
            "extendedRequestId": request_id,
            "requestId": request_id,
            "requestTime": log_time(now),
            "requestTimeEpoch": now.epoch_millis(),
            "messageDirection": "IN",
            "stage": self.stage,
            "connectedAt": self.connected_at.epoch_millis(),
            "identity": { "sourceIp": self.client.to_string(), "userAgent": self.user_agent },
            "domainName": self.domain,
            "connectionId": self.connection_id,
            "apiId": self.api_id,
        });
        if let Some(authorizer) = &self.authorizer {
            context["authorizer"] = json!(authorizer);
        }
        context
    }
}

type BothForms = (BTreeMap<String, String>, BTreeMap<String, Vec<String>>);

/// Returns the headers as the client sent them, except those that API Gateway sets.
fn headers(sent: &HeaderMap, domain: &str, client: IpAddr) -> BothForms {
    let (_, port) = domain.rsplit_once(':').unwrap_or_default();
    let own = [
        ("Host", domain.to_owned()),
        ("X-Forwarded-For", client.to_string()),
        ("X-Forwarded-Port", port.to_owned()),
        ("X-Forwarded-Proto", "http".to_owned()),
    ];
    let is_own = |name: &HeaderName| own.iter().any(|(own, _)| *name == *own);
    let sent = sent.iter().filter(|(name, _)| !is_own(name)).map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    both_forms(sent.chain(own.clone().map(|(name, value)| (name.to_owned(), value))))
}

/// Returns the last value of each name, and all values of each name.
fn both_forms(pairs: impl Iterator<Item = (String, String)>) -> BothForms {
    let (mut last, mut all) = BothForms::default();
    for (name, value) in pairs {
        all.entry(name.clone()).or_default().push(value.clone());
        last.insert(name, value);
    }
    (last, all)
}
