//! `waybill export` writes a list to a file.

use std::path::Path;

use clock::Clock;
use futures_util::future::join_all;

use crate::harness::{App, Process, order, people};

/// The number of orders, more than one read returns.
const ORDERS: usize = 260;
const AT_ONCE: usize = 20;

async fn lines(arguments: &[&str]) -> Vec<String> {
    let mut export = Process::start(Path::new("."), &[&["export"][..], arguments].concat());
    let mut lines = Vec::new();
    while let Some(line) = export.line().await {
        lines.push(line);
    }
    let (code, errors) = export.end().await;
    assert_eq!(code, Some(0), "{errors}");
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn export_writes_every_page() {
    let app = App::start_with(|options| "4".clone_into(&mut options.order_shards)).await;
    let ops = app.ops().await;
    let body = order("m1", "c1");
    for _ in 0..ORDERS / AT_ONCE {
        for created in join_all((0..AT_ONCE).map(|_| ops.create(&body))).await {
            created.expect(201);
        }
    }
    let url = app.runner.http_url();
    let response = ops.get("/orders/export?format=ndjson").await;
    assert_eq!(response.status, 200);
    let all: Vec<_> = response.text.lines().map(str::to_owned).collect();
    assert_eq!(all.len(), ORDERS);
    assert_eq!(lines(&["--url", &url, "--format", "ndjson"]).await, all);
    assert_eq!(lines(&["--url", &url]).await.len(), ORDERS + 1);
    // One page does not go through this many days without an order.
    let from = format!("from={}", Clock::system().now().plus_seconds(-365 * 24 * 60 * 60).day());
    let query = format!("/orders/export?format=ndjson&order=oldest&state=all&{from}");
    assert_ne!(ops.get(&query).await.header("link"), "");
    let mut oldest = all.clone();
    oldest.reverse();
    let arguments = ["order=oldest", "state=all", &from, "--format", "ndjson", "--url", &url];
    assert_eq!(lines(&arguments).await, oldest);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    let token = app.client(people::merchant("m2")).await;
    let output = ["--output", path.to_str().unwrap(), "--url", &url, "--token", token.token()];
    assert_eq!(lines(&output).await, [""; 0]);
    let written = std::fs::read_to_string(path).unwrap();
    assert_eq!((written.lines().count(), &written[..3]), (1, "id,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_export_says_why_and_writes_nothing() {
    let app = App::start().await;
    let url = app.runner.http_url();
    let driver = app.client(people::driver("d1")).await;
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        (&["colour=red", "--url", &url][..], "\"?colour\" \"unknown parameter\""),
        (&["--token", driver.token(), "--url", &url], "Only operations and merchants can export"),
        (&["--token", "stale", "--url", &url], "401"),
        // No program listens on port 1, and no runner is ever given it.
        (&["--url", "http://127.0.0.1:1"], "Start the runner first"),
        (&["--url", "http://127.0.0.1:1", "--token", "t"], "Start the runner first"),
        (&["--url", "127.0.0.1:3000"], "write it as http://host:port"),
    ] {
        let arguments = [&["export", "--output", "orders.csv"], arguments].concat();
        let (code, errors) = Process::start(folder.path(), &arguments).end().await;
        assert_eq!(code, Some(1), "{errors}");
        assert!(errors.contains(said), "{errors}");
        assert!(!folder.path().join("orders.csv").exists(), "{errors}");
    }
}
