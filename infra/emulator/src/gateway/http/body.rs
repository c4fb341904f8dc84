//! The bodies of requests: how large, how slow, and how many at once.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Refusal;

/// The time in which a body must have arrived.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The bounds of bodies: of each, and of all that are held at once, in bytes. Clones share the
/// latter.
#[derive(Clone, Debug)]
pub(crate) struct Bodies {
    largest: usize,
    room: Arc<Semaphore>,
}

/// A body that has arrived. It counts against the bound until it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) bytes: Bytes,
    pub(super) room: OwnedSemaphorePermit,
}

impl Bodies {
    pub(super) fn new(largest: usize, together: usize) -> Self {
        Self { largest, room: Arc::new(Semaphore::new(together)) }
    }

    /// Reads a body to its end.
    pub(crate) async fn read(&self, body: Body) -> Result<Held, Refusal> {
        if usize::try_from(body.size_hint().lower()).is_ok_and(|size| size <= self.largest) {
            timeout(BODY_TIMEOUT, self.gather(body)).await.unwrap_or(Err(Refusal::BodyTooSlow))
        } else {
            Err(Refusal::BodyTooLarge)
        }
    }

    async fn gather(&self, body: Body) -> Result<Held, Refusal> {
        let (mut bytes, mut room) = (Vec::new(), self.reserve(0)?);
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refusal::BadRequest)?;
            if bytes.len() + chunk.len() > self.largest {
                return Err(Refusal::BodyTooLarge);
            }
            room.merge(self.reserve(chunk.len())?);
            bytes.extend_from_slice(&chunk);
        }
        Ok(Held { bytes: bytes.into(), room })
    }

    /// Does not wait: bodies that each wait for the others' room would all be too slow.
    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::BodyTooLarge)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(bytes);
        room.map_err(|_| Refusal::Throttled)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use tokio::time::Instant;

    use super::*;

    /// Returns a body that begins with `size` bytes and does not end.
    fn endless(size: usize) -> Body {
        let begin = stream::iter([Ok::<_, Infallible>(Bytes::from(vec![b'x'; size]))]);
        Body::from_stream(begin.chain(stream::pending()))
    }

    fn whole(size: usize) -> Body {
        Body::from(vec![b'x'; size])
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_the_bound() {
        let bodies = Bodies::new(10, 100);
        assert_eq!(bodies.read(whole(0)).await.unwrap().bytes, "");
        assert_eq!(bodies.read(whole(10)).await.unwrap().bytes, "xxxxxxxxxx");
        // Declared, and found out.
        assert_eq!(bodies.read(whole(11)).await.unwrap_err(), Refusal::BodyTooLarge);
        assert_eq!(bodies.read(endless(11)).await.unwrap_err(), Refusal::BodyTooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_arriving_is_given_up() {
        let bodies = Bodies::new(10, 10);
        let start = Instant::now();
        assert_eq!(bodies.read(endless(10)).await.unwrap_err(), Refusal::BodyTooSlow);
        assert_eq!(start.elapsed(), BODY_TIMEOUT);
        // Its room is free again.
        bodies.read(whole(10)).await.unwrap();
    }

    #[tokio::test]
    async fn bodies_that_are_held_leave_no_room_for_more() {
        let bodies = Bodies::new(10, 25);
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push(bodies.read(whole(10)).await.unwrap());
        }
        assert_eq!(bodies.read(whole(10)).await.unwrap_err(), Refusal::Throttled);
        held.push(bodies.read(whole(5)).await.unwrap());
        assert_eq!(bodies.read(whole(1)).await.unwrap_err(), Refusal::Throttled);
        held.pop();
        bodies.read(whole(1)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_on_their_way_leave_no_room_for_more() {
        let bodies = Bodies::new(10, 15);
        let arriving = bodies.clone();
        let arriving = tokio::spawn(async move { arriving.read(endless(10)).await.map(|_| ()) });
        tokio::task::yield_now().await;
        assert_eq!(bodies.read(whole(10)).await.unwrap_err(), Refusal::Throttled);
        assert_eq!(arriving.await.unwrap(), Err(Refusal::BodyTooSlow));
        bodies.read(whole(10)).await.unwrap();
    }
}
