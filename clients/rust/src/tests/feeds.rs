//! A feed, and a server that the test controls.
#![expect(clippy::result_large_err, reason = "the library's refusal of a handshake is large")]

use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::{ConnectError, Feed, FeedError, News};

const PATIENCE: Duration = Duration::from_secs(10);

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("in time")
}

struct Server(TcpListener);

/// The server's end of a connection.
struct Peer {
    socket: WebSocketStream<TcpStream>,
    authorization: String,
}

impl Server {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn url(&self) -> Uri {
        let address = self.0.local_addr().unwrap();
        format!("ws://{address}/live").parse().unwrap()
    }

    async fn accept(&self) -> Peer {
        let (stream, _) = in_time(self.0.accept()).await.unwrap();
        let mut authorization = String::new();
        let callback = |request: &Request, response: Response| {
            let value = request.headers()["authorization"].to_str().expect("text");
            value.clone_into(&mut authorization);
            Ok(response)
        };
        let socket = in_time(accept_hdr_async(stream, callback)).await.unwrap();
        Peer { socket, authorization }
    }

    async fn refuse(&self) {
        let (stream, _) = in_time(self.0.accept()).await.unwrap();
        let callback = |_: &Request, _: Response| {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            Err(refusal)
        };
        in_time(accept_hdr_async(stream, callback)).await.unwrap_err();
    }
}

impl Peer {
    async fn received(&mut self) -> Value {
        match in_time(self.socket.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?}"),
        }
    }

    async fn say(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Replays these versions, and responds that they are complete.
    async fn replay(&mut self, versions: std::ops::RangeInclusive<u64>) {
        let order = json!({ "id": "o1", "version": versions.end(), "phase": "ready" });
        let events: Vec<_> =
            versions.map(|version| json!({ "order_id": "o1", "version": version })).collect();
        self.say(json!({ "type": "events", "events": events, "orders": [], "removed": [] })).await;
        let (topic, at) = ("order:o1", "2026-11-21T09:00:00.000Z");
        self.say(json!({ "type": "subscribed", "topic": topic, "at": at, "recovered": true, "order": order }))
            .await;
    }
}

type Following = (mpsc::UnboundedReceiver<News>, JoinHandle<Option<()>>);

/// Follows an order with the tokens t1, t2, t3 …
async fn follow(url: Uri) -> Following {
    let mut count = 0;
    let tokens = move || {
        count += 1;
        let token = format!("t{count}");
        async move { Ok::<_, String>(token) }
    };
    let feed = in_time(Feed::open(url, "order:o1", tokens)).await.expect("a connection");
    let (sender, news) = mpsc::unbounded_channel();
    let notify = move |news| match sender.send(news) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    (news, tokio::spawn(feed.run(notify)))
}

/// Returns the versions of the next events, and skips all other news.
async fn versions(news: &mut mpsc::UnboundedReceiver<News>, count: usize) -> Vec<u64> {
    let mut versions = Vec::new();
    while versions.len() < count {
        if let News::Event(event) = in_time(news.recv()).await.expect("news") {
            versions.push(event["version"].as_u64().unwrap());
        }
    }
    versions
}

#[tokio::test]
async fn a_lost_connection_is_made_again_with_another_token_and_resumed() {
    let server = Server::start().await;
    let (feed, mut peer) = tokio::join!(follow(server.url()), server.accept());
    let (mut news, _running) = feed;
    assert_eq!(peer.authorization, "Bearer t1");
    let subscribe = |after| json!({ "action": "subscribe", "topic": "order:o1", "after": after });
    assert_eq!(peer.received().await, subscribe(0));
    peer.replay(1..=2).await;
    assert_eq!(versions(&mut news, 2).await, [1, 2]);
    drop(peer);

    // A connection that is cut in its handshake does not end the feed either.
    drop(in_time(server.0.accept()).await.unwrap());
    let mut peer = server.accept().await;
    assert_eq!(peer.authorization, "Bearer t3");
    assert_eq!(peer.received().await, subscribe(2));
    peer.replay(3..=3).await;
    assert_eq!(versions(&mut news, 1).await, [3]);
    peer.say(json!({ "type": "closing", "reason": "token-expired" })).await;
    peer.socket.close(None).await.unwrap();

    let mut peer = server.accept().await;
    assert_eq!(peer.authorization, "Bearer t4");
    assert_eq!(peer.received().await, subscribe(3));
}

