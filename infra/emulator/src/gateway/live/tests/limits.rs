//! The limits that end a connection.

use super::*;

/// Advances the clock at once; nothing may be in flight.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_connection_is_closed_after_ten_idle_minutes() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    for _ in 0..2 {
        pass(Duration::from_mins(9)).await;
        client.send(Message::text("in use")).await;
        assert_eq!(client.next().await, Message::text("in use"));
    }
    pass(Duration::from_mins(10)).await;
    assert_eq!(client.closed().await, Some((1001, "Idle connection timeout".to_owned())));
    let ended = |event: &Value| event["requestContext"]["disconnectStatusCode"] == 1001;
    assert!(ended(&api.end().await));
}

#[tokio::test]
async fn a_connection_is_closed_after_two_hours_in_use() {
    let api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    for _ in 0..14 {
        pass(Duration::from_mins(8)).await;
        client.send(Message::text("in use")).await;
        assert_eq!(client.next().await, Message::text("in use"));
    }
    pass(Duration::from_mins(8)).await;
    let closed = client.closed().await;
    assert_eq!(closed, Some((1001, "Connection duration limit reached".to_owned())));
}

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
    for frame in [
        fragment(Data::Text, false),
        fragment(Data::Continue, false),
        fragment(Data::Continue, false),
        fragment(Data::Continue, true),
    ] {
        client.send(Message::Frame(frame)).await;
    }
    assert_eq!(client.next().await.len(), 128 * 1024);
    client.send(Message::Frame(fragment(Data::Text, false))).await;
    for _ in 0..4 {
        client.send(Message::Frame(fragment(Data::Continue, false))).await;
    }
    assert_eq!(client.closed().await.unwrap().0, 1009);
    for _ in 0..2 {
        assert_eq!(api.end().await["requestContext"]["disconnectStatusCode"], 1009);
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
    assert_eq!((status, error), (429, json!({ "message": "Too many messages waiting" })));
    assert_eq!(api.manage(Method::POST, quick_id.as_str().unwrap(), "quick").0, 200);
    assert_eq!(quick.next().await, Message::text("quick"));
}

#[tokio::test]
async fn a_client_that_only_pings_is_closed_with_1008() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    let mut other = api.connect().await.unwrap();
    // More than a burst, while nothing is read.
    for _ in 0..300 {
        // Fails once the connection is closed.
        let _ = client.0.send(Message::Ping(Bytes::from_static(b"ping"))).await;
    }
    other.send(Message::text("meanwhile")).await;
    assert_eq!(other.next().await, Message::text("meanwhile"));
    let mut pongs = 0;
    let closed = loop {
        match client.next().await {
            Message::Pong(_) => pongs += 1,
            Message::Close(frame) => break frame.map(|it| (it.code.into(), it.reason.to_string())),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(closed, Some((1008, "Too many pings".to_owned())));
    assert!(pongs >= 1, "no ping was answered");
    assert_eq!(api.end().await["requestContext"]["disconnectStatusCode"], 1008);
}

#[tokio::test]
async fn a_client_that_pings_now_and_then_stays() {
    let api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    for _ in 0..300 {
        pass(Duration::from_millis(50)).await;
        client.send(Message::Ping(Bytes::from_static(b"ping"))).await;
        assert_eq!(client.next().await, Message::Pong(Bytes::from_static(b"ping")));
    }
}

#[tokio::test]
async fn requests_beyond_the_quota_of_the_account_are_throttled() {
    // A handshake and a message.
    let account = Account { requests: Some(4), ..Account::default() };
    let api = api_in(&account, friendly).await;
    let mut client = api.connect().await.unwrap();
    for _ in 0..3 {
        client.send(Message::text("again")).await;
    }
    assert_eq!(client.next().await, Message::text("again"));
    assert_eq!(client.next_json().await["message"], "Too Many Requests");
    assert_eq!(api.refusal().await.0, StatusCode::TOO_MANY_REQUESTS);
}

/// Two messages whose function waits for the other: they are processed at once.
#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_connection_are_processed_at_once_where_the_account_does() {
    fn meet(name: &str, event: &Value) -> Result<Value, &'static str> {
        static MEETING: std::sync::Barrier = std::sync::Barrier::new(2);
        if name == "message" {
            tokio::task::block_in_place(|| MEETING.wait());
        }
        friendly(name, event)
    }
    let account = Account { messages_at_once: 2, ..Account::default() };
    let mut client = api_in(&account, meet).await.connect().await.unwrap();
    for _ in 0..2 {
        client.send(Message::text("met")).await;
    }
    for _ in 0..2 {
        assert_eq!(client.next().await, Message::text("met"));
    }
}
