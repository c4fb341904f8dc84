//! Handshakes that open no connection.

use tokio::sync::OwnedSemaphorePermit;

use super::*;
use crate::gateway::live::{MOST_HANDSHAKES, MOST_TURNS};

#[tokio::test]
async fn a_handshake_is_refused_by_the_authorizer_and_by_connect() {
    let denied = api(|_, event| Ok(policy("Deny", event))).await;
    let forbidden = (StatusCode::FORBIDDEN, json!({ "message": "Forbidden" }));
    assert_eq!(denied.refusal().await, forbidden);

    let unauthorized = api(|_, _| Err("Unauthorized")).await.refusal().await;
    assert_eq!(unauthorized, (StatusCode::UNAUTHORIZED, json!({ "message": "Unauthorized" })));

    let internal = json!({ "message": "Internal server error" });
    let failed = api(|_, _| Err("no")).await.refusal().await;
    assert_eq!(failed, (StatusCode::INTERNAL_SERVER_ERROR, internal.clone()));

    let unreadable = api(|_, _| Ok(json!({ "principalId": "u" }))).await.refusal().await;
    assert_eq!(unreadable, (StatusCode::INTERNAL_SERVER_ERROR, internal.clone()));

    let refused = api(|name, event| match name {
        "connect" => Ok(json!({ "statusCode": 429 })),
        _ => friendly(name, event),
    });
    assert_eq!(refused.await.refusal().await.0, StatusCode::TOO_MANY_REQUESTS);

    let broken = api(|name, event| match name {
        "connect" => Err("no"),
        _ => friendly(name, event),
    });
    assert_eq!(broken.await.refusal().await, (StatusCode::BAD_GATEWAY, internal));
}

#[tokio::test]
async fn what_is_no_handshake_is_a_400() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let api = api(friendly).await;
    let mut stream = TcpStream::connect(api.address).await.unwrap();
    let request =
        "GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut response)).await.unwrap().unwrap();
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
}

#[tokio::test]
async fn a_handshake_beyond_the_bound_is_refused() {
    let api = api(friendly).await;
    let all = u32::try_from(MOST_HANDSHAKES).unwrap();
    let others = Arc::clone(&api.gateway.handshakes).try_acquire_many_owned(all).unwrap();
    assert_eq!(api.refusal().await.0, StatusCode::TOO_MANY_REQUESTS);
    drop(others);
    api.connect().await.unwrap();
    let all = Arc::clone(&api.gateway.handshakes).acquire_many_owned(all);
    drop(timeout(PATIENCE, all).await.expect("an end of the handshake").unwrap());
}

impl Api {
    /// Waits until so many handshakes wait or go on.
    async fn until_handshakes(&self, count: usize) {
        let counted = || MOST_HANDSHAKES - self.gateway.handshakes.available_permits();
        let waiting = async {
            while counted() != count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap();
    }

    /// Takes all turns, as handshakes do whose functions are slow.
    fn all_turns(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(MOST_TURNS).unwrap();
        Arc::clone(&self.gateway.turns).try_acquire_many_owned(all).unwrap()
    }
}

#[tokio::test]
async fn who_comes_and_who_leaves_waits_for_a_turn_and_delays_nobody_else() {
    let mut api = api(friendly).await;
    let (mut open, leaving) = (api.connect().await.unwrap(), api.connect().await.unwrap());
    for _ in 0..2 {
        api.event_of("connect").await;
    }
    let turns = api.all_turns();
    drop(leaving);
    let coming = async { api.connect().await.map(drop).unwrap() };
    let meanwhile = async {
        api.until_handshakes(1).await;
        for _ in 0..10 {
            open.send(Message::text("meanwhile")).await;
            assert_eq!(open.next().await, Message::text("meanwhile"));
        }
        drop(turns);
    };
    tokio::join!(coming, meanwhile);
    for _ in 0..10 {
        assert_eq!(api.events.recv().await.unwrap().0, "message");
    }
    // Of the client that left, and of the one that came.
    api.end().await;
    api.end().await;
}

#[tokio::test]
async fn a_handshake_whose_client_leaves_before_its_turn_invokes_no_function() {
    use tokio::io::AsyncWriteExt;
    let mut api = api(friendly).await;
    let turns = api.all_turns();
    let mut leaving = TcpStream::connect(api.address).await.unwrap();
    let request = "GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    leaving.write_all(request.as_bytes()).await.unwrap();
    api.until_handshakes(1).await;
    drop(leaving);
    api.until_handshakes(0).await;
    drop(turns);
    api.connect().await.unwrap();
    let query = &api.event_of("authorize").await["queryStringParameters"];
    assert_eq!(*query, json!({ "ticket": "u v" }), "the client that left was authorised");
}
