//! The runner over template.yaml, unchanged and altered.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use clock::Timestamp;
use emulator::Schedules;
use emulator::dynamodb::{Reply, Storage};
use emulator::transport::{Fault, Faults};
use futures_util::StreamExt;
use http::StatusCode;
use http::response::Parts;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Options, Runner, StartError};
use crate::issuer::TokenRequest;

const PATIENCE: Duration = Duration::from_secs(10);

fn template() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"))
}

fn options(template: &Path) -> Options {
    Options::new(template, Storage::Memory)
}

/// Starts a runner over template.yaml with `from` replaced by `to`.
async fn altered(from: &str, to: &str) -> Result<Runner, StartError> {
    altered_with(options, from, to).await
}

async fn altered_with(
    options: impl FnOnce(&Path) -> Options,
    from: &str,
    to: &str,
) -> Result<Runner, StartError> {
    let text = std::fs::read_to_string(template()).unwrap();
    assert!(text.contains(from), "{from}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.yaml");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    Runner::start(options(&path)).await
}

fn ops(runner: &Runner) -> String {
    let ops = TokenRequest { role: "ops".into(), id: "o".into(), ..TokenRequest::default() };
    runner.token(&ops).unwrap()
}

async fn fetch(runner: &Runner, path: &str, token: &str) -> (Parts, Bytes) {
    send(runner, http::Request::get(path), token, "").await
}

async fn send(
    runner: &Runner,
    request: http::request::Builder,
    token: &str,
    body: &'static str,
) -> (Parts, Bytes) {
    let address = runner.http_url().replace("http://", "");
    let stream = TokioIo::new(TcpStream::connect(&address).await.unwrap());
    let (mut client, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = request
        .header("host", address)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap();
    let (parts, body) = client.send_request(request).await.unwrap().into_parts();
    (parts, body.collect().await.unwrap().to_bytes())
}

async fn get(runner: &Runner, path: &str, token: &str) -> (StatusCode, Value) {
    let (parts, body) = fetch(runner, path, token).await;
    (parts.status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_route_that_the_template_does_not_have_is_not_there() {
    let whole = Runner::start(options(template())).await.unwrap();
    assert_eq!(get(&whole, "/orders", &ops(&whole)).await.0, StatusCode::OK);
    let route = "        List: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: /orders } }\n";
    let without = altered(route, "").await.unwrap();
    let not_found = (StatusCode::NOT_FOUND, json!({ "message": "Not Found" }));
    assert_eq!(get(&without, "/orders", &ops(&without)).await, not_found);
}

#[tokio::test]
async fn the_page_of_the_documents_is_the_runners_own() {
    assert!(!std::fs::read_to_string(template()).unwrap().contains("Path: /docs"));
    let runner = Runner::start(options(template())).await.unwrap();
    let (parts, page) = fetch(&runner, "/docs", "none").await;
    assert_eq!(parts.status, StatusCode::OK);
    assert_eq!(parts.headers["content-type"], "text/html; charset=utf-8");
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(page.contains("<title>Waybill API</title>"), "{page}");
}

#[tokio::test]
async fn a_token_is_good_at_its_own_runner_only() {
    let one = Runner::start(options(template())).await.unwrap();
    let other = Runner::start(options(template())).await.unwrap();
    let unauthorized = (StatusCode::UNAUTHORIZED, json!({ "message": "Unauthorized" }));
    assert_eq!(get(&one, "/orders", &ops(&other)).await, unauthorized);
}

#[tokio::test]
async fn what_cannot_be_played_stops_the_start() {
    let cases = [
        (
            "Binary: relay",
            "Binary: relais",
            "Resources.Relay: functions/src/bin has no binary relais",
        ),
        (
            "Stream: !GetAtt OrdersTable.StreamArn",
            "Stream: arn:elsewhere",
            "Resources.Relay: arn:elsewhere is not the stream of a table in this template",
        ),
        (
            "Destination: !GetAtt RelayFailures.Arn",
            "Destination: arn:elsewhere",
            "Resources.Relay: arn:elsewhere is not the ARN of a queue in this template",
        ),
        (
            "        Orders:\n          Type: DynamoDB",
            "        Tasks: { Type: SQS, Properties: { Queue: arn:elsewhere } }\n        \
             Orders:\n          Type: DynamoDB",
            "Resources.Relay: arn:elsewhere is not the ARN of a queue in this template",
        ),
        (
            "SqsManagedSseEnabled: true",
            "RedrivePolicy: { deadLetterTargetArn: arn:elsewhere, maxReceiveCount: 3 }",
            "Resources.RelayFailures: arn:elsewhere is not the ARN of a queue in this template",
        ),
        (
            "        ISSUER: !If [OwnUserPool, !GetAtt UserPool.ProviderURL, !Ref Issuer]\n",
            "",
            "Resources.LiveAuthorize: the environment variable ISSUER is not set",
        ),
        (
            "issuer: !If [OwnUserPool, !GetAtt UserPool.ProviderURL, !Ref Issuer]",
            "issuer: https://elsewhere",
            "the runner verifies only tokens from its own issuer for one audience, not from https://elsewhere",
        ),
    ];
    for (from, to, expected) in cases {
        let error = altered(from, to).await.map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_port_in_use_is_told_with_what_to_do() {
    let first = Runner::start(options(template())).await.unwrap();
    let port = first.http_url().rsplit(':').next().unwrap().parse().unwrap();
    let second = Runner::start(Options { port, ..options(template()) }).await;
    let error = second.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("--port"), "{error}");
}

#[tokio::test]
async fn shutdown_closes_sockets_with_a_reason_and_frees_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::File(folder.path().join("dynamodb.sqlite"));
    let start = || Runner::start(Options { storage: storage.clone(), ..options(template()) });
    let runner = start().await.unwrap();
    let mut request = runner.live_url().into_client_request().unwrap();
    let bearer = format!("Bearer {}", ops(&runner)).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(request.uri().authority().unwrap().as_str()).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();

    let stopping = tokio::spawn(runner.shutdown());
    let last = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    let Message::Close(Some(frame)) = last else { panic!("{last:?}") };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "The runner is stopping"));
    drop(socket);
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
    // The lock on the file is free again.
    start().await.unwrap().shutdown().await;
}

const ORDER: &str = r#"{"merchant":"m1","customer":{"name":"Ada","contact":"+44 20 7946 0000"}}"#;

#[tokio::test]
async fn what_the_relay_gives_up_lies_in_its_queue_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::File(folder.path().join("dynamodb.sqlite"));
    let faults = Faults::default();
    // The relay cannot read the subscriptions.
    faults.inject(|call| {
        let missing =
            || Reply::error(400, "ResourceNotFoundException", "Requested resource not found");
        (call.function == "relay" && call.operation() == "Query").then(|| Fault::Refuse(missing()))
    });
    let kept = |template: &Path| Options { storage: storage.clone(), ..options(template) };
    let deaf = |template: &Path| Options { faults, ..kept(template) };
    let once = altered_with(deaf, "MaximumRetryAttempts: -1", "MaximumRetryAttempts: 0");
    let runner = once.await.unwrap();
    assert_eq!(runner.messages("RelayFailures"), []);
    let created = send(&runner, http::Request::post("/orders"), &ops(&runner), ORDER).await;
    assert_eq!(created.0.status, StatusCode::CREATED);

    let given_up = async {
        loop {
            match runner.messages("RelayFailures") {
                none if none.is_empty() => yield_now().await,
                messages => return messages,
            }
        }
    };
    let messages = timeout(PATIENCE, given_up).await.unwrap();
    assert_eq!(messages[0].attributes.sender_id, "relay");
    let record: Value = serde_json::from_str(&messages[0].body).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(record["DDBStreamBatchInfo"]["batchSize"], 1);
    runner.shutdown().await;

    let again = Runner::start(kept(template())).await.unwrap();
    assert_eq!(again.messages("RelayFailures"), messages);
}

