//! A page gets tokens with its own code and verifier, once and in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use clock::{Clock, Timestamp};
use form_urlencoded::Serializer;
use http::header::{CONTENT_TYPE, HOST, LOCATION, ORIGIN};
use http::response::Parts;
use http::{Request, StatusCode};
use jwt::Verifier;
use serde_json::Value;
use tower::ServiceExt;

use super::super::tests::{at, issuer_by};
use super::super::{Issuer, SigningKey, routes};
use super::challenge;

const URL: &str = "http://127.0.0.1:3000";
const PAGE: &str = "http://127.0.0.1:3000/ops?status=ready";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0";

/// An issuer whose clock the test moves.
struct Scene {
    issuer: Arc<Issuer>,
    now: Arc<AtomicI64>,
}

impl Scene {
    fn new() -> Self {
        let now = Arc::new(AtomicI64::new(1_000));
        let shown = Arc::clone(&now);
        let clock = Clock::new(move || {
            Timestamp::from_epoch_seconds(shown.load(Ordering::Relaxed)).unwrap()
        });
        let issuer = issuer_by(SigningKey::of_this_process().unwrap(), clock);
        Self { issuer: Arc::new(issuer), now }
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn send(&self, request: Request<Body>) -> (Parts, String) {
        let routes: Router = routes(Arc::clone(&self.issuer));
        let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (Parts, String) {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(HOST, "127.0.0.1:3000")
            .header(ORIGIN, URL)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Chooses a person, and returns the code.
    async fn code(&self) -> String {
        let (parts, body) = self.post("/authorize", &authorization(&[])).await;
        assert_eq!(parts.status, StatusCode::SEE_OTHER, "{body}");
        let location = parts.headers[LOCATION].to_str().unwrap();
        let query = location.strip_prefix(PAGE).unwrap().strip_prefix('&').unwrap();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(pairs[1], ("state".to_owned(), "a&b".to_owned()));
        assert_eq!(pairs[0].0, "code");
        pairs[0].1.clone()
    }

    async fn exchange(&self, changed: &[(&str, &str)]) -> (StatusCode, Value) {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "waybill"),
            ("redirect_uri", PAGE),
            ("code_verifier", VERIFIER),
        ];
        let (parts, body) = self.post("/token", &with(&fields, changed)).await;
        assert_eq!(parts.headers["cache-control"], "no-store");
        (parts.status, serde_json::from_str(&body).unwrap())
    }

    /// Checks that `/token` refuses as RFC 6749 says.
    async fn refuses(&self, changed: &[(&str, &str)], error: &str, description: &str) {
        let (status, body) = self.exchange(changed).await;
        assert_eq!((status, body["error"].as_str().unwrap()), (StatusCode::BAD_REQUEST, error));
        assert_eq!(body["error_description"], description);
    }
}

/// Returns `fields` with some of them replaced or added.
fn with<'a>(
    fields: &[(&'a str, &'a str)],
    changed: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| changed.iter().all(|(it, _)| it != name));
    kept.chain(changed).copied().collect()
}

fn authorization<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    // The challenge of `VERIFIER`, as a test below says.
    let fields = [
        ("response_type", "code"),
        ("client_id", "waybill"),
        ("redirect_uri", PAGE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "a&b"),
        ("person", "maria"),
    ];
    with(&fields, changed)
}

const CHALLENGE: &str = "S6xMLfJrdwhXm9EJRqmQw6nyYWcpLlPsCEOqmhPUIcs";

/// The example of RFC 7636, appendix B.
#[test]
fn a_challenge_is_the_digest_of_its_verifier() {
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(challenge(VERIFIER), CHALLENGE);
}

