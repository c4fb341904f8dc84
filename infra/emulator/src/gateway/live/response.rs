//! What the function of a route responds with.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Deserialize;

/// A proxy integration's response.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProxyResponse {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// What the client is sent where the route has a response.
    pub(super) body: Option<String>,
}

impl ProxyResponse {
    /// The status that a handshake is refused with, if it is refused.
    pub(super) fn accepts(&self) -> Result<(), StatusCode> {
        match StatusCode::from_u16(self.status_code) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) if status.as_u16() >= 300 => Err(status),
            _ => Err(StatusCode::BAD_GATEWAY),
        }
    }

    /// The header of that name, whatever its case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}
