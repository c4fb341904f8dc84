//! The memory of the runner's process under clients that send, hold and leave unread as much as
//! they can. Only Linux tells it; elsewhere the test does nothing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::chance::is_whole;
use crate::harness::{Client, Process, Raw, TEMPLATE, eventually, id_of, order, people};

/// The most that the process may hold, and the most beyond what it held before, once all
/// clients have left.
const MOST: u64 = 300 * 1024 * 1024;
const MOST_LEFT: u64 = 64 * 1024 * 1024;
/// The requests of the client whose times are measured.
const MEASURED: usize = 200;

/// A runner, and a client that is served while others do their worst.
struct Scene {
    process: Process,
    url: String,
    ops: Client,
    order: String,
    alone: Duration,
}

impl Scene {
    async fn start(folder: &std::path::Path) -> Self {
        let arguments = ["--port", "0", "--template", TEMPLATE, "--memory"];
        let mut process = Process::start(folder, &arguments);
        let url = process.http_url().await;
        let ops = Client::login(&url, &people::ops()).await;
        let order = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
        let mut scene = Self { process, url, ops, order, alone: Duration::ZERO };
        scene.slow_request().await;
        scene.alone = scene.slow_request().await;
        scene
    }

    /// Returns the 99th percentile of the times of requests.
    async fn slow_request(&self) -> Duration {
        let mut times = Vec::new();
        for _ in 0..MEASURED {
            let begun = Instant::now();
            self.ops.order(&self.order).await.expect(200);
            times.push(begun.elapsed());
        }
        times.sort();
        times[MEASURED * 99 / 100]
    }

    /// Serves the client next to `connections`, which it then drops.
    async fn serve_beside(&self, what: &str, connections: Vec<Raw>) {
        let slow = self.slow_request().await;
        let [now, peak] = self.process.memory().expect("Linux").map(|bytes| bytes / 1024 / 1024);
        eprintln!(
            "{what:28} {:5} connections {now:4} MB, at most {peak:4} MB; \
             p99 {slow:9.1?}, alone {:9.1?}",
            connections.len(),
            self.alone
        );
        assert!(peak < MOST / 1024 / 1024, "{what}");
    }

    /// Opens connections that each begin with these bytes.
    async fn connections(&self, count: usize, first: &[u8]) -> Vec<Raw> {
        let mut connections = Vec::new();
        for _ in 0..count {
            let mut connection = Raw::connect(&self.url).await;
            connection.try_send(first).await;
            connections.push(connection);
        }
        connections
    }

    /// Opens connections of the WebSocket API.
    async fn sockets(&self, count: usize) -> Vec<Raw> {
        let mut sockets = self.connections(count, self.handshake().as_bytes()).await;
        for socket in &mut sockets {
            assert_eq!(socket.status().await, Some(101));
        }
        sockets
    }

    fn handshake(&self) -> String {
        format!(
            "GET /live HTTP/1.1\r\n{}Connection: upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.headers()
        )
    }

    fn headers(&self) -> String {
        let host = self.url.trim_start_matches("http://");
        format!("Host: {host}\r\nAuthorization: Bearer {}\r\n", self.ops.token())
    }
}

/// Returns a masked frame (RFC 6455, 5.2).
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("a short frame");
    let mut frame = vec![first];
    match u8::try_from(length) {
        Ok(short @ ..=125) => frame.push(0x80 | short),
        _ => frame.extend([&[0xfe][..], &length.to_be_bytes()].concat()),
    }
    // The mask changes nothing.
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

const TEXT: u8 = 0x81;
const UNFINISHED_TEXT: u8 = 0x01;
const UNFINISHED_CONTINUATION: u8 = 0x00;
const PING: u8 = 0x89;

async fn send_all(connections: &mut [Raw], times: usize, bytes: &[u8]) {
    let sending = connections.iter_mut().map(async |connection| {
        for _ in 0..times {
            if !connection.try_send(bytes).await {
                break;
            }
        }
    });
    join_all(sending).await;
}

