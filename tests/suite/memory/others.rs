//! The clients that do their worst.

use futures_util::future::join_all;

use super::scene::Scene;
use crate::harness::Raw;

impl Scene {
    /// Opens connections that each begin with these bytes.
    pub async fn connections(&self, count: usize, first: &[u8]) -> Vec<Raw> {
        let mut connections = Vec::new();
        for _ in 0..count {
            let mut connection = Raw::connect(self.url()).await;
            connection.try_send(first).await;
            connections.push(connection);
        }
        connections
    }

    /// Opens connections of the WebSocket API.
    pub async fn sockets(&self, count: usize) -> Vec<Raw> {
        let mut sockets = Vec::new();
        // Fewer at once than the bound of handshakes.
        while sockets.len() < count {
            let next = (count - sockets.len()).min(500);
            let mut next = self.connections(next, self.handshake().as_bytes()).await;
            for socket in &mut next {
                assert_eq!(socket.status().await, Some(101));
            }
            sockets.extend(next);
        }
        sockets
    }

    pub fn handshake(&self) -> String {
        format!(
            "GET /live HTTP/1.1\r\n{}Connection: upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.headers()
        )
    }

    /// Returns the head of a request with a body of `length` bytes.
    pub fn post(&self, path: &str, length: usize) -> Vec<u8> {
        let headers = self.headers();
        format!(
            "POST {path} HTTP/1.1\r\n{headers}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n"
        )
        .into_bytes()
    }

    pub fn headers(&self) -> String {
        let host = self.url().trim_start_matches("http://");
        format!("Host: {host}\r\nAuthorization: Bearer {}\r\n", self.client().token())
    }
}

/// Sends the same bytes on each connection, until its other end has closed it.
pub async fn send_all(connections: &mut [Raw], times: usize, bytes: &[u8]) {
    let sending = connections.iter_mut().map(async |connection| {
        for _ in 0..times {
            if !connection.try_send(bytes).await {
                break;
            }
        }
    });
    join_all(sending).await;
}

pub const TEXT: u8 = 0x81;
pub const UNFINISHED_TEXT: u8 = 0x01;
pub const UNFINISHED_CONTINUATION: u8 = 0x00;
pub const PING: u8 = 0x89;

/// Returns a masked frame (RFC 6455, 5.2).
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u64::try_from(payload.len()).expect("64 bits");
    [&begin(first, length), payload].concat()
}

/// Returns the beginning of a frame, up to its payload. The mask changes nothing.
pub fn begin(first: u8, length: u64) -> Vec<u8> {
    let begin = match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..=125), _) => vec![first, 0x80 | length],
        (_, Ok(length)) => [&[first, 0xfe][..], &length.to_be_bytes()].concat(),
        _ => [&[first, 0xff][..], &length.to_be_bytes()].concat(),
    };
    [&begin[..], &[0; 4]].concat()
}
