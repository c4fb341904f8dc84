//! The console's pages: what a browser is told about them, and how it keeps them.

use reqwest::Method;
use serde_json::json;

use crate::harness::{App, Client, Response};

/// The pages, which a browser asks for.
const PAGES: [&str; 2] = ["/", "/ops"];

async fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = client.request(Method::GET, path);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.send(request).await
}

/// Returns the paths that a page or a style loads from its own folder of assets.
fn assets(page: &str) -> Vec<String> {
    let starts = page.match_indices("assets/").map(|(at, _)| &page[at..]);
    starts.map(|it| format!("/{}", it.split('"').next().expect("a path"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_protected_and_asked_for_again() {
    let app = App::start().await;
    let browser = app.anonymous();
    let http = app.runner.http_url();
    let live = http.replace("http", "ws");
    for path in PAGES {
        let page = get(&browser, path, &[("accept", "text/html,*/*;q=0.8")]).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'; "), "{policy}");
        assert!(policy.contains(&format!("connect-src 'self' {live} {http};")), "{policy}");
        for directive in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "private, no-cache");
        let known = [("accept", "text/html"), ("if-none-match", page.header("etag"))];
        let again = get(&browser, path, &known).await;
        assert_eq!((again.status, &*again.text), (304, ""), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_kept_for_ever_under_names_of_their_content() {
    let app = App::start().await;
    let browser = app.anonymous();
    for path in PAGES {
        let page = get(&browser, path, &[]).await;
        let assets = assets(&page.text);
        assert!(!assets.is_empty(), "{path}");
        for asset in assets {
            let file = get(&browser, &asset, &[]).await;
            assert_eq!(file.status, 200, "{asset}");
            assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
            let suffix = asset.rsplit('.').next();
            let kind = if suffix == Some("css") { "text/css" } else { "text/javascript" };
            assert_eq!(file.header("content-type"), format!("{kind}; charset=utf-8"), "{asset}");
            let known = [("if-none-match", file.header("etag"))];
            assert_eq!(get(&browser, &asset, &known).await.status, 304, "{asset}");
            let name = asset.rsplit('/').next().expect("a name");
            let other = format!("/assets/another/{name}");
            get(&browser, &other, &[]).await.problem(404, "not-found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_the_health_and_the_page_its_addresses() {
    let app = App::start().await;
    let anyone = app.anonymous();
    let health = get(&anyone, "/", &[("accept", "application/json")]).await;
    assert_eq!(health.expect(200), json!({ "status": "ok" }));
    assert_eq!(
        anyone.get("/config.json").await.expect(200),
        json!({
            "issuer": app.runner.http_url(),
            "client_id": "waybill",
            "live_url": app.runner.live_url(),
        })
    );
}
