//! The client that reads nothing, and what becomes of it.

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

/// How much the kernel may take for the client that reads nothing, in bytes: as
/// little as can be had, so that it soon takes no more.
const RECEIVE_BUFFER: u32 = 4096;
/// How many bytes the kernel may hold of what was sent: Linux doubles what either
/// end asks for. <https://man7.org/linux/man-pages/man7/socket.7.html>
const IN_SOCKETS: usize = 2 * (SEND_BUFFER + RECEIVE_BUFFER) as usize;
/// The most bytes that may be owed to it.
pub(super) const MOST_OWED: usize = OUTBOX_BYTES + IN_SOCKETS;
/// How long it may stay when its sockets are full: as long as a write may take and
/// a farewell, and a second in which it learns of its end.
pub(super) const LONGEST: Duration =
    WRITE_TIMEOUT.saturating_add(LINGER).saturating_add(Duration::from_secs(1));

/// The outcome of the client that reads nothing.
#[derive(Clone, Debug)]
pub struct Stalled {
    /// How long after the changes began it was closed.
    pub closed: Option<Duration>,
    /// How long after the changes began its sockets could hold no more for sure.
    pub full: Option<Duration>,
    /// How many bytes had been sent to each of the others by its end.
    pub owed: usize,
}

impl Stalled {
    /// How long it stayed when its sockets were full.
    pub fn after_full(&self) -> Option<Duration> {
        Some(self.closed?.saturating_sub(self.full?))
    }

    /// Whether it was closed within the bound of bytes and within that of time.
    pub fn is_bounded(&self) -> bool {
        let in_time = self.after_full().is_none_or(|stay| stay <= LONGEST);
        self.closed.is_some() && in_time && self.owed <= MOST_OWED
    }
}

/// A client that will read nothing more.
pub(super) struct Stalling {
    task: JoinHandle<Option<Instant>>,
    stop: CancellationToken,
}

impl Stalling {
    /// Connects it.
    pub(super) async fn begin(nobody: &Person, number: usize) -> Result<Self, CrowdError> {
        let client = connect(nobody, number, Some(RECEIVE_BUFFER)).await?;
        let stop = CancellationToken::new();
        Ok(Self { task: tokio::spawn(client.stall(stop.clone())), stop })
    }

    /// Waits for its end, as long as that may take, after changes from `start` on
    /// of which another client was sent `received`.
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
