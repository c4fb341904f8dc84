//! Every request that changes an order, with a valid body.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, Response};

/// A request that changes an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub method: Method,
    /// The part of the route after `/orders/{id}/`.
    pub route: &'static str,
    /// The number of the substitution or issue in the route.
    pub subresource: u64,
    /// `null` sends no body.
    pub body: Value,
}

/// The operations that take a step: their routes after `/orders/{id}/`.
pub const OPERATIONS: [&str; 22] = [
    "acknowledge",
    "reject",
    "reassign",
    "start-picking",
    "ready",
    "substitutions",
    "substitutions/{substitution}/approve",
    "substitutions/{substitution}/reject",
    "process",
    "assign",
    "accept",
    "unassign",
    "pickup",
    "depart",
    "deliver",
    "delivery-failed",
    "retry",
    "return",
    "returned",
    "cancel",
    "fail",
    "reopen",
];

impl Change {
    const fn new(method: Method, route: &'static str, body: Value) -> Self {
        Self { method, route, subresource: 1, body }
    }

    /// Returns a request to `PATCH /orders/{id}/status`.
    pub fn status(status: &str) -> Self {
        Self::new(Method::PATCH, "status", json!({ "status": status }))
    }

    /// Returns a request for one of the [`OPERATIONS`].
    pub fn operation(name: &'static str) -> Self {
        let body = match name {
            "reject" | "unassign" | "delivery-failed" | "cancel" | "fail" | "reopen" => {
                json!({ "reason": "a flat tyre" })
            }
            "reassign" => json!({ "store": "s9" }),
            "substitutions" => substitution(2, 10),
            "assign" => json!({ "driver": "d9", "replace": true }),
            "deliver" => json!({ "proof": { "note": "at the door" } }),
            _ => Value::Null,
        };
        Self::new(Method::POST, name, body)
    }

    pub fn open_issue() -> Self {
        Self::new(Method::POST, "issues", issue("low"))
    }

    pub fn resolve_issue() -> Self {
        let body = json!({ "resolution": "another bag" });
        Self::new(Method::POST, "issues/{issue}/resolve", body)
    }

    pub fn correct_details() -> Self {
        let body = json!({ "customer": { "contact": "+442079460001" } });
        Self::new(Method::PATCH, "", body)
    }

    pub fn offer() -> Self {
        Self::new(Method::POST, "dispatch", json!({ "drivers": ["d9"] }))
    }

    pub const fn decline() -> Self {
        Self::new(Method::POST, "decline", Value::Null)
    }

    pub const fn erase_details() -> Self {
        Self::new(Method::DELETE, "details", Value::Null)
    }

    /// Returns every change of an order, each once.
    pub fn all() -> Vec<Self> {
        let operations = OPERATIONS.into_iter().map(Self::operation);
        let in_place = [
            Self::status("cancelled"),
            Self::open_issue(),
            Self::resolve_issue(),
            Self::correct_details(),
            Self::erase_details(),
            Self::offer(),
            Self::decline(),
        ];
        operations.chain(in_place).collect()
    }

    /// Returns the change for the substitution or issue with this number.
    pub fn of_subresource(self, subresource: u64) -> Self {
        Self { subresource, ..self }
    }

    /// Returns the path for an order.
    pub fn path(&self, id: &str) -> String {
        let subresource = self.subresource.to_string();
        let route =
            self.route.replace("{substitution}", &subresource).replace("{issue}", &subresource);
        format!("/orders/{id}/{route}").trim_end_matches('/').to_owned()
    }

    /// Sends the request.
    pub async fn ask(&self, client: &Client, id: &str) -> Response {
        self.ask_with(client, id, &[]).await
    }

    /// Sends the request with additional headers.
    pub async fn ask_with(&self, client: &Client, id: &str, headers: &[(&str, &str)]) -> Response {
        let request = client.request(self.method.clone(), &self.path(id));
        let request = match &self.body {
            Value::Null => request,
            body => request.json(body),
        };
        let request = headers.iter().fold(request, |it, (name, value)| it.header(*name, *value));
        client.send(request).await
    }
}

/// Returns the body that opens an issue.
pub fn issue(severity: &str) -> Value {
    json!({ "type": "damaged", "severity": severity, "description": "the bag is torn" })
}

/// Returns the body that proposes a substitution.
pub fn substitution(line: u64, price_difference: i64) -> Value {
    json!({
        "line": line,
        "substitute": { "sku": format!("other-{line}"), "name": "Another" },
        "reason": "sold out",
        "price_difference": price_difference,
    })
}
