//! Handshakes that open no connection.

use super::*;
use crate::gateway::live::MOST_HANDSHAKES;

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
