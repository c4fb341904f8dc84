//! The room for messages that wait: of each client, and of all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of bytes that may wait for a client that does not read.
pub const OUTBOX_BYTES: usize = 1024 * 1024;
/// The number of bytes that may wait for all clients together before each has only its share.
const TOGETHER: usize = 32 * 1024 * 1024;
/// The number of bytes that may always wait for a client, whatever waits for others: a client that
/// reads is not refused messages because others do not read.
const SHARE: usize = 32 * 1024;

/// The bytes that wait for a client, and for all clients together.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    own: Arc<AtomicUsize>,
    together: Arc<AtomicUsize>,
}

/// The room of a message, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    bytes: usize,
    from: Room,
}

impl Room {
    /// Returns the room of a further client.
    pub(super) fn of_another(&self) -> Self {
        Self { own: Arc::default(), together: Arc::clone(&self.together) }
    }

    /// Takes room for a message of this size, if there is enough.
    pub(super) fn take(&self, bytes: usize) -> Option<Taken> {
        let own = self.own.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let together = self.together.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let taken = Taken { bytes, from: self.clone() };
        let most = if together > TOGETHER { SHARE } else { OUTBOX_BYTES };
        (own <= most).then_some(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.from.own.fetch_sub(self.bytes, Ordering::Relaxed);
        self.from.together.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: usize = 4 * 1024;

    fn fill(room: &Room) -> Vec<Taken> {
        std::iter::from_fn(|| room.take(MESSAGE)).collect()
    }

    #[test]
    fn a_client_alone_has_all_of_its_own_bound() {
        let room = Room::default();
        let held = fill(&room);
        assert_eq!(held.len() * MESSAGE, OUTBOX_BYTES);
        assert!(room.take(1).is_none());
        drop(held);
        assert!(room.take(OUTBOX_BYTES).is_some());
    }

    #[test]
    fn a_crowd_that_reads_nothing_leaves_each_its_share() {
        const CROWD: usize = 1_000;
        let all = Room::default();
        let held: Vec<_> = (0..CROWD).flat_map(|_| fill(&all.of_another())).collect();
        let together = held.len() * MESSAGE;
        assert!((TOGETHER..=TOGETHER + CROWD * SHARE).contains(&together), "{together}");
        assert_eq!(fill(&all.of_another()).len() * MESSAGE, SHARE);
        drop(held);
        assert_eq!(fill(&all.of_another()).len() * MESSAGE, OUTBOX_BYTES);
    }
}
