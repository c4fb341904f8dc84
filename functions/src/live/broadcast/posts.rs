//! Posts a batch's messages, and closes the connections that cannot be reached.
//!
//! API Gateway returns 429 both when the account's quota is used up and when the client's own
//! buffer is full. A second request tells them apart: it asks for the connection, which takes from
//! the quota but needs no room in the buffer. If it is throttled too, the lane slows down and tries
//! again: a healthy client must not be closed, because its return would cost several requests more.
//! Otherwise the connection failed alone, and is closed after a few such failures.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::vec::IntoIter;

use clock::Timestamp;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::time::{Instant, sleep, timeout};

use super::lane::{Lane, TimeIsUp};
use super::turns::{FirstTurn, Turns};
use super::{Broadcast, Content, POSTS, Push};
use crate::live::{ConnectionError, Ending, Frame};

/// The number of failures, while API Gateway answers for the connection and the account is not
/// throttled, after which it is closed.
pub const STRIKES: u32 = 4;

/// The time limit of deleting a connection and its subscriptions.
const FORGETTING: Duration = Duration::from_secs(2);

/// The delay before connections are tried again: the first of these, doubled with each round up to
/// the second, less up to a half at random.
const PAUSE: (Duration, Duration) = (Duration::from_millis(25), Duration::from_secs(2));

/// The delivery of one batch.
pub(super) struct Delivery {
    pub(super) broadcast: Arc<Broadcast>,
    pub(super) lane: Arc<Lane>,
    /// The time after which nothing more is posted.
    pub(super) until: Option<Timestamp>,
    /// The same, for waits.
    pub(super) last_turn: Option<Instant>,
    pub(super) first_turn: FirstTurn,
    pub(super) counts: Counts,
}

/// The requests of a delivery.
#[derive(Debug, Default)]
pub(super) struct Counts {
    posts: AtomicUsize,
    /// The messages that were accepted.
    served: AtomicUsize,
    throttled: AtomicUsize,
    closed: AtomicUsize,
}

/// The messages that a connection does not have yet.
struct Pending<C> {
    push: Push<C>,
    /// The messages in order; `None` before the first attempt.
    messages: Option<VecDeque<Frame>>,
    /// The failures for which only the connection can be the cause.
    strikes: u32,
    /// The number of messages that had been accepted at its last failure.
    accepted: usize,
}

/// The state of a connection after an attempt.
enum After<C> {
    Done,
    /// It is tried again.
    Again(Pending<C>),
    /// It cannot be served by this invocation.
    Left(Push<C>),
}

/// The decision about a connection after a post.
enum Verdict {
    Delivered,
    Again,
    /// There is no time left for it.
    TimeIsUp,
    /// The connection is closed, unless it is gone, and forgotten.
    End {
        is_gone: bool,
    },
}

impl Delivery {
    /// Posts to connections until all are done or the time is up. Returns those that are left.
    /// Each round tries all of them, so that one that fails delays no other.
    pub(super) async fn deliver<C: Content>(
        self: Arc<Self>,
        Turns { first, later }: Turns<Push<C>>,
    ) -> Vec<Push<C>> {
        let first =
            stream::iter(first).map(|push| Arc::clone(&self).first_attempt(push).left_future());
        let later = stream::once(self.after_the_first(later)).flatten();
        let later = later.map(|push| Arc::clone(&self).attempt(Pending::new(push)).right_future());
        let (mut left, mut pending) = round(first.chain(later)).await;
        let mut rounds = 0;
        while !pending.is_empty() {
            sleep(pause(rounds)).await;
            let attempts = stream::iter(pending).map(|pending| Arc::clone(&self).attempt(pending));
            let (also_left, again) = round(attempts).await;
            left.extend(also_left);
            pending = again;
            rounds += 1;
        }
        left
    }

    /// Waits until the posts of later turns may be made.
    async fn after_the_first<C>(&self, later: Vec<Push<C>>) -> stream::Iter<IntoIter<Push<C>>> {
        if !later.is_empty() {
            self.first_turn.over().await;
        }
        stream::iter(later)
    }

    async fn first_attempt<C: Content>(self: Arc<Self>, push: Push<C>) -> After<C> {
        let after = Arc::clone(&self).attempt(Pending::new(push)).await;
        self.first_turn.done();
        after
    }

    async fn attempt<C: Content>(self: Arc<Self>, mut pending: Pending<C>) -> After<C> {
        let now = self.broadcast.clock.now();
        if self.until.is_some_and(|until| until <= now) {
            return After::Left(pending.push);
        }
        let is_expired = pending.push.subscriber.expires_at <= now;
        if is_expired {
            pending.messages = Some([Frame::Closing { reason: Ending::TokenExpired }].into());
        }
        let verdict = match self.post(&mut pending).await {
            Err(TimeIsUp) => Verdict::TimeIsUp,
            Ok(Ok(())) if is_expired => Verdict::End { is_gone: false },
            Ok(Ok(())) => Verdict::Delivered,
            Ok(Err(ConnectionError::Gone)) => Verdict::End { is_gone: true },
            Ok(Err(_)) if is_expired => Verdict::End { is_gone: false },
            Ok(Err(error)) => self.judge(&mut pending, &error).await,
        };
        match verdict {
            Verdict::Delivered => After::Done,
            Verdict::Again => After::Again(pending),
            Verdict::TimeIsUp => After::Left(pending.push),
            Verdict::End { is_gone } => self.end(pending.push, is_gone).await,
        }
    }

