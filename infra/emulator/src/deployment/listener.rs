//! The one address of a deployment.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// How many bytes may wait in the kernel for each client, of which Linux makes the
/// double. Left alone it takes megabytes, and a client that reads nothing would be
/// noticed only after these.
pub const SEND_BUFFER: u32 = 32 * 1024;

/// How many connections may wait to be accepted: as many as `TcpListener::bind` lets.
const BACKLOG: u32 = 1024;

/// A port of 127.0.0.1 on which nobody answers yet: clients wait.
#[derive(Debug)]
pub struct Listener {
    pub(super) listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Takes the port; 0 takes a free one.
    pub fn bind(port: u16) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // As `TcpListener::bind` does: on Windows it would let two runners share a port.
        socket.set_reuseaddr(cfg!(unix))?;
        // Accepted sockets inherit it.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        let listener = socket.listen(BACKLOG)?;
        Ok(Self { address: listener.local_addr()?, listener })
    }

    /// Where it is.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}