#[tokio::test]
async fn a_feed_ends_with_what_the_server_will_not_have() {
    let server = Server::start().await;
    let (feed, mut peer) = tokio::join!(follow(server.url()), server.accept());
    let (mut news, running) = feed;
    let problem = json!({ "type": "urn:waybill:problem:not-found", "status": 404 });
    peer.say(json!({ "type": "problem", "topic": "order:o1", "problem": problem })).await;
    assert_eq!(in_time(news.recv()).await, Some(News::Refused(problem)));
    assert_eq!(in_time(news.recv()).await, None);
    assert_eq!(in_time(running).await.unwrap(), None);
    peer.received().await;
    assert!(matches!(in_time(peer.socket.next()).await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn a_feed_whose_new_tokens_are_refused_ends() {
    let server = Server::start().await;
    let (feed, peer) = tokio::join!(follow(server.url()), server.accept());
    let (mut news, running) = feed;
    drop(peer);
    server.refuse().await;
    server.refuse().await;
    let mut reported = Vec::new();
    while let Some(news) = in_time(news.recv()).await {
        reported.push(news);
    }
    let lost = |reason: &str| News::Lost(reason.into());
    assert_eq!(reported[..2], [lost("closed"), lost("refused")]);
    assert!(matches!(&reported[2..], [News::Refused(problem)] if problem["status"] == 401));
    assert_eq!(in_time(running).await.unwrap(), None);
}

#[tokio::test]
async fn a_feed_that_is_dropped_or_broken_off_leaves() {
    let server = Server::start().await;
    let (feed, mut peer) = tokio::join!(follow(server.url()), server.accept());
    peer.received().await;
    feed.1.abort();
    assert!(!matches!(in_time(peer.socket.next()).await, Some(Ok(_))));

    let (feed, mut peer) = tokio::join!(follow(server.url()), server.accept());
    let (news, running) = feed;
    drop(news);
    peer.received().await;
    peer.replay(1..=1).await;
    assert_eq!(in_time(running).await.unwrap(), Some(()));
}

#[tokio::test]
async fn a_feed_that_cannot_begin_says_why() {
    let why = async |url: Uri, token: Result<&'static str, &'static str>| {
        let tokens = || async move { token.map(str::to_owned) };
        in_time(Feed::open(url, "orders", tokens)).await.err().expect("no connection")
    };
    let connect = async |url: Uri, token| match why(url, Ok(token)).await {
        FeedError::Connect(error) => error,
        FeedError::Token(error) => panic!("{error}"),
    };
    let server = Server::start().await;
    let (refused, ()) = tokio::join!(connect(server.url(), "t"), server.refuse());
    assert!(matches!(refused, ConnectError::Refused(StatusCode::FORBIDDEN)), "{refused}");
    let bad = connect(server.url(), "line\nbreak").await;
    assert!(matches!(bad, ConnectError::BadToken), "{bad}");
    let wrong = connect(Uri::from_static("/live"), "t").await;
    assert!(matches!(wrong, ConnectError::Url(_)), "{wrong}");
    // No server listens on port 1.
    let nowhere = connect(Uri::from_static("ws://127.0.0.1:1/live"), "t").await;
    assert!(matches!(nowhere, ConnectError::Unreachable(_)), "{nowhere}");
    let none = why(server.url(), Err("there is none")).await;
    assert!(matches!(none, FeedError::Token("there is none")), "{none}");
}
