//! Clients that are slow, and clients that stay.

use std::io::ErrorKind;

use axum::routing::{get, post};
use clock::Clock;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;

use super::*;
use crate::gateway::http::{Endpoint, Routes};
use crate::invoke::Functions;
use crate::template::HttpRoute;
use connection::STALL_LIMIT;

const PATIENCE: Duration = Duration::from_secs(10);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// More than the buffers of a socket hold.
const LARGE: usize = 64 * 1024 * 1024;

/// Serves `/`, and a large response at `/large`, to so many connections.
fn start(most_connections: usize) -> SocketAddr {
    let listener = Listener::bind(0).unwrap();
    let address = listener.address();
    let app = Router::new()
        .route("/", get(async || "here"))
        .route("/large", get(async || vec![b'x'; LARGE]));
    tokio::spawn(serve(listener, app, most_connections, std::future::pending()));
    address
}

/// Serves `/own` as a route of the program's own, and `/orders` as one of the gateway.
fn start_app() -> SocketAddr {
    let listener = Listener::bind(0).unwrap();
    let address = listener.address();
    let own = Router::new().route("/own", post(async || "here"));
    let declared = HttpRoute {
        method: Some(Method::POST),
        path: "/orders".into(),
        function: "create-order".into(),
        authorizer: None,
        throttling: None,
    };
    let routes = Routes::new(&[declared], |_| unreachable!()).unwrap();
    let endpoint = Endpoint { api_id: "httpapi".into(), address };
    let http = HttpGateway::new(routes, None, Functions::default(), endpoint, Clock::system());
    let app = app(Hosts::of(address.port(), &[]), own, http, None);
    tokio::spawn(serve(listener, app, 10, std::future::pending()));
    address
}

async fn connect(address: SocketAddr, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first).await.unwrap();
    stream
}

/// Reads the beginning of a response.
async fn read(stream: &mut TcpStream) -> String {
    let mut begin = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut begin)).await.unwrap().unwrap();
    String::from_utf8(begin.to_vec()).unwrap()
}

/// Advances the clock at once, again and again, until the server has ended the connection;
/// returns the bytes that came before.
async fn ends_within(time: Duration, mut stream: TcpStream) -> usize {
    let ended = tokio::spawn(async move {
        let mut received = Vec::new();
        // A connection that is reset has ended too.
        let _ = stream.read_to_end(&mut received).await;
        received.len()
    });
    pass_until_finished(time, &ended).await;
    ended.await.unwrap()
}

async fn pass_until_finished<T>(time: Duration, task: &JoinHandle<T>) {
    for _ in 0..10_000 {
        if task.is_finished() {
            return;
        }
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
        yield_now().await;
    }
    panic!("the server waits for ever");
}

#[tokio::test]
async fn a_head_that_stops_arriving_ends_the_connection_and_delays_nobody() {
    let address = start(10);
    let slow = [
        connect(address, b"").await,
        connect(address, b"GET / HT").await,
        connect(address, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: 1\r\n").await,
    ];
    let mut other = connect(address, REQUEST).await;
    assert_eq!(read(&mut other).await, "HTTP/1.1 200");
    for stream in slow {
        assert_eq!(ends_within(HEAD_TIMEOUT, stream).await, 0);
    }
}

#[tokio::test]
async fn a_head_larger_than_the_buffer_is_refused() {
    let address = start(10);
    let head = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(CONNECTION_BUFFER));
    let mut stream = connect(address, head.as_bytes()).await;
    assert_eq!(read(&mut stream).await, "HTTP/1.1 431");
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_a_408() {
    let address = start_app();
    for path in ["/own", "/orders"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 10\r\n\r\n");
        let mut slow = connect(address, format!("{head}begin").as_bytes()).await;
        let answered = tokio::spawn(async move {
            let mut begin = [0; 12];
            slow.read_exact(&mut begin).await.map(|_| begin)
        });
        pass_until_finished(Duration::from_secs(10), &answered).await;
        assert_eq!(&answered.await.unwrap().unwrap(), b"HTTP/1.1 408", "{path}");
        // The same body, whole.
        let mut quick = connect(address, format!("{head}beginning!").as_bytes()).await;
        assert_ne!(read(&mut quick).await, "HTTP/1.1 408", "{path}");
    }
}

#[tokio::test]
async fn a_client_beyond_the_bound_waits_for_another_to_leave() {
    let address = start(2);
    let mut first = connect(address, REQUEST).await;
    assert_eq!(read(&mut first).await, "HTTP/1.1 200");
    let mut second = connect(address, REQUEST).await;
    assert_eq!(read(&mut second).await, "HTTP/1.1 200");
    let mut third = connect(address, REQUEST).await;
    for _ in 0..100 {
        yield_now().await;
        assert_eq!(third.try_read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    drop(first);
    assert_eq!(read(&mut third).await, "HTTP/1.1 200");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_response_is_disconnected() {
    let address = start(1);
    let request = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut stalled = connect(address, request).await;
    assert_eq!(read(&mut stalled).await, "HTTP/1.1 200");
    // Is accepted once the connection before has ended.
    let mut next = connect(address, REQUEST).await;
    let answered = tokio::spawn(async move { next.read_exact(&mut [0; 12]).await });
    pass_until_finished(STALL_LIMIT, &answered).await;
    assert_eq!(answered.await.unwrap().unwrap(), 12);
    assert!(ends_within(STALL_LIMIT, stalled).await < LARGE);
}
