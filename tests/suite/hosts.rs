//! The runner answers only requests for its own hosts, and gives no token to foreign pages.

use reqwest::Method;

use crate::harness::{App, Raw, people};

/// The `Host` lines of a request, the beginning of its target, and whether it is answered. `PORT`
/// is the runner's port.
const CASES: [(&str, &str, bool); 46] = [
    ("Host: 127.0.0.1:PORT", "", true),
    ("Host: localhost:PORT", "", true),
    ("Host: [::1]:PORT", "", true),
    ("host:127.0.0.1:PORT", "", true),
    ("Host:   127.0.0.1:PORT  ", "", true),
    // Case.
    ("Host: LOCALHOST:PORT", "", true),
    ("Host: LocalHost:PORT", "", true),
    // Ports.
    ("Host: 127.0.0.1", "", false),
    ("Host: localhost", "", false),
    ("Host: [::1]", "", false),
    ("Host: 127.0.0.1:", "", false),
    ("Host: 127.0.0.1:80", "", false),
    ("Host: 127.0.0.1:1", "", false),
    ("Host: 127.0.0.1:0PORT", "", false),
    ("Host: 127.0.0.1:+PORT", "", false),
    ("Host: 127.0.0.1:PORT0", "", false),
    ("Host: 127.0.0.1:PORT:PORT", "", false),
    // A trailing dot.
    ("Host: localhost.:PORT", "", false),
    ("Host: 127.0.0.1.:PORT", "", false),
    // Rebound names, and names that only look like one of the runner's.
    ("Host: rebound.example:PORT", "", false),
    ("Host: rebound.example", "", false),
    ("Host: 127.0.0.1.rebound.example:PORT", "", false),
    ("Host: localhost.rebound.example:PORT", "", false),
    ("Host: app.localhost:PORT", "", false),
    ("Host: notlocalhost:PORT", "", false),
    // Other notations, addresses and interfaces.
    ("Host: ::1:PORT", "", false),
    ("Host: [::1:PORT", "", false),
    ("Host: [0:0:0:0:0:0:0:1]:PORT", "", false),
    ("Host: [::ffff:127.0.0.1]:PORT", "", false),
    ("Host: [::1%25lo]:PORT", "", false),
    ("Host: 127.1:PORT", "", false),
    ("Host: 2130706433:PORT", "", false),
    ("Host: 127.0.0.2:PORT", "", false),
    ("Host: 0.0.0.0:PORT", "", false),
    // User information, paths and lists.
    ("Host: user@127.0.0.1:PORT", "", false),
    ("Host: rebound.example@127.0.0.1:PORT", "", false),
    ("Host: http://127.0.0.1:PORT", "", false),
    ("Host: 127.0.0.1:PORT, rebound.example", "", false),
    // Missing, empty and duplicate.
    ("X-Forwarded-Host: 127.0.0.1:PORT", "", false),
    ("Host:", "", false),
    ("Host: 127.0.0.1:PORT\r\nHost: rebound.example", "", false),
    ("Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT", "", false),
    // Absolute targets.
    ("Host: 127.0.0.1:PORT", "http://127.0.0.1:PORT", true),
    ("Host: 127.0.0.1:PORT", "http://rebound.example:PORT", false),
    ("Host: rebound.example:PORT", "http://127.0.0.1:PORT", false),
    ("Host: 127.0.0.1:PORT", "http://user@127.0.0.1:PORT", false),
];

const TOKEN_REQUEST: &str = r#"{"role":"ops","id":"o"}"#;
const HANDSHAKE: &str = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Every kind of path that the listener serves, with the status that an accepted request gets.
const TARGETS: [(&str, &str, u16); 12] = [
    ("POST", "/dev/token", 200),
    ("GET", "/dev/outbox", 200),
    ("GET", "/dev/outbox.json", 200),
    ("GET", "/.well-known/openid-configuration", 200),
    ("GET", "/.well-known/jwks.json", 200),
    ("GET", "/docs", 200),
    ("GET", "/docs/explorer.js", 200),
    ("GET", "/asyncapi.json", 200),
    ("GET", "/orders", 401),
    ("GET", "/nowhere", 404),
    ("POST", "/live/@connections/x", 404),
    // The handshake of a WebSocket.
    ("GET", "/live", 403),
];

fn request(method: &str, target: &str, host: &str) -> String {
    let handshake = if target.ends_with("/live") { HANDSHAKE } else { "" };
    let body = if target.ends_with("/dev/token") { TOKEN_REQUEST } else { "" };
    format!(
        "{method} {target} HTTP/1.1\r\n{host}\r\n{handshake}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn only_requests_for_the_runners_own_hosts_are_answered() {
    let app = App::start().await;
    let url = app.runner.http_url();
    let port = url.rsplit(':').next().unwrap();
    for (host, prefix, is_answered) in CASES {
        for (method, path, status) in TARGETS {
            let target = format!("{prefix}{path}").replace("PORT", port);
            let mut connection = Raw::connect(&url).await;
            connection.send(request(method, &target, &host.replace("PORT", port))).await;
            let expected = if is_answered { status } else { 421 };
            assert_eq!(connection.status().await, Some(expected), "{method} {target} {host:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_is_told_the_own_ones() {
    let app = App::start().await;
    let request = app.anonymous().request(Method::GET, "/nowhere");
    let request = request.header("host", "rebound.example");
    let answer = app.anonymous().send(request).await.expect(421);
    let port = app.runner.http_url().rsplit(':').next().unwrap().to_owned();
    let hosts = format!("127.0.0.1:{port}, [::1]:{port}, localhost:{port}");
    let told = format!("Send requests to one of the hosts {hosts}, or allow the host with --host.");
    assert_eq!(answer["message"], told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_gets_no_token() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let url = app.runner.http_url();
    let port = url.rsplit(':').next().unwrap();
    let ask = || nobody.request(Method::POST, "/dev/token").json(&people::ops());
    nobody.send(ask()).await.expect(200);
    nobody.send(ask().header("origin", &url)).await.expect(200);
    for origin in [
        "null",
        "https://app.example.com",
        &url.replace("http:", "https:"),
        &format!("http://localhost:{port}"),
        &format!("http://rebound.example:{port}"),
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        &format!("{url}/"),
        &format!("{url}.evil.example"),
        "",
    ] {
        nobody.send(ask().header("origin", origin)).await.problem(403, "forbidden");
    }
    let twice = ask().header("origin", &url).header("origin", "https://app.example.com");
    nobody.send(twice).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_token_is_declared_as_json() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let ask = || nobody.request(Method::POST, "/dev/token").body(people::ops().to_string());
    for media in ["application/json", "Application/JSON; charset=utf-8"] {
        nobody.send(ask().header("content-type", media)).await.expect(200);
    }
    nobody.send(ask()).await.problem(415, "unsupported-media-type");
    // The three that a page may send to any origin (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let refused = nobody.send(ask().header("content-type", media)).await;
        refused.problem(415, "unsupported-media-type");
    }
}