    /// Posts the messages of a connection that it does not have yet.
    async fn post<C: Content>(
        &self,
        pending: &mut Pending<C>,
    ) -> Result<Result<(), ConnectionError>, TimeIsUp> {
        let Pending { push, messages, .. } = pending;
        let messages = messages.get_or_insert_with(|| push.content.frames().into());
        while let Some(message) = messages.front() {
            self.lane.turn(self.last_turn).await?;
            self.counts.posts.fetch_add(1, Ordering::Relaxed);
            let connections = &self.broadcast.connections;
            let posted = connections.post(&push.subscriber.connection, message.to_json()).await;
            if posted.is_err() {
                return Ok(posted);
            }
            self.counts.served.fetch_add(1, Ordering::Relaxed);
            messages.pop_front();
        }
        Ok(Ok(()))
    }

    /// Decides if a post failed because of its connection or of the account.
    async fn judge<C>(&self, pending: &mut Pending<C>, error: &ConnectionError) -> Verdict {
        let served = self.counts.served.load(Ordering::Relaxed);
        let are_others_served = std::mem::replace(&mut pending.accepted, served) < served;
        let connection = &pending.push.subscriber.connection;
        if self.lane.turn(self.last_turn).await.is_err() {
            return Verdict::TimeIsUp;
        }
        match self.broadcast.connections.find(connection).await {
            Err(ConnectionError::Gone) => return Verdict::End { is_gone: true },
            Err(ConnectionError::Throttled) => {
                self.counts.throttled.fetch_add(1, Ordering::Relaxed);
                self.lane.slow_down();
            }
            // A request may fail for the account and the next one for nothing.
            _ if self.lane.is_throttled() => {}
            // API Gateway itself fails, unless others are served.
            Err(_) if !are_others_served => {}
            Ok(()) | Err(_) => pending.strikes += 1,
        }
        // A message that is too large stays too large.
        if pending.strikes < STRIKES && !matches!(error, ConnectionError::TooLarge) {
            return Verdict::Again;
        }
        tracing::warn!(connection.id = %connection, ?error, "a connection could not be reached");
        self.counts.closed.fetch_add(1, Ordering::Relaxed);
        Verdict::End { is_gone: false }
    }

    /// Closes a connection and deletes its subscriptions, so that the client reconnects and
    /// resumes. If it cannot be closed, the client learns from its next `ping` that it is
    /// disconnected. If it can neither be closed nor deleted, the batch is retried.
    async fn end<C>(&self, push: Push<C>, is_gone: bool) -> After<C> {
        let connection = &push.subscriber.connection;
        // The reserve has time for a close, whatever its turn.
        let is_closed = is_gone || self.broadcast.connections.close(connection).await;
        let topics: Vec<_> = push.topics.iter().collect();
        let forgotten = timeout(FORGETTING, self.broadcast.db.disconnect(connection, &topics));
        let error = match forgotten.await {
            Ok(Ok(())) => return After::Done,
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        tracing::warn!(
            connection.id = %connection,
            error,
            "a connection's subscriptions could not be deleted"
        );
        // The next batch finds a closed connection again, and its rows expire with its token.
        if is_closed { After::Done } else { After::Left(push) }
    }

    /// Logs the connections that were not served at once. Metric filters of the template sum
    /// `throttled`, the requests beyond the account's quota, and `closed`.
    pub(super) fn log(&self, left: usize) {
        let Counts { posts, throttled, closed, .. } = &self.counts;
        let [posts, throttled, closed] =
            [posts, throttled, closed].map(|count| count.load(Ordering::Relaxed));
        if throttled + closed + left > 0 {
            tracing::warn!(posts, throttled, closed, left, "posts to connections failed");
        }
    }
}

impl<C> Pending<C> {
    const fn new(push: Push<C>) -> Self {
        Self { push, messages: None, strikes: 0, accepted: 0 }
    }
}

/// Makes attempts. Returns the connections that are left, and those that are tried again.
async fn round<C>(
    attempts: impl Stream<Item: Future<Output = After<C>>>,
) -> (Vec<Push<C>>, Vec<Pending<C>>) {
    let (mut left, mut again) = (Vec::new(), Vec::new());
    let mut attempts = pin!(attempts.buffer_unordered(POSTS));
    while let Some(after) = attempts.next().await {
        match after {
            After::Done => {}
            After::Again(pending) => again.push(pending),
            After::Left(push) => left.push(push),
        }
    }
    (left, again)
}

/// Returns the delay after a round.
fn pause(round: u32) -> Duration {
    let (first, last) = PAUSE;
    let longest = first.saturating_mul(1 << round.min(16)).min(last);
    longest.saturating_sub(random::jitter(longest / 2))
}
