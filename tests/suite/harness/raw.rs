//! Requests as bytes, for what no HTTP client sends.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::DEADLINE;

/// A connection on which the bytes of requests are sent.
pub struct Raw(BufReader<TcpStream>);

impl Raw {
    /// Connects to the host and port of a URL.
    pub async fn connect(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap_or(url);
        Self(BufReader::new(TcpStream::connect(address).await.expect("a connection")))
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("an open connection");
    }

    /// Sends bytes, unless the other end has closed the connection; returns false if it has.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        timeout(DEADLINE, self.0.write_all(bytes)).await.expect("an end in time").is_ok()
    }

    /// Returns the status of the next response, or `None` if the connection ends instead.
    pub async fn status(&mut self) -> Option<u16> {
        let mut line = String::new();
        let read = timeout(DEADLINE, self.0.read_line(&mut line)).await.expect("an end in time");
        // A connection that is reset has ended too.
        read.ok()?;
        line.split(' ').nth(1)?.parse().ok()
    }

    /// Reads until this text has come.
    pub async fn until(&mut self, text: &str) {
        let mut read = Vec::new();
        let reading = async {
            while !read.ends_with(text.as_bytes()) {
                read.push(self.0.read_u8().await.expect("an open connection"));
            }
        };
        timeout(DEADLINE, reading).await.expect("the text in time");
    }
}