/// Returns a number of connections: as given with `WHOLE=1`, else so few that the limits of open
/// files do not matter.
fn count(whole: usize) -> usize {
    if is_whole() { whole } else { whole.min(300) }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_makes_the_runner_grow_beyond_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::start(folder.path()).await;
    let Some([base, _]) = scene.process.memory() else { return };
    eprintln!("base {} MB", base / 1024 / 1024);

    let mut flooding = scene.sockets(count(30)).await;
    let pings = frame(PING, &[b'p'; 125]).repeat(10);
    let ((), slow) = tokio::join!(send_all(&mut flooding, 50_000, &pings), scene.slow_request());
    eprintln!("while they ping: p99 {slow:.1?}");
    scene.serve_beside("pings, no pong read", flooding).await;

    let mut unread = scene.sockets(count(200)).await;
    let subscribe = json!({ "action": "subscribe", "topic": "orders" }).to_string();
    send_all(&mut unread, 1, &frame(TEXT, subscribe.as_bytes())).await;
    for _ in 0..100 {
        scene.ops.create(&order("m1", "c1")).await.expect(201);
    }
    scene.serve_beside("messages, none read", unread).await;

    let mut fragments = scene.sockets(count(300)).await;
    let fragment = vec![b'x'; 32 * 1024];
    send_all(&mut fragments, 1, &frame(UNFINISHED_TEXT, &fragment)).await;
    send_all(&mut fragments, 3, &frame(UNFINISHED_CONTINUATION, &fragment)).await;
    send_all(&mut fragments, 1000, &frame(UNFINISHED_CONTINUATION, b"")).await;
    scene.serve_beside("messages without an end", fragments).await;

    let slow = format!("GET /orders HTTP/1.1\r\nX: {}", "x".repeat(15 * 1024));
    let heads = scene.connections(count(2000), slow.as_bytes()).await;
    scene.serve_beside("heads without an end", heads).await;

    let head = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\n{}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n",
            scene.headers()
        )
    };
    let mut bodies = scene.connections(60, head("/orders", 6_000_000).as_bytes()).await;
    send_all(&mut bodies, 80, &vec![b'\n'; 64 * 1024]).await;
    let open = scene.connections(count(1000), head("/dev/token", 64_000).as_bytes()).await;
    bodies.extend(open);
    send_all(&mut bodies[60..], 1, &vec![b'\n'; 60_000]).await;
    scene.serve_beside("bodies without an end", bodies).await;

    let large = format!("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\n{}\r\n", scene.headers());
    let responses = scene.connections(count(1000), large.as_bytes()).await;
    scene.serve_beside("responses, none read", responses).await;

    for _ in 0..count(1000) {
        drop(scene.connections(1, scene.handshake().as_bytes()).await);
    }
    scene.serve_beside("handshakes, aborted", Vec::new()).await;

    let get = format!("GET /orders/{} HTTP/1.1\r\n{}\r\n", scene.order, scene.headers());
    let mut many = scene.connections(count(5000), get.as_bytes()).await;
    for connection in &mut many {
        assert_eq!(connection.status().await, Some(200));
    }
    scene.serve_beside("connections that stay", many).await;

    // The allocator returns memory while it is used.
    let begun = Instant::now();
    eventually("the memory is free again", async || {
        scene.ops.order(&scene.order).await.expect(200);
        let [now, _] = scene.process.memory().expect("Linux");
        now < base + MOST_LEFT
    })
    .await;
    eprintln!("back near the base after {:.1?}", begun.elapsed());
    // All that was refused or dropped left nothing that stops the next client.
    scene.ops.order(&scene.order).await.expect(200);
    assert_eq!(scene.sockets(1).await.len(), 1);
    let status: Value = scene.ops.get("/health").await.expect(200);
    assert_eq!(status["status"], "ok");
}
