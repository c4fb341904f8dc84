//! The WebSocket of a connection: its limits, its writer, its end.

use std::time::Duration;

use futures_util::SinkExt;
use futures_util::stream::{SplitSink, SplitStream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::connection::{Closing, Outbox, Waiting};

/// "If a larger message (or larger frame size) is received, the connection is closed
/// with code 1009."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const FRAME_LIMIT: usize = 32 * 1024;
/// From the same page.
const MESSAGE_LIMIT: usize = 128 * 1024;
/// A client that has not accepted the waiting messages by then is disconnected.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to reply to a close frame.
pub const LINGER: Duration = Duration::from_secs(1);
/// The bytes that a client may still send before its reply.
const LINGER_BYTES: u64 = 512 * 1024;
/// Enough for the short messages that clients send; the buffer grows for longer ones.
const BUFFER: usize = 8 * 1024;
/// The most that waits to be written: a message, and the replies to the pings that a client may
/// send meanwhile. More ends the connection.
const WRITE_LIMIT: usize = 2 * MESSAGE_LIMIT;

pub(super) type Socket<S = TokioIo<Upgraded>> = WebSocketStream<S>;
pub(super) type Reader = SplitStream<Socket>;
type Writer<S = TokioIo<Upgraded>> = SplitSink<Socket<S>, Message>;

/// Creates the server's end of the socket, with API Gateway's limits.
pub(super) async fn open(upgraded: Upgraded) -> Socket {
    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config())).await
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(WRITE_LIMIT)
        .max_frame_size(Some(FRAME_LIMIT))
        .max_message_size(Some(MESSAGE_LIMIT))
}

/// Sends the messages in `outbox` until `end` resolves with the reason to close, or the client
/// accepts no more. The close frame is sent after the messages that were already waiting.
pub(super) async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    mut writer: Writer<S>,
    mut outbox: Outbox,
    mut end: oneshot::Receiver<Closing>,
) -> Writer<S> {
    let pong = outbox.pong();
    loop {
        let message = tokio::select! {
            biased;
            message = outbox.next() => message,
            end = &mut end => {
                if let Ok(closing) = end {
                    // Nothing can be done if the client no longer receives it.
                    let _ = timeout(WRITE_TIMEOUT, writer.send(close_frame(&closing))).await;
                }
                return writer;
            }
            () = pong.notified() => match timeout(WRITE_TIMEOUT, writer.flush()).await {
                Ok(Ok(())) => continue,
                Ok(Err(_)) | Err(_) => return writer,
            }
        };
        let Some(message) = message else { return writer };
        match timeout(WRITE_TIMEOUT, send(&mut writer, message, &mut outbox)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return writer,
        }
    }
}

/// Sends a message and, in the same packets, the ones that wait behind it, up to a full buffer.
/// Until all are written they count as waiting.
async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    writer: &mut Writer<S>,
    first: Waiting,
    outbox: &mut Outbox,
) -> Result<(), Error> {
    let (mut length, mut taken) = (first.message.len(), vec![first.taken]);
    writer.feed(first.message).await?;
    while length < BUFFER
        && let Some(next) = outbox.next_now()
    {
        length += next.message.len();
        taken.push(next.taken);
        writer.feed(next.message).await?;
    }
    writer.flush().await
}

fn close_frame(closing: &Closing) -> Message {
    // 1005 and 1006 mean that there was no frame; no frame may contain them (RFC 6455, 7.4.1).
    let reason = Utf8Bytes::from(closing.reason.as_str());
    let frame = (!matches!(closing.code, 1005 | 1006))
        .then(|| CloseFrame { code: closing.code.into(), reason });
    Message::Close(frame)
}

/// Waits for the client to reply to the close frame and to end the connection. Its further bytes
/// are not parsed, because they may be a flood, but read, because a socket that is dropped with
/// unread data is reset and its close frame is lost.
pub(super) async fn linger(reader: Reader, writer: Writer) {
    let Ok(mut socket) = reader.reunite(writer) else { return };
    let stream = socket.get_mut();
    let farewell = async {
        if stream.shutdown().await.is_ok() {
            // A client that sends more, or does not end, is dropped.
            let _ = copy(&mut stream.take(LINGER_BYTES), &mut sink()).await;
        }
    };
    let _ = timeout(LINGER, farewell).await;
}

/// Returns the reason of the end, from the last message or error of the reader.
pub(super) fn ended(last: Option<Result<Message, Error>>) -> Closing {
    match last {
        Some(Ok(Message::Close(Some(frame)))) => {
            Closing::new(frame.code.into(), frame.reason.as_str())
        }
        Some(Ok(Message::Close(None))) => {
            Closing::new(1005, "Client-side close frame status not set")
        }
        Some(Err(Error::Capacity(_))) => Closing::new(1009, "Message too long"),
        Some(Err(Error::Utf8(_))) => Closing::new(1007, "Text is not UTF-8"),
        Some(Err(Error::Protocol(_))) => Closing::new(1002, "Not the WebSocket protocol"),
        Some(_) | None => Closing::abnormal(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use clock::Timestamp;
    use futures_util::StreamExt;
    use tokio::io::duplex;
    use tokio::time::Instant;

    use super::*;
    use crate::gateway::live::Connection;
    use crate::gateway::live::room::Room;

    /// A masked ping with a payload of 125 bytes, which is the most (RFC 6455, 5.5).
    const PING: [u8; 131] = {
        let mut ping = [0; 131];
        (ping[0], ping[1]) = (0x89, 0xfd);
        ping
    };

    #[tokio::test(start_paused = true)]
    async fn a_client_that_pings_and_takes_no_pong_is_lost_within_the_time_of_a_write() {
        let (server, mut client) = duplex(4 * 1024);
        let socket = WebSocketStream::from_raw_socket(server, Role::Server, Some(config())).await;
        let (writer, mut reader) = socket.split();
        let at = Timestamp::from_epoch_seconds(0).unwrap();
        let client_ip = Ipv4Addr::LOCALHOST.into();
        let (connection, outbox) =
            Connection::new("c".into(), at, client_ip, String::new(), Room::default());
        let connection = Arc::new(connection);
        let (_end, ended) = oneshot::channel();
        let writing = tokio::spawn(write(writer, outbox, ended));
        let reading = tokio::spawn(async move {
            while let Some(Ok(Message::Ping(_))) = reader.next().await {
                connection.owe_pong();
            }
        });
        let start = Instant::now();
        // Enough for pongs that fill the socket, and far less than fills the buffer.
        for _ in 0..100 {
            client.write_all(&PING).await.unwrap();
        }
        drop(timeout(2 * WRITE_TIMEOUT, writing).await.unwrap().unwrap());
        assert_eq!(start.elapsed(), WRITE_TIMEOUT);
        drop(client);
        reading.await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_to_be_written_is_bounded() {
        let (server, mut client) = duplex(64 * 1024);
        let mut socket =
            WebSocketStream::from_raw_socket(server, Role::Server, Some(config())).await;
        let pinging = tokio::spawn(async move {
            // The replies are fifteen times as long as the buffer.
            for _ in 0..15 * WRITE_LIMIT / PING.len() {
                client.write_all(&PING).await.unwrap();
            }
            client
        });
        while !pinging.is_finished() {
            assert!(matches!(socket.next().await, Some(Ok(Message::Ping(_)))));
        }
        // A further message finds the buffer full, and its error ends the connection.
        let message = Message::text("x".repeat(1024));
        assert!(matches!(socket.feed(message).await, Err(Error::WriteBufferFull(_))));
    }
}
