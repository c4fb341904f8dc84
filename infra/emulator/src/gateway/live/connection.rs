//! An open connection, as the rest of the runner sees it: it accepts messages until it is full or
//! closed.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clock::Timestamp;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::room::{Room, Taken};

/// How long a connection may be idle.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const IDLE_LIMIT: Duration = Duration::from_mins(10);
/// How long a connection may stay open; from the same page.
const LIFE_LIMIT: Duration = Duration::from_hours(2);
/// The number of messages that may wait for a client that does not read.
pub const OUTBOX_MESSAGES: usize = 256;

/// The reason why a connection is closed, as in its close frame and `$disconnect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The status code of RFC 6455, section 7.4.
    pub code: u16,
    /// A short text; a close frame has room for 123 bytes.
    pub reason: String,
}

impl Closing {
    /// Creates a reason with the status code `code`.
    pub fn new(code: u16, reason: &str) -> Self {
        Self { code, reason: reason.to_owned() }
    }

    /// Returns code 1006: the connection broke without a close frame.
    pub fn abnormal() -> Self {
        Self::new(1006, "Connection closed abnormally")
    }

    /// Returns code 1001: the server closes the connection, not because of the client.
    pub fn going_away(reason: &str) -> Self {
        Self::new(1001, reason)
    }
}

/// An error that prevents posting a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostError {
    Gone,
    /// Too many messages or bytes are already waiting.
    Full,
}

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    pub id: String,
    pub connected_at: Timestamp,
    /// The client's address.
    pub client: IpAddr,
    pub user_agent: String,
    outbox: mpsc::Sender<Waiting>,
    room: Room,
    pong: Arc<Notify>,
    closing: watch::Sender<Option<Closing>>,
    opened: Instant,
    /// The time of the last use, in milliseconds since `opened`.
    used: AtomicU64,
}

/// The messages that wait for a connection's client.
pub(super) struct Outbox {
    messages: mpsc::Receiver<Waiting>,
    pong: Arc<Notify>,
}

/// A message that waits for a client.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) message: Message,
    /// Is to be kept until the message is written.
    pub(super) taken: Taken,
}

impl Connection {
    /// Creates a connection and its outbox. Its messages wait in `room`.
    pub(super) fn new(
        id: String,
        connected_at: Timestamp,
        client: IpAddr,
        user_agent: String,
        room: Room,
    ) -> (Self, Outbox) {
        let (outbox, messages) = mpsc::channel(OUTBOX_MESSAGES);
        let pong = Arc::new(Notify::new());
        let connection = Self {
            id,
            connected_at,
            client,
            user_agent,
            outbox,
            room,
            pong: Arc::clone(&pong),
            closing: watch::Sender::new(None),
            opened: Instant::now(),
            used: AtomicU64::new(0),
        };
        (connection, Outbox { messages, pong })
    }

