//! The WebSocket under a connection: its limits, its writer, its end.

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
/// A client that has not taken by then what waits for it is given up.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to answer a close frame.
pub const LINGER: Duration = Duration::from_secs(1);
/// Enough for the short messages that clients send; longer ones grow it.
const BUFFER: usize = 8 * 1024;

pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;
pub(super) type Reader = SplitStream<Socket>;
type Writer = SplitSink<Socket, Message>;

/// A server's end of the socket, with API Gateway's limits.
pub(super) async fn open(upgraded: Upgraded) -> Socket {
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(Some(FRAME_LIMIT))
        .max_message_size(Some(MESSAGE_LIMIT));
    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await
}

/// Sends what comes into `outbox` until `end` says how to close, or the client
/// takes nothing any more. The closing frame comes after what waited before it.
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
                    // Whether the client still hears it is no longer ours to know.
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

/// Sends a message and, in the same packets, what waits behind it.
async fn send(writer: &mut Writer, first: Message, outbox: &mut Outbox) -> Result<(), Error> {
    writer.feed(first).await?;
    while let Some(message) = outbox.next_now() {
        writer.feed(message).await?;
    }
    writer.flush().await
}

fn close_frame(closing: &Closing) -> Message {
    // 1005 and 1006 say that there was no frame; none can say so (RFC 6455, 7.4.1).
    let reason = Utf8Bytes::from(closing.reason.as_str());
    let frame = (!matches!(closing.code, 1005 | 1006))
        .then(|| CloseFrame { code: closing.code.into(), reason });
    Message::Close(frame)
}

/// Hears the client's answer to the close frame. After a frame that was refused
/// there is none to be read; then the rest is read as bytes, since a socket that
/// is dropped with unread data is reset and takes its close frame with it.
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
    // A client that does not part is left.
    let _ = timeout(LINGER, farewell).await;
}

/// What the end of reading says about the client.
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
