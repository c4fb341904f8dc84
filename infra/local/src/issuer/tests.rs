//! Tokens verify with the published keys, and expire on time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use clock::Clock;
use clock::Timestamp;
use domain::ClaimNames;
use http::{Request, StatusCode};
use jwt::Verifier;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Issuer, Lifetimes, SigningKey, TokenRequest, routes};
use crate::data_folder::DataFolder;

const URL: &str = "http://127.0.0.1:3000";

fn issuer(key: SigningKey) -> Issuer {
    issuer_by(key, Clock::new(|| Timestamp::from_epoch_seconds(1_000).unwrap()))
}

pub(super) fn issuer_by(key: SigningKey, clock: Clock) -> Issuer {
    let name = |name: &str| format!("custom:{name}");
    let names = ClaimNames {
        id: "sub".into(),
        role: name("role"),
        merchant: name("merchant"),
        store: name("store"),
        reference: name("reference"),
    };
    let lifetimes = Lifetimes {
        token: Duration::from_hours(12),
        sign_in: Duration::from_hours(1),
        code: Duration::from_mins(1),
    };
    Issuer::new(URL.into(), "waybill".into(), key, names, clock, lifetimes)
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_epoch_seconds(seconds).unwrap()
}

#[test]
fn a_token_verifies_until_it_ends() {
    let issuer = issuer(SigningKey::of_this_process().unwrap());
    let customer = TokenRequest {
        role: "customer".into(),
        id: "c1".into(),
        merchant: Some("m1".into()),
        ..TokenRequest::default()
    };
    let token = issuer.token(&customer).unwrap();
    let verifier = Verifier::new(URL, "waybill", issuer.keys());
    let claims = verifier.verify(&token, at(1_000)).unwrap();
    let expected = json!({
        "iss": URL, "aud": "waybill", "sub": "c1", "token_use": "id",
        "iat": 1_000, "exp": 1_000 + 12 * 3600,
        "custom:role": "customer", "custom:merchant": "m1", "custom:reference": "c1",
    });
    assert_eq!(Value::Object(claims), expected);
    assert!(verifier.verify(&token, at(1_000 + 12 * 3600)).is_err());
}

#[test]
fn a_kept_key_verifies_the_tokens_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let open = || issuer(SigningKey::stored(&DataFolder::new(folder.path())).unwrap());
    let ops = TokenRequest { role: "ops".into(), id: "o".into(), ..TokenRequest::default() };
    let token = open().token(&ops).unwrap();
    let verifier = Verifier::new(URL, "waybill", open().keys());
    assert!(verifier.verify(&token, at(1_000)).is_ok());
}

async fn post(body: &str) -> (StatusCode, Value) {
    let routes = routes(Arc::new(issuer(SigningKey::of_this_process().unwrap())));
    let request = Request::post("/dev/token").header("content-type", "application/json");
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_wrong_request_is_told_what_is_wrong() {
    for (body, status, detail) in [
        ("{", 400, "EOF"),
        (r#"{"role":"ops"}"#, 422, "missing field `id`"),
        (r#"{"role":"ops","id":"o","rolle":"x"}"#, 422, "unknown field `rolle`"),
        (r#"{"role":"admin","id":"o"}"#, 422, "ops, support, merchant, driver or customer"),
        (r#"{"role":"merchant","id":"u"}"#, 422, "The field merchant is required for this role"),
        (r#"{"role":"ops","id":"a b"}"#, 422, "The field id must be 1 to 128 of the characters"),
    ] {
        let (actual, problem) = post(body).await;
        assert_eq!(actual, status, "{body}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    }
    let (actual, token) = post(r#"{"role":"ops","id":"o"}"#).await;
    assert_eq!(actual, 200);
    assert!(token["token"].is_string());
}
