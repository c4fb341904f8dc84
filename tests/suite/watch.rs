//! `waybill watch`.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{App, Process, people};

/// The next line that `watch` prints.
async fn printed(watch: &mut Process) -> Value {
    let line = watch.line().await.expect("a line");
    serde_json::from_str(&line).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_prints_each_message_as_a_line_until_the_server_closes() {
    let app = App::start().await;
    let url = app.runner.live_url();
    let mut watch = Process::start(Path::new("."), &["watch", "orders", "--url", &url]);
    assert_eq!(printed(&mut watch).await, json!({ "type": "subscribed", "topic": "orders" }));
    let id = app.place_order().await;
    let heard = printed(&mut watch).await;
    assert_eq!(heard["type"], "events");
    assert_eq!(heard["events"][0]["order_id"], json!(id));

    app.runner.shutdown().await;
    assert_eq!(watch.line().await, None);
    let (code, errors) = watch.end().await;
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("the server closed the connection: 1001 The runner is stopping"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_sees_what_its_token_may_see() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let (url, token) = (app.runner.live_url(), driver.token());
    let arguments = ["watch", "orders", "--url", &url, "--token", token];
    let mut watch = Process::start(Path::new("."), &arguments);
    let refused = printed(&mut watch).await;
    assert_eq!((&refused["type"], &refused["topic"]), (&json!("problem"), &json!("orders")));

    let arguments = ["watch", "orders", "--url", &url, "--token", "stale"];
    let (code, errors) = Process::start(Path::new("."), &arguments).end().await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("the runner refused the connection"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_without_a_runner_says_to_start_one() {
    // Nobody listens at port 1, and no runner is ever given it.
    let url = "ws://127.0.0.1:1/live";
    for token in [&[][..], &["--token", "t"]] {
        let arguments = [&["watch", "orders", "--url", url], token].concat();
        let (code, errors) = Process::start(Path::new("."), &arguments).end().await;
        assert_eq!(code, Some(1));
        assert!(errors.contains("start the runner first"), "{errors}");
        assert!(errors.contains("cargo run"), "{errors}");
    }
}
