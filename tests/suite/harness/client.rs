//! An HTTP client with a person's token.

use reqwest::{Method, Request, RequestBuilder};
use serde_json::{Value, json};

use super::{Contract, DEADLINE, Response};

/// An HTTP client with a token, or without one.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub fn new(base: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
        Self { http, base: base.to_owned(), token }
    }

    /// Returns a client with a token for `person` from the runner at `base`.
    pub async fn login(base: &str, person: &Value) -> Self {
        let response = Self::new(base, None).post("/dev/token", person).await.expect(200);
        let token = response["token"].as_str().expect("a token").to_owned();
        Self::new(base, Some(token))
    }

    /// As [`Client::login`], but returns an error if the runner does not respond.
    pub async fn try_login(base: &str, person: &Value) -> Result<Self, reqwest::Error> {
        let request = Self::new(base, None).request(Method::POST, "/dev/token").json(person);
        let response = Response::read(request.send().await?).await.expect(200);
        let token = response["token"].as_str().expect("a token").to_owned();
        Ok(Self::new(base, Some(token)))
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().expect("a token")
    }

    /// Returns a request with the token; send it with [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and checks the response against the OpenAPI document, and also the
    /// request's body if it was accepted.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        let (sent, response) = self.exchange(request).await;
        let (method, path) = (sent.method().as_str(), sent.url().path());
        Contract::http().assert_response(method, path, &response);
        let body = sent.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        if (200..300).contains(&response.status) && !body.is_empty() {
            Contract::http().assert_accepted(method, path, body, &response);
        }
        response
    }

    /// Sends a request without these checks, to a system that differs from the document.
    pub async fn send_elsewhere(&self, request: RequestBuilder) -> Response {
        self.exchange(request).await.1
    }

    async fn exchange(&self, request: RequestBuilder) -> (Request, Response) {
        let request = request.build().expect("a request");
        let sent = request.try_clone().expect("a body that is at hand");
        (sent, Response::read(self.http.execute(request).await.expect("an answer")).await)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Response {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// Sends `body` under an `Idempotency-Key`.
    pub async fn keyed(&self, method: Method, path: &str, key: &str, body: &Value) -> Response {
        let request = self.request(method, path).header("idempotency-key", key);
        self.send(request.json(body)).await
    }

    pub async fn create(&self, order: &Value) -> Response {
        self.post("/orders", order).await
    }

    pub async fn order(&self, id: &str) -> Response {
        self.get(&format!("/orders/{id}")).await
    }

    pub async fn history(&self, id: &str) -> Response {
        self.get(&format!("/orders/{id}/history")).await
    }

    /// Calls an operation: `operate(id, "pickup", &Value::Null)`; `null` sends no body.
    pub async fn operate(&self, id: &str, operation: &str, body: &Value) -> Response {
        let path = format!("/orders/{id}/{operation}");
        match body {
            Value::Null => self.send(self.request(Method::POST, &path)).await,
            body => self.post(&path, body).await,
        }
    }

    pub async fn change_status(&self, id: &str, status: &str) -> Response {
        self.patch(&format!("/orders/{id}/status"), &json!({ "status": status })).await
    }

    /// Moves an order to a status: by the operation that owns the status, or else by `PATCH
    /// …/status`.
    pub async fn move_to(&self, id: &str, status: &str) -> Response {
        match status {
            "delivered" => self.operate(id, "deliver", &json!({})).await,
            "delivery_failed" => {
                self.operate(id, "delivery-failed", &json!({ "reason": "nobody is in" })).await
            }
            status => self.change_status(id, status).await,
        }
    }

    pub async fn assign(&self, id: &str, driver: &str) -> Response {
        self.post(&format!("/orders/{id}/assign"), &json!({ "driver": driver })).await
    }

    /// Assigns a driver, also in the place of another.
    pub async fn replace_driver(&self, id: &str, driver: &str) -> Response {
        let body = json!({ "driver": driver, "replace": true });
        self.post(&format!("/orders/{id}/assign"), &body).await
    }

    pub async fn unassign(&self, id: &str, reason: &str) -> Response {
        self.post(&format!("/orders/{id}/unassign"), &json!({ "reason": reason })).await
    }
}
