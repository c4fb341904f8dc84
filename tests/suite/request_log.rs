//! The runner's log of requests.

use reqwest::Method;
use reqwest::header::{HeaderValue, USER_AGENT};
use serde_json::json;

use crate::harness::{Client, Live, Process, TEMPLATE, id_of, order, people, percent_encoded};

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

/// A text that ends a line, controls a terminal and turns the direction of writing.
const HOSTILE: &str = "\nforged\r\u{1b}[31m\u{202e}\u{2028}\u{85}";

/// Headers of tokens, in base64, with the hostile text as `alg`, as `kid`, in `crit` and as a name.
const HEADERS: [&str; 4] = [
    "eyJhbGciOiAiXG5mb3JnZWRcclx1MDAxYlszMW1cdTIwMmVcdTIwMjhcdTAwODUifQ",
    "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogIlxuZm9yZ2VkXHJcdTAwMWJbMzFtXHUyMDJlXHUyMDI4XHUwMDg1In0",
    "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogIndheWJpbGwiLCAiXG5mb3JnZWRcclx1MDAxYlszMW1cdTIwMmVcdTIwMjhcdTAwODUiOiAxLCAiY3JpdCI6IFsiXG5mb3JnZWRcclx1MDAxYlszMW1cdTIwMmVcdTIwMjhcdTAwODUiXX0",
    "eyJcbmZvcmdlZFxyXHUwMDFiWzMxbVx1MjAyZVx1MjAyOFx1MDA4NSI6IDF9",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_a_stranger_is_no_line_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--port", "0", "--template", TEMPLATE, "--memory", "--log", "requests"];
    let mut runner = Process::logging(folder.path(), &arguments, "info");
    let url = runner.http_url().await;
    let live = format!("{}/live", url.replace("http://", "ws://"));
    for header in HEADERS {
        let token = format!("{header}.e30.eA");
        Client::new(&url, Some(token.clone())).get("/orders").await.expect(401);
        assert!(Live::connect(&live, Some(&token)).await.is_err());
    }
    let text = percent_encoded(HOSTILE);
    assert!(Live::connect(&format!("{live}?ticket={text}"), None).await.is_err());
    let ops = Client::login(&url, &people::ops()).await;
    let agent = HeaderValue::from_bytes("\u{202e}\u{2028}\u{85}".as_bytes()).unwrap();
    for path in [format!("/orders/{text}"), format!("/{text}"), format!("/orders?{text}={text}")] {
        let request = ops.request(Method::GET, &path).header(USER_AGENT, agent.clone());
        let status = ops.send(request).await.status;
        assert!([404, 422].contains(&status), "{path}: {status}");
    }
    let mut body = order(HOSTILE, HOSTILE);
    body[HOSTILE] = json!(HOSTILE);
    ops.create(&body).await.expect(422);
    Client::new(&url, None).post("/dev/token", &json!({ "role": HOSTILE, "id": HOSTILE })).await;
    let mut socket = Live::connect(&live, Some(ops.token())).await.unwrap();
    for message in [HOSTILE.to_owned(), json!({ "action": HOSTILE, "topic": HOSTILE }).to_string()]
    {
        socket.send_text(&message).await;
        assert_eq!(socket.next().await["type"], "problem");
    }
    runner.terminate();
    let (_, log) = runner.end().await;
    assert!(log.contains("a token was rejected") && log.contains("status=401"), "{log}");
    for line in log.strip_suffix('\n').unwrap().split('\n') {
        let plain = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{202e}');
        assert!(line.starts_with("20") && line.chars().all(plain), "{line:?}");
    }
    assert!(!log.contains("forged"), "a text of a client is logged: {log}");
}
