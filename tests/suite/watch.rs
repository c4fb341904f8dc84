//! Tests of `waybill watch`.

use std::path::Path;

use random::random_uuid;
use serde_json::{Value, json};

use crate::harness::{App, Client, Process, id_of, order, people};

/// Watches a topic at `url`, with a token from the runner.
fn watch(topic: &str, url: &str) -> Process {
    Process::start(Path::new("."), &["watch", topic, "--url", url])
}

/// Returns the next line that `watch` prints.
async fn printed(watch: &mut Process) -> Value {
    let line = watch.line().await.expect("a line");
    serde_json::from_str(&line).expect("JSON")
}

/// Returns the order and the version of the next event that `watch` prints.
async fn event(watch: &mut Process) -> (String, u64) {
    let line = watch.line().await.expect("a line");
    assert!(line.starts_with(r#"{"order_id":""#), "{line}");
    let event: Value = serde_json::from_str(&line).expect("JSON");
    (event["order_id"].as_str().unwrap().to_owned(), event["version"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_prints_each_event_as_a_line() {
    let app = App::start().await;
    let arguments = ["watch", "orders", "--url", &app.runner.live_url()];
    let mut watch = Process::logging(Path::new("."), &arguments, "info");
    // An order that comes before is what there is, and no event.
    watch.logs("watching").await;
    let id = app.place_order().await;
    assert_eq!(event(&mut watch).await, (id.clone(), 1));
    app.ops().await.assign(&id, "d1").await.expect(200);
    assert_eq!(event(&mut watch).await, (id, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_prints_what_is_lost_from_sight() {
    let app = App::start().await;
    let (ops, driver) = (app.ops().await, app.client(people::driver("d1")).await);
    let id = app.place_order().await;
    ops.assign(&id, "d1").await.expect(200);
    let (topic, url) = (format!("order:{id}"), app.runner.live_url());
    let arguments = ["watch", &topic, "--url", &url, "--token", driver.token()];
    let mut watch = Process::start(Path::new("."), &arguments);
    assert_eq!(event(&mut watch).await, (id.clone(), 1));
    assert_eq!(event(&mut watch).await, (id.clone(), 2));
    ops.replace_driver(&id, "d2").await.expect(200);
    assert_eq!(printed(&mut watch).await, json!({ "removed": id }));
}

/// Events that happen while the runner is down, or not connected, are delivered later.
#[tokio::test(flavor = "multi_thread")]
async fn watch_goes_on_after_the_runner_came_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = Process::serve(folder.path());
    let url = runner.http_url().await;
    let port = url.rsplit(':').next().unwrap();
    let ops = Client::login(&url, &people::ops()).await;
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    let live = format!("ws://127.0.0.1:{port}/live");
    let mut watch = watch(&format!("order:{id}"), &live);
    assert_eq!(event(&mut watch).await, (id.clone(), 1));

    for version in [2, 4] {
        runner.kill().await;
        runner = Process::serve_at(folder.path(), port).await;
        let ops = Client::login(&url, &people::ops()).await;
        for version in [version, version + 1] {
            ops.replace_driver(&id, &format!("d{version}")).await.expect(200);
        }
        assert_eq!(event(&mut watch).await, (id.clone(), version));
        assert_eq!(event(&mut watch).await, (id.clone(), version + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_sees_what_its_token_may_see() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let ends = async |topic: &str, token: &str| {
        let url = app.runner.live_url();
        let arguments = ["watch", topic, "--url", &url, "--token", token];
        let (code, errors) = Process::start(Path::new("."), &arguments).end().await;
        assert_eq!(code, Some(1), "{errors}");
        errors
    };
    let errors = ends("orders", driver.token()).await;
    assert!(errors.contains("You cannot subscribe to this topic."), "{errors}");
    let errors = ends("weather", driver.token()).await;
    assert!(errors.contains("must be orders, merchant:ID"), "{errors}");
    let errors = ends(&format!("order:{}", random_uuid()), driver.token()).await;
    assert!(errors.contains("Not found, or not visible to you"), "{errors}");
    let errors = ends("orders", "stale").await;
    assert!(errors.contains("the runner rejected the connection"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_without_a_runner_says_to_start_one() {
    // No program listens on port 1, and no runner is ever given it.
    let url = "ws://127.0.0.1:1/live";
    for token in [&[][..], &["--token", "t"]] {
        let arguments = [&["watch", "orders", "--url", url], token].concat();
        let (code, errors) = Process::start(Path::new("."), &arguments).end().await;
        assert_eq!(code, Some(1));
        assert!(errors.contains("Start the runner first"), "{errors}");
        assert!(errors.contains("cargo run"), "{errors}");
    }
}
