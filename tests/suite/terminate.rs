//! SIGTERM: requests in flight finish, and each WebSocket is closed with a reason.

use emulator::dynamodb::Storage;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{App, Client, DEADLINE, Live, Process, order, people, stored};

/// A creation whose body the server has requested and not received yet.
struct InFlight {
    stream: BufReader<TcpStream>,
    body: String,
}

impl InFlight {
    async fn begin(address: &str, token: &str) -> Self {
        let body = order("m1", "c1").to_string();
        let length = body.len();
        let head = format!(
            "POST /orders HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\
             Expect: 100-continue\r\nConnection: close\r\n\r\n"
        );
        let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut interim = String::new();
        while !interim.ends_with("\r\n\r\n") {
            let read = timeout(DEADLINE, stream.read_line(&mut interim)).await;
            assert!(read.expect("an interim answer in time").unwrap() > 0, "{interim}");
        }
        assert!(interim.starts_with("HTTP/1.1 100 "), "{interim}");
        Self { stream, body }
    }

    /// Sends the body and returns the whole response.
    async fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut response = String::new();
        let read = timeout(DEADLINE, self.stream.read_to_string(&mut response)).await;
        read.expect("an answer in time").unwrap();
        response
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_requests_finish_and_closes_sockets_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = Process::serve(folder.path());
    let url = runner.http_url().await;
    let address = url.strip_prefix("http://").unwrap();
    let ops = Client::login(&url, &people::ops()).await;
    let live_url = format!("ws://{address}/live");
    let mut watching = Live::connect(&live_url, Some(ops.token())).await.unwrap();
    watching.subscribe("orders").await;
    let in_flight = InFlight::begin(address, ops.token()).await;

    runner.terminate();
    // From now on, new connections are refused.
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(DEADLINE, refused).await.expect("a closed port");
    let response = in_flight.finish().await;
    assert!(response.starts_with("HTTP/1.1 201 "), "{response}");

    let closed = loop {
        match watching.next_or_close().await {
            Ok(received) => assert_eq!(received["type"], "events"),
            Err(closed) => break closed,
        }
    };
    assert_eq!(closed, Some((1001, "The runner is stopping".to_owned())));
    drop(watching);
    assert_eq!(runner.end().await, (Some(0), String::new()));
    the_order_is_kept(&folder.path().join("dynamodb.sqlite"), &response).await;
}

async fn the_order_is_kept(file: &std::path::Path, response: &str) {
    let app = App::start_with(|options| {
        options.storage = Storage::File(file.to_owned());
        "waybill".clone_into(&mut options.stack);
    })
    .await;
    let body = response.rsplit("\r\n\r\n").next().unwrap();
    let created: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        stored::order_ids(&app).await.into_iter().map(|id| json!(id)).collect::<Vec<_>>(),
        [created["id"].clone()]
    );
    let kept = app.ops().await.order(created["id"].as_str().unwrap()).await.expect(200);
    assert_eq!(kept, created);
}
