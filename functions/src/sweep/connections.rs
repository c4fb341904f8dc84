//! Connections: the sweep ends those whose token has expired, and corrects the count of each
//! principal's connections. A count is too high after a crash, or after a `$disconnect` that API
//! Gateway did not deliver.

use clock::Timestamp;
use db::{Census, ConnectionId, DbError, PrincipalConnections};
use futures_util::{StreamExt, stream};

use super::Sweep;
use crate::live::{ConnectionError, Ending};

/// The number of connections that are ended, looked up or asked for concurrently.
const AT_ONCE: usize = 8;

/// The number of expired connections that a sweep ends at most. The next sweep continues.
const MOST_ENDS: usize = 4000;

/// The number of principals whose counts a sweep corrects at most. The next sweep continues.
const MOST_PRINCIPALS: usize = 1000;

/// The number of connections that a sweep asks API Gateway for at most. The requests count against
/// the quota of the account, so they are few, and few at once.
const MOST_ASKED: usize = 600;

/// The age from which a connection is asked for, in seconds: longer than its handshake can take,
/// during which it is stored and not open yet.
const OPEN_AFTER: i64 = 60;

impl Sweep {
    /// Ends the connections that are past their end, and corrects the counts of the others.
    pub(super) async fn mend_connections(&self, until: Option<Timestamp>) -> Result<(), DbError> {
        let census = self.census().await?;
        self.end_expired(&census, until).await;
        self.correct_counts(&census, until).await;
        Ok(())
    }

    async fn census(&self) -> Result<Census, DbError> {
        self.db.census(self.clock.now(), MOST_ENDS).await
    }

    /// Ends the connections whose token has expired. A connection that neither sends nor receives
    /// would otherwise stay open until API Gateway's idle timeout. One that cannot be ended is left
    /// to the next sweep.
    async fn end_expired(&self, census: &Census, until: Option<Timestamp>) {
        let end = |connection: ConnectionId| async move {
            if self.is_over(until) {
                return;
            }
            let ended = self.connections.end(&self.db, &connection, Ending::TokenExpired).await;
            if let Err(error) = ended {
                tracing::warn!(connection.id = %connection, ?error, "a connection was not ended");
            }
        };
        at_once(census.expired.iter().cloned().map(end)).await;
    }

    /// Takes connections that do not exist any more out of the counts: those without a row, and,
    /// for principals without room, those that API Gateway does not know. A principal with room
    /// needs no correction, and its lost connections end with their token.
    async fn correct_counts(&self, census: &Census, until: Option<Timestamp>) {
        let uncount = |(principal, suspects): (PrincipalConnections, Vec<ConnectionId>)| async move {
            if !self.is_over(until)
                && let Err(error) = self.db.uncount_gone(&principal, suspects).await
            {
                tracing::warn!(?error, "a count of connections was not corrected");
            }
        };
        let stale = census.principals.iter().filter_map(|principal| {
            let suspects = census.without_row(principal);
            (!suspects.is_empty()).then(|| (principal.clone(), suspects))
        });
        at_once(stale.take(MOST_PRINCIPALS).map(uncount)).await;
        let forget = |connection: ConnectionId| async move {
            if !self.is_over(until)
                && matches!(self.connections.find(&connection).await, Err(ConnectionError::Gone))
                && let Err(error) = self.db.disconnect(&connection, &[]).await
            {
                tracing::warn!(connection.id = %connection, ?error, "a connection was not deleted");
            }
        };
        at_once(self.of_full(census).into_iter().map(forget)).await;
    }

    /// Returns the connections to ask for: those of principals without room, from another start
    /// each time, so that none waits for ever behind the others.
    fn of_full(&self, census: &Census) -> Vec<ConnectionId> {
        let before = self.clock.now().plus_seconds(-OPEN_AFTER);
        let full = census.principals.iter().filter(|principal| self.is_full(principal));
        let mut asked: Vec<_> =
            full.flat_map(|principal| census.older_than(before, principal)).collect();
        let start = random::below(asked.len());
        asked.rotate_left(start);
        asked.truncate(MOST_ASKED);
        asked
    }

    fn is_full(&self, principal: &PrincipalConnections) -> bool {
        self.bound.of(principal.role).is_some_and(|most| principal.connections.len() >= most)
    }

    /// True if an invocation that may act until then has no more time.
    pub(super) fn is_over(&self, until: Option<Timestamp>) -> bool {
        until.is_some_and(|until| until <= self.clock.now())
    }
}

async fn at_once<Acted: Future<Output = ()>>(acts: impl Iterator<Item = Acted>) {
    let acts: Vec<_> = acts.collect();
    stream::iter(acts).buffer_unordered(AT_ONCE).collect::<()>().await;
}
