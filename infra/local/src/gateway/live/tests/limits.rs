//! What a connection is cut off for.

use super::*;

#[tokio::test]
async fn a_frame_over_32_kb_and_a_message_over_128_kb_close_with_1009() {
    use tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    let mut api = api(friendly).await;

    let mut client = api.connect().await.unwrap();
    client.send(Message::text("x".repeat(32 * 1024))).await;
    assert_eq!(client.next().await.len(), 32 * 1024);
    client.send(Message::text("x".repeat(32 * 1024 + 1))).await;
    assert_eq!(client.closed().await.unwrap().0, 1009);

    let mut client = api.connect().await.unwrap();
    let fragment = |data, last| Frame::message(vec![b'x'; 32 * 1024], OpCode::Data(data), last);
    client.send(Message::Frame(fragment(Data::Text, false))).await;
    for _ in 0..4 {
        client.send(Message::Frame(fragment(Data::Continue, false))).await;
    }
    assert_eq!(client.closed().await.unwrap().0, 1009);
    let closed = |event: Value| event["requestContext"]["disconnectStatusCode"] == 1009;
    let mut ends = 0;
    while ends < 2 {
        ends += u8::from(closed(api.event_of("connect").await));
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_refused_more_and_delays_nobody() {
    let mut api = api(friendly).await;
    let _slow = api.connect().await.unwrap();
    let slow = api.event_of("connect").await["requestContext"]["connectionId"].take();
    let mut quick = api.connect().await.unwrap();
    let quick_id = api.event_of("connect").await["requestContext"]["connectionId"].take();

    let message = Bytes::from(vec![b'x'; 128 * 1024]);
    let mut posted = 0;
    let (status, error) = loop {
        match api.manage(Method::POST, slow.as_str().unwrap(), message.clone()) {
            (200, _) => posted += 1,
            refused => break refused,
        }
        // Lets the writer fill the kernel's buffers.
        tokio::task::yield_now().await;
        assert!(posted < 1_000, "a client that reads nothing is sent everything");
    };
    assert_eq!((status, error), (429, json!({ "message": "Too many messages wait" })));
    assert_eq!(api.manage(Method::POST, quick_id.as_str().unwrap(), "quick").0, 200);
    assert_eq!(quick.next().await, Message::text("quick"));
}
