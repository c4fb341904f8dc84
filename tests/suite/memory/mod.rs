//! The memory of the runner's process, and its time for a client, beside others that send, hold and
//! leave unread as much as they can. Only Linux tells the memory; elsewhere the tests do nothing.
//!
//! Each scene has a runner of its own, sends more than a bound lets in, and fails without it.

mod others;
mod scene;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::chance::is_whole;
use crate::harness::order;
use others::{PING, TEXT, UNFINISHED_CONTINUATION, UNFINISHED_TEXT, begin, frame, send_all};
use scene::{KB, MB, Scene};

/// Returns a number of connections: as given with `WHOLE=1`, else so few that the limits of open
/// files do not matter.
fn count(whole: usize) -> usize {
    if is_whole() { whole } else { whole / 10 }
}

/// The rest that a runner holds while it serves, and that its allocator keeps.
const SLACK: u64 = 24 * MB;

fn bytes(count: usize, each: u64) -> u64 {
    u64::try_from(count).expect("64 bits") * each
}

/// 512 KB of pings, whose pongs are not read.
#[tokio::test(flavor = "multi_thread")]
async fn pings_without_an_end() {
    let Some(scene) = Scene::start().await else { return };
    let mut sockets = scene.sockets(count(1000)).await;
    let pings = frame(PING, &[b'p'; 125]).repeat(10);
    send_all(&mut sockets, 400, &pings).await;
    scene.serve_beside("pings", scene.handshake().as_bytes(), &pings).await;
    let most = bytes(sockets.len(), 32 * KB) + SLACK;
    scene.end("pings", sockets, most).await;
}

/// Three times as much as may wait for all clients together. One that reads gets all of it.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_not_read() {
    let Some(scene) = Scene::start().await else { return };
    let mut sockets = scene.sockets(count(1000)).await;
    let mut reading = scene.sockets(1).await.remove(0);
    let subscribe = json!({ "action": "subscribe", "topic": "orders" }).to_string();
    send_all(&mut sockets, 1, &frame(TEXT, subscribe.as_bytes())).await;
    reading.send(frame(TEXT, subscribe.as_bytes())).await;
    for socket in sockets.iter_mut().chain([&mut reading]) {
        socket.until("subscribed").await;
    }
    let body = |n: usize, note: &str| {
        let mut body = order("m1", "c1");
        let long = (0..5).map(|n| (n.to_string(), json!("x".repeat(380))));
        body["metadata"] = long.chain([("note".to_owned(), json!(note))]).collect();
        body["external_id"] = n.to_string().into();
        body
    };
    // In turn, because a message that is larger than a share is not for all.
    for turn in 0..40 {
        let first = (0..4).map(async |n| scene.client().create(&body(10 * turn + n, "")).await);
        for created in join_all(first).await {
            created.expect(201);
        }
        let last = format!("last of {turn}.");
        scene.client().create(&body(10 * turn + 4, &last)).await.expect(201);
        reading.until(&last).await;
    }
    scene.serve("messages, none read").await;
    let most = 32 * MB + bytes(sockets.len(), 64 * KB) + SLACK;
    scene.end("messages, none read", sockets, most).await;
}

