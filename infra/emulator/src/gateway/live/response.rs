//! The response of a route's function.

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
    /// The message for the client, if the route has a response.
    pub(super) body: Option<String>,
}

impl ProxyResponse {
    /// Returns an error with the status of the refusal if the function refuses the handshake.
    pub(super) fn accepts(&self) -> Result<(), StatusCode> {
        match StatusCode::from_u16(self.status_code) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) if status.as_u16() >= 300 => Err(status),
            _ => Err(StatusCode::BAD_GATEWAY),
        }
    }

    /// Returns the header of that name, ignoring case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}
