//! The WebSocket of a connection: its limits, its writer, its end.

use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::connection::{Closing, Outbox};

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
/// Enough for the short messages that clients send; the buffer grows for longer ones.
const BUFFER: usize = 8 * 1024;

pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;
pub(super) type Reader = SplitStream<Socket>;
type Writer = SplitSink<Socket, Message>;

/// Creates the server's end of the socket, with API Gateway's limits.
pub(super) async fn open(upgraded: Upgraded) -> Socket {
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(Some(FRAME_LIMIT))
        .max_message_size(Some(MESSAGE_LIMIT));
    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await
}

/// Sends the messages in `outbox` until `end` resolves with the reason to close, or the client
/// accepts no more. The close frame is sent after the messages that were already waiting.
pub(super) async fn write(
    mut writer: Writer,
    mut outbox: Outbox,
    mut end: oneshot::Receiver<Closing>,
) -> Writer {
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
        };
        let Some(message) = message else { return writer };
        match timeout(WRITE_TIMEOUT, send(&mut writer, message, &mut outbox)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return writer,
        }
    }
}

/// Sends a message and, in the same packets, the ones that wait behind it.
async fn send(writer: &mut Writer, first: Message, outbox: &mut Outbox) -> Result<(), Error> {
    writer.feed(first).await?;
    while let Some(message) = outbox.next_now() {
        writer.feed(message).await?;
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

/// Waits for the client's reply to the close frame. If a frame was rejected, no reply can be
/// parsed; the rest is then read as bytes, because a socket that is dropped with unread data is
/// reset and its close frame is lost.
pub(super) async fn linger(reader: Reader, writer: Writer) {
    let Ok(mut socket) = reader.reunite(writer) else { return };
    let farewell = async {
        loop {
            match socket.next().await {
                Some(Ok(_)) => {}
                None | Some(Err(Error::ConnectionClosed | Error::Io(_))) => return,
                Some(Err(_)) => break,
            }
        }
        let stream = socket.get_mut();
        let mut rest = [0; 4096];
        if stream.shutdown().await.is_ok() {
            while matches!(stream.read(&mut rest).await, Ok(1..)) {}
        }
    };
    // A client that does not close in time is dropped.
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