    /// Queues a message for the client, without waiting.
    pub fn post(&self, data: Bytes) -> Result<(), PostError> {
        let taken = self.room.take(data.len()).ok_or(PostError::Full)?;
        let message = match Utf8Bytes::try_from(data.clone()) {
            Ok(text) => Message::Text(text),
            Err(_) => Message::Binary(data),
        };
        self.outbox.try_send(Waiting { message, taken }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => PostError::Full,
            mpsc::error::TrySendError::Closed(_) => PostError::Gone,
        })?;
        self.touch();
        Ok(())
    }

    /// Lets the writer send the reply to a ping, which waits in the socket's buffer. The reader
    /// tries to send it too, but does not notice that the client takes nothing.
    pub(super) fn owe_pong(&self) {
        self.pong.notify_one();
    }

    /// Asks for the connection to be closed. Waiting messages are still sent if the client reads
    /// them soon. The first call determines the reason.
    pub fn close(&self, closing: Closing) {
        self.closing.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert(closing);
            first
        });
    }

    /// Resolves with the reason once somebody has called `close`.
    pub(super) async fn closed(&self) -> Closing {
        let mut closing = self.closing.subscribe();
        let asked = closing.wait_for(Option::is_some).await.map(|asked| asked.clone());
        match asked {
            Ok(Some(asked)) => asked,
            // Unreachable: the wait ends with a value, and the sender lives as long as `self`.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// Records that the connection is in use.
    pub(super) fn touch(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.fetch_max(now, Ordering::Relaxed);
    }

    /// Resolves when the connection reaches its duration limit or idle limit.
    pub(super) async fn limit_reached(&self) -> Closing {
        let end = self.opened + LIFE_LIMIT;
        loop {
            let used = Duration::from_millis(self.used.load(Ordering::Relaxed));
            let idle = self.opened + used + IDLE_LIMIT;
            let now = Instant::now();
            if now >= end {
                return Closing::going_away("Connection duration limit reached");
            }
            if now >= idle {
                return Closing::going_away("Idle connection timeout");
            }
            sleep_until(idle.min(end)).await;
        }
    }

    /// Returns the time of the last use.
    pub fn last_active_at(&self) -> Timestamp {
        let seconds = i64::try_from(self.used.load(Ordering::Relaxed) / 1000).unwrap_or(0);
        self.connected_at.plus_seconds(seconds)
    }
}

impl Outbox {
    /// Waits for the next message; `None` when the connection is gone.
    pub(super) async fn next(&mut self) -> Option<Waiting> {
        self.messages.recv().await
    }

    /// Returns what notifies of a reply to a ping that is owed.
    pub(super) fn pong(&self) -> Arc<Notify> {
        Arc::clone(&self.pong)
    }

    /// Returns the next message if one is already waiting.
    pub(super) fn next_now(&mut self) -> Option<Waiting> {
        self.messages.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::super::OUTBOX_BYTES;
    use super::*;

    fn connection() -> (Connection, Outbox) {
        let at = Timestamp::from_epoch_seconds(0).unwrap();
        let client = Ipv4Addr::LOCALHOST.into();
        Connection::new("c".into(), at, client, String::new(), Room::default())
    }

    #[tokio::test]
    async fn what_waits_is_bounded_in_messages_and_bytes() {
        let (small, mut outbox) = connection();
        let post = |_: &usize| small.post(Bytes::from_static(b"x")).is_ok();
        let taken = (0..10_000).take_while(post).count();
        assert_eq!(taken, OUTBOX_MESSAGES);
        assert_eq!(small.post(Bytes::from_static(b"x")), Err(PostError::Full));
        assert!(outbox.next().await.is_some());
        assert_eq!(small.post(Bytes::from_static(b"x")), Ok(()));

        let (large, outbox) = connection();
        let message = Bytes::from(vec![b'x'; 128 * 1024]);
        let post = |_: &usize| large.post(message.clone()).is_ok();
        let taken = (0..10_000).take_while(post).count();
        assert_eq!(taken, OUTBOX_BYTES / message.len());
        drop(outbox);
        assert_eq!(small.post(Bytes::new()), Err(PostError::Full));
    }

    #[tokio::test]
    async fn a_connection_without_its_session_is_gone() {
        let (connection, outbox) = connection();
        drop(outbox);
        assert_eq!(connection.post(Bytes::new()), Err(PostError::Gone));
    }

    #[tokio::test]
    async fn who_closes_first_gives_the_reason() {
        let (connection, _outbox) = connection();
        connection.close(Closing::new(1000, "first"));
        connection.close(Closing::new(1001, "second"));
        assert_eq!(connection.closed().await, Closing::new(1000, "first"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_unused_connection_ends_after_ten_minutes_and_any_after_two_hours() {
        let (unused, _outbox) = connection();
        let start = Instant::now();
        assert_eq!(unused.limit_reached().await.reason, "Idle connection timeout");
        assert_eq!(start.elapsed(), IDLE_LIMIT);

        let (used, mut outbox) = connection();
        let start = Instant::now();
        let using = async {
            loop {
                tokio::time::sleep(IDLE_LIMIT / 2).await;
                used.post(Bytes::new()).unwrap();
                outbox.next().await;
            }
        };
        let closing = tokio::select! {
            closing = used.limit_reached() => closing,
            () = using => unreachable!(),
        };
        assert_eq!(closing.reason, "Connection duration limit reached");
        assert_eq!(start.elapsed(), LIFE_LIMIT);
    }
}