/// Fragments of 1 MB together, and frames that say 8 MB and are 1 MB.
#[tokio::test(flavor = "multi_thread")]
async fn frames_and_messages_without_an_end() {
    let Some(scene) = Scene::start().await else { return };
    let mut sockets = scene.sockets(3 * count(400)).await;
    let third = sockets.len() / 3;
    let fragment = vec![b'x'; 32 * 1024];
    let first = frame(UNFINISHED_TEXT, &fragment);
    let more = frame(UNFINISHED_CONTINUATION, &fragment);
    send_all(&mut sockets[..2 * third], 1, &first).await;
    // As much as is held.
    send_all(&mut sockets[..third], 3, &more).await;
    send_all(&mut sockets[..third], 100, &frame(UNFINISHED_CONTINUATION, b"")).await;
    send_all(&mut sockets[third..2 * third], 31, &more).await;
    send_all(&mut sockets[2 * third..], 1, &begin(TEXT, 8 * MB)).await;
    send_all(&mut sockets[2 * third..], 32, &fragment).await;
    scene
        .serve_beside(
            "frames and messages, no end",
            &[scene.handshake().as_bytes(), &first].concat(),
            &more,
        )
        .await;
    let most = bytes(third, 448 * KB) + SLACK;
    scene.end("frames and messages, no end", sockets, most).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_without_an_end() {
    let Some(scene) = Scene::start().await else { return };
    let head = |size| format!("GET /orders HTTP/1.1\r\nX: {}", "x".repeat(size));
    // As much as is held, and more.
    let mut heads = scene.connections(count(1000), head(15 * 1024).as_bytes()).await;
    heads.extend(scene.connections(count(1000), head(400 * 1024).as_bytes()).await);
    scene.serve_beside("heads, no end", head(0).as_bytes(), &[b'x'; 16 * 1024]).await;
    let most = bytes(heads.len(), 32 * KB) + SLACK;
    scene.end("heads, no end", heads, most).await;
}

/// 240 MB, of which 16 MB are held. Each body that grows is moved, and its old places are not free
/// at once.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_without_an_end() {
    let Some(scene) = Scene::start().await else { return };
    let (head, part) = (scene.post("/orders", 6_000_000), vec![b'\n'; 64 * 1024]);
    let mut bodies = scene.connections(40, &head).await;
    send_all(&mut bodies, 80, &part).await;
    scene.serve("bodies, no end").await;
    scene.end("bodies, no end", bodies, 6 * 16 * MB).await;
}

/// Bodies of 63 KB for a route that asks for no token.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_strangers_without_an_end() {
    let Some(scene) = Scene::start().await else { return };
    let (head, part) = (scene.post("/dev/token", 64_000), vec![b'\n'; 63_000]);
    let mut bodies = scene.connections(count(4000), &head).await;
    send_all(&mut bodies, 1, &part).await;
    scene.serve_beside("bodies of strangers, no end", &head, &part).await;
    let most = bytes(bodies.len(), 32 * KB) + SLACK;
    scene.end("bodies of strangers, no end", bodies, most).await;
}

/// A file of 1.4 MB, which all responses share.
#[tokio::test(flavor = "multi_thread")]
async fn responses_that_are_not_read() {
    let Some(scene) = Scene::start().await else { return };
    let large = format!("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\n{}\r\n", scene.headers());
    let responses = scene.connections(count(1000), large.as_bytes()).await;
    scene.serve_beside("responses, none read", large.as_bytes(), b"").await;
    let most = bytes(responses.len(), 64 * KB) + SLACK;
    scene.end("responses, none read", responses, most).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_are_aborted() {
    let Some(scene) = Scene::start().await else { return };
    for _ in 0..count(10_000) {
        drop(scene.connections(1, scene.handshake().as_bytes()).await);
    }
    scene.serve_beside("handshakes, aborted", scene.handshake().as_bytes(), b"").await;
    scene.end("handshakes, aborted", Vec::new(), SLACK).await;
}

/// Connections after a request with a large head, and sockets.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_stay() {
    let Some(scene) = Scene::start().await else { return };
    let headers = format!("{}X: {}\r\n", scene.headers(), "x".repeat(8 * 1024));
    let get = format!("GET {} HTTP/1.1\r\n{headers}\r\n", scene.path());
    let mut many = scene.connections(count(3000), get.as_bytes()).await;
    for connection in &mut many {
        assert_eq!(connection.status().await, Some(200));
    }
    many.extend(scene.sockets(count(2000)).await);
    scene.serve_beside("connections that stay", get.as_bytes(), b"").await;
    let most = bytes(many.len(), 24 * KB) + SLACK;
    scene.end("connections that stay", many, most).await;
}
