//! The runner's log of requests.

use crate::harness::{Client, Process, TEMPLATE, id_of, order, people};

#[tokio::test(flavor = "multi_thread")]
async fn the_runner_logs_a_line_per_request() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--port", "0", "--template", TEMPLATE, "--memory", "--log", "requests"];
    let mut runner = Process::start(folder.path(), &arguments);
    let url = runner.http_url().await;
    let ops = Client::login(&url, &people::ops()).await;
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    ops.get("/nothing").await.expect(404);
    Client::new(&url, None).get("/orders").await.expect(401);
    runner.terminate();
    let (_, log) = runner.end().await;
    let lines: Vec<_> = log.lines().filter(|line| line.contains("requests: ")).collect();
    let expected = [
        ["method=POST", "route=\"/orders\"", "status=201", "caller=\"ops\""],
        ["method=POST", "route=\"/orders/{id}/assign\"", "status=200", "caller=\"ops\""],
        ["method=GET", "status=404", "ms=", "request"],
        ["method=GET", "route=\"/orders\"", "status=401", "ms="],
    ];
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (line, parts) in lines.iter().zip(expected) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    assert!(!log.contains(&id), "a path of a client is logged: {log}");
}
