//! The client that reads nothing, and the way it is disconnected.

use std::time::Duration;

use emulator::SEND_BUFFER;
use emulator::gateway::live::{LINGER, OUTBOX_BYTES, WRITE_TIMEOUT};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::CrowdError;
use super::client::Received;
use super::gathering::connect;
use crate::costs::client::Person;

/// The size of the receive buffer of the client that reads nothing, in bytes: as small as
/// possible, so that the buffer is soon full.
const RECEIVE_BUFFER: u32 = 4096;
/// The maximum number of sent bytes that the kernel holds: Linux doubles the buffer size that
/// either end requests. <https://man7.org/linux/man-pages/man7/socket.7.html>
const IN_SOCKETS: usize = 2 * (SEND_BUFFER + RECEIVE_BUFFER) as usize;
/// The maximum number of bytes that may wait for the client.
pub(super) const MOST_OWED: usize = OUTBOX_BYTES + IN_SOCKETS;
/// The maximum time from full sockets to the client's disconnection: the timeout of a write, the
/// wait for the reply to a close frame, and a second in which the client notices its end.
pub(super) const LONGEST: Duration =
    WRITE_TIMEOUT.saturating_add(LINGER).saturating_add(Duration::from_secs(1));

/// The outcome of the client that reads nothing.
#[derive(Clone, Debug)]
pub struct Stalled {
    /// The time from the start of the changes until the client was disconnected.
    pub closed: Option<Duration>,
    /// The time from the start of the changes until the client's sockets were certainly full.
    pub full: Option<Duration>,
    /// The number of bytes that another client had been sent by the time this one was
    /// disconnected.
    pub owed: usize,
}

impl Stalled {
    /// Returns the time that the client stayed connected with full sockets.
    pub fn after_full(&self) -> Option<Duration> {
        Some(self.closed?.saturating_sub(self.full?))
    }

    /// Returns true if the client was disconnected within the limits of bytes and of time.
    pub fn is_bounded(&self) -> bool {
        let in_time = self.after_full().is_none_or(|stay| stay <= LONGEST);
        self.closed.is_some() && in_time && self.owed <= MOST_OWED
    }
}

/// A connected client that reads nothing more.
pub(super) struct Stalling {
    task: JoinHandle<Option<Instant>>,
    stop: CancellationToken,
}

impl Stalling {
    /// Connects the client.
    pub(super) async fn begin(nobody: &Person, number: usize) -> Result<Self, CrowdError> {
        let client = connect(nobody, number, Some(RECEIVE_BUFFER)).await?;
        let stop = CancellationToken::new();
        Ok(Self { task: tokio::spawn(client.stall(stop.clone())), stop })
    }

    /// Waits until the client is disconnected, for at most `LONGEST`. `start` is the start of
    /// the changes, and `received` is what another client received.
    pub(super) async fn end(
        mut self,
        start: Instant,
        received: &Received,
    ) -> Result<Stalled, CrowdError> {
        let closed = if let Ok(closed) = timeout(LONGEST, &mut self.task).await {
            closed?
        } else {
            self.stop.cancel();
            self.task.await?
        };
        let mut stalled = Stalled { closed: closed.map(|at| at - start), full: None, owed: 0 };
        for (at, bytes) in &received.messages {
            if closed.is_some_and(|closed| *at > closed) {
                break;
            }
            stalled.owed += bytes;
            if stalled.owed > IN_SOCKETS {
                stalled.full.get_or_insert(*at - start);
            }
        }
        Ok(stalled)
    }
}
