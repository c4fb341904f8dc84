//! The address of a deployment.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// The kernel's send buffer for each client, in bytes; Linux doubles it. The default grows to
/// megabytes, and a client that does not read would be noticed only after these have filled up.
pub const SEND_BUFFER: u32 = 32 * 1024;

/// The number of connections that may wait to be accepted, as in `TcpListener::bind`.
const BACKLOG: u32 = 1024;

/// A port of 127.0.0.1 that is bound but not served yet: clients that connect wait.
#[derive(Debug)]
pub struct Listener {
    pub(super) listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds the port; 0 chooses a free one.
    pub fn bind(port: u16) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // As `TcpListener::bind` does. On Windows it would let two runners share a port.
        socket.set_reuseaddr(cfg!(unix))?;
        // Accepted sockets inherit it.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        let listener = socket.listen(BACKLOG)?;
        Ok(Self { address: listener.local_addr()?, listener })
    }

    /// Returns the bound address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}
