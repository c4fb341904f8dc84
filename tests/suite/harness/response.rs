//! An HTTP response and its assertions.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An HTTP response, read to its end.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Response {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a body of text") }
    }

    /// Returns the body; panics unless the response has this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Returns the problem; panics unless the response has this status and this kind of problem.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        assert!(self.is_problem(status, kind), "no problem {status} {kind}: {self:?}");
        self.json()
    }

    /// True if the response has this status and this kind of problem.
    pub fn is_problem(&self, status: u16, kind: &str) -> bool {
        let problem: Value = serde_json::from_str(&self.text).unwrap_or_default();
        self.status == status
            && self.header("content-type") == "application/problem+json"
            && problem["type"] == format!("urn:waybill:problem:{kind}")
            && problem["status"] == status
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of text"))
    }
}
