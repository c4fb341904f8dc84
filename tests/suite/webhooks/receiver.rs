//! A server that receives messages.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clock::{Clock, Timestamp};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::harness::eventually;

/// The answer of a receiver to one request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// A status, with further header lines.
    Status(u16, &'static str),
    /// A status after a time.
    Late(u16, Duration),
    /// A head, and then a body that never ends.
    Endless,
}

/// A message as it was received.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The machine's time at the end of the request's head.
    pub(super) at: Timestamp,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }

    pub(super) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Verifies the signature with an independent library, at the time of the attempt.
    pub(super) fn verified_by(&self, secret: &str) -> bool {
        let verifier = standardwebhooks::Webhook::new(secret).expect("a secret");
        let timestamp = self.header("webhook-timestamp").parse().expect("seconds");
        let signature = verifier.sign(self.id(), timestamp, &self.body).expect("a signature");
        self.header("webhook-signature").split(' ').any(|it| it == signature)
    }
}

/// A receiver on a port of its own. Clones are the same receiver.
#[derive(Clone)]
pub(super) struct Receiver {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    /// The next answers; afterwards, 204.
    answers: VecDeque<Answer>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let receiver = Self { url, state: Arc::default() };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket));
            }
        });
        receiver
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Answers the next requests in this way, in order.
    pub(super) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().expect("a lock").answers.extend(answers);
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.state.lock().expect("a lock").received.clone()
    }

    /// Waits until it has received so many messages, and returns them all.
    pub(super) async fn messages(&self, count: usize) -> Vec<Received> {
        eventually("enough messages", async || self.received().len() >= count).await;
        self.received()
    }

    /// Serves the requests of one connection.
    async fn serve(self, mut socket: TcpStream) {
        while let Some(received) = read(&mut socket).await {
            let answer = {
                let mut state = self.state.lock().expect("a lock");
                state.received.push(received);
                state.answers.pop_front().unwrap_or(Answer::Status(204, ""))
            };
            if respond(&mut socket, answer).await.is_err() {
                return;
            }
        }
    }
}

async fn read(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let (headers, body) = (headers.collect(), bytes.split_off(end + 4));
    let mut received = Received { headers, body, at: Clock::system().now() };
    let length: usize = received.header("content-length").parse().unwrap_or(0);
    while received.body.len() < length {
        socket.read_buf(&mut received.body).await.ok()?;
    }
    Some(received)
}

async fn respond(socket: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    let plain = |status, headers| {
        format!("HTTP/1.1 {status} Status\r\n{headers}content-length: 2\r\n\r\nok")
    };
    match answer {
        // A response with this status has no body.
        Answer::Status(204, headers) => {
            socket.write_all(format!("HTTP/1.1 204 No Content\r\n{headers}\r\n").as_bytes()).await
        }
        Answer::Status(status, headers) => {
            socket.write_all(plain(status, headers).as_bytes()).await
        }
        Answer::Late(status, time) => {
            // Unless the client goes away before.
            if timeout(time, socket.read_u8()).await.is_ok() {
                return Ok(());
            }
            socket.write_all(plain(status, "").as_bytes()).await
        }
        Answer::Endless => {
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            socket.write_all(head).await?;
            loop {
                socket.write_all(b"4\r\nmore\r\n").await?;
                yield_now().await;
            }
        }
    }
}