#[tokio::test]
async fn a_schedule_calls_its_function_again_and_again() {
    let played = |template: &Path| Options { schedules: Schedules::Played, ..options(template) };
    let tick = "      Events:\n        Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute) } }\n        Orders:\n";
    let runner = altered_with(played, "      Events:\n        Orders:\n", tick).await.unwrap();
    let twice = async {
        while runner.meter().so_far().invocations.get("relay").is_none_or(|calls| *calls < 2) {
            yield_now().await;
        }
    };
    timeout(PATIENCE, twice).await.unwrap();
    runner.shutdown().await;
}

#[tokio::test]
async fn time_passes_as_fast_as_it_is_told_to_and_tokens_last_all_the_same() {
    let fast =
        |template: &Path| Options { time_scale: "3600".parse().unwrap(), ..options(template) };
    let runner = Runner::start(fast(template())).await.unwrap();
    let token = ops(&runner);
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let lasts = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lasts, 12 * 60 * 60 * 3600);
    let created = async || {
        let (parts, body) = send(&runner, http::Request::post("/orders"), &token, ORDER).await;
        assert_eq!(parts.status, StatusCode::CREATED);
        let order: Value = serde_json::from_slice(&body).unwrap();
        Timestamp::parse(order["created_at"].as_str().unwrap()).unwrap()
    };
    let first = created().await;
    let an_hour_later = async { while created().await < first.plus_seconds(3600) {} };
    timeout(PATIENCE, an_hour_later).await.unwrap();
}