#[tokio::test]
async fn a_code_and_its_verifier_give_tokens_that_can_be_refreshed() {
    let scene = Scene::new();
    let code = scene.code().await;
    let (status, tokens) = scene.exchange(&[("code", &code)]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(tokens["expires_in"], 3600);
    let verifier = Verifier::new(URL, "waybill", scene.issuer.keys());
    let claims = |tokens: &Value, time| {
        verifier.verify(tokens["id_token"].as_str().unwrap(), at(time)).map(Value::Object)
    };
    let first = claims(&tokens, 4_599).unwrap();
    assert_eq!((&first["sub"], &first["custom:role"]), (&"maria".into(), &"merchant".into()));
    assert_eq!(first["custom:merchant"], "blue-bakery");
    assert!(claims(&tokens, 4_600).is_err());

    scene.pass(3_000);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let (status, refreshed) = scene.exchange(&refresh).await;
    assert_eq!(status, StatusCode::OK, "{refreshed}");
    assert_eq!(claims(&refreshed, 7_599).unwrap()["sub"], "maria");
    let used = "The refresh_token is unknown, used or expired.";
    scene.refuses(&refresh, "invalid_grant", used).await;
}

#[tokio::test]
async fn the_api_accepts_no_access_token_of_a_sign_in() {
    let scene = Scene::new();
    let code = scene.code().await;
    let (_, tokens) = scene.exchange(&[("code", &code)]).await;
    let verifier = Verifier::new(URL, "waybill", scene.issuer.keys());
    let claims = verifier.verify(tokens["access_token"].as_str().unwrap(), at(1_000)).unwrap();
    assert_eq!(claims["token_use"], "access");
}

#[tokio::test]
async fn a_code_is_good_once_in_time_and_for_its_own_page() {
    let scene = Scene::new();
    let used = "The code is unknown, used or expired.";
    let code = scene.code().await;
    assert_eq!(scene.exchange(&[("code", &code)]).await.0, StatusCode::OK);
    scene.refuses(&[("code", &code)], "invalid_grant", used).await;

    let code = scene.code().await;
    scene.pass(59);
    assert_eq!(scene.exchange(&[("code", &code)]).await.0, StatusCode::OK);
    let code = scene.code().await;
    scene.pass(60);
    scene.refuses(&[("code", &code)], "invalid_grant", used).await;

    let code = scene.code().await;
    let other = "http://127.0.0.1:3000/track";
    let elsewhere = "The code was issued for another redirect_uri.";
    let fields = [("code", &*code), ("redirect_uri", other)];
    scene.refuses(&fields, "invalid_grant", elsewhere).await;

    let code = scene.code().await;
    let wrong = [("code", &*code), ("code_verifier", "another-verifier")];
    let rule = "The code_verifier is not that of the code_challenge.";
    scene.refuses(&wrong, "invalid_grant", rule).await;
    // The failed attempt has used the code up.
    scene.refuses(&[("code", &code)], "invalid_grant", used).await;
}

#[tokio::test]
async fn a_request_that_is_not_this_runners_is_led_nowhere() {
    let scene = Scene::new();
    let redirections = [
        "https://evil.example/",
        "http://127.0.0.1:3000.evil.example/",
        "http://127.0.0.1:3000@evil.example/",
        "http://127.0.0.1:30001/",
        "http://127.0.0.1:3000",
        "http://localhost:3000/",
        "https://127.0.0.1:3000/",
        "//127.0.0.1:3000/",
        "/ops",
        "http://127.0.0.1:3000/ops#here",
        "http://127.0.0.1:3000/\r\nset-cookie: a=b",
        "",
    ];
    let changes = redirections.map(|it| ("redirect_uri", it)).into_iter().chain([
        ("code_challenge_method", "plain"),
        ("code_challenge_method", ""),
        ("code_challenge", "short"),
        ("client_id", "another"),
        ("response_type", "token"),
        ("person", "nobody"),
    ]);
    for change in changes {
        let fields = authorization(&[change]);
        let (parts, body) = scene.post("/authorize", &fields).await;
        assert_eq!(parts.status, StatusCode::BAD_REQUEST, "{change:?}: {body}");
        assert!(!parts.headers.contains_key(LOCATION), "{change:?}");
        let query = Serializer::new(String::new()).extend_pairs(&fields).finish();
        let request = Request::get(format!("/authorize?{query}")).header(HOST, "127.0.0.1:3000");
        let (parts, _) = scene.send(request.body(Body::empty()).unwrap()).await;
        let is_about_the_page = change.0 != "person";
        assert_eq!(parts.status == StatusCode::BAD_REQUEST, is_about_the_page, "{change:?}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_chooses_nobody_and_gets_no_token() {
    let scene = Scene::new();
    for path in ["/authorize", "/token"] {
        let request = Request::post(path)
            .header(HOST, "127.0.0.1:3000")
            .header(ORIGIN, "https://evil.example")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Serializer::new(String::new()).extend_pairs(authorization(&[])).finish();
        let (parts, body) = scene.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(parts.status, StatusCode::FORBIDDEN, "{path}: {body}");
    }
}

#[tokio::test]
async fn the_page_offers_people_and_carries_the_request_on_as_text() {
    let scene = Scene::new();
    let fields = authorization(&[("state", "\"><script>")]);
    let query = Serializer::new(String::new()).extend_pairs(&fields).finish();
    let request = Request::get(format!("/authorize?{query}")).header(HOST, "127.0.0.1:3000");
    let (parts, page) = scene.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(parts.status, StatusCode::OK);
    for person in ["olga", "sam", "maria", "stan", "dora", "ada"] {
        assert!(page.contains(&format!("name=\"person\" value=\"{person}\"")), "{page}");
    }
    assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;\""), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn every_person_has_a_token_that_the_functions_can_read() {
    for person in &super::people::PEOPLE {
        let scene = Scene::new();
        assert!(scene.issuer.tokens(person).is_ok(), "{person:?}");
    }
}

#[tokio::test]
async fn the_discovery_document_has_the_endpoints() {
    let scene = Scene::new();
    let request = Request::get("/.well-known/openid-configuration").body(Body::empty()).unwrap();
    let (_, document) = scene.send(request).await;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["authorization_endpoint"], "http://127.0.0.1:3000/authorize");
    assert_eq!(document["token_endpoint"], "http://127.0.0.1:3000/token");
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
}
