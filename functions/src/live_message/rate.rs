//! The rate limit of a connection's messages.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use clock::Timestamp;
use db::ConnectionId;

/// The maximum number of messages in a burst.
pub(super) const BURST: i64 = 200;

/// The sustained rate of messages per second.
pub(super) const PER_SECOND: i64 = 20;

/// The time in which a connection's allowance grows by one message.
const INTERVAL_MILLIS: i64 = 1000 / PER_SECOND;

/// The number of messages above the limit that are rejected before the connection is closed.
const PATIENCE: u32 = 100;

/// The number of connections to track before idle ones are dropped.
const REMEMBERED: usize = 10_000;

/// The decision about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The message is processed.
    Taken,
    /// The message is rejected.
    Refused,
    /// The message is rejected and the connection is closed.
    Last,
}

/// The recent message rate of each connection, as far as this process knows: Lambda may run
/// several processes, and each counts for itself.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<ConnectionId, Rate>>);

/// A leaky bucket, stored as one time ("generic cell rate algorithm", ITU-T I.371).
#[derive(Debug)]
struct Rate {
    /// The time at which the accepted messages would have been sent at the sustained rate, in
    /// milliseconds since 1970.
    even: i64,
    refused: u32,
}

impl Rates {
    /// Counts one more message of a connection.
    pub(super) fn count(&self, connection: &ConnectionId, now: Timestamp) -> Verdict {
        let now = now.epoch_millis();
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rates.len() >= REMEMBERED {
            rates.retain(|_, rate| rate.even > now);
        }
        let rate = rates.entry(connection.clone()).or_insert(Rate { even: now, refused: 0 });
        let even = rate.even.max(now) + INTERVAL_MILLIS;
        if even - now <= BURST * INTERVAL_MILLIS {
            // The count of rejected messages restarts only after an idle period.
            let refused = if rate.even <= now { 0 } else { rate.refused };
            *rate = Rate { even, refused };
            return Verdict::Taken;
        }
        rate.refused += 1;
        if rate.refused > PATIENCE { Verdict::Last } else { Verdict::Refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_says_so_much_at_once_and_so_much_a_second() {
        let (rates, one) = (Rates::default(), ConnectionId::new("one"));
        let at = |millis: i64| Timestamp::from_epoch_millis(1_000_000 + millis).unwrap();
        let taken = |millis| {
            let verdicts = (0..1000).map(|_| rates.count(&one, at(millis)));
            verdicts.take_while(|verdict| *verdict == Verdict::Taken).count()
        };
        assert_eq!(taken(0), 200);
        assert_eq!(taken(0), 0);
        assert_eq!(taken(49), 0);
        assert_eq!(taken(1000), 20);
        assert_eq!(taken(60_000), 200);
        assert_eq!(rates.count(&ConnectionId::new("another"), at(0)), Verdict::Taken);
        for _ in 1..100 {
            assert_eq!(rates.count(&one, at(60_000)), Verdict::Refused);
        }
        assert_eq!(rates.count(&one, at(60_000)), Verdict::Last);
        assert_eq!(rates.count(&one, at(90_000)), Verdict::Taken, "it may come back");
    }

    #[test]
    fn a_flood_that_goes_on_comes_to_an_end() {
        let (rates, one) = (Rates::default(), ConnectionId::new("one"));
        let at = |message: i64| Timestamp::from_epoch_millis(1_000_000 + message * 10).unwrap();
        let last = (0..10_000).find(|message| rates.count(&one, at(*message)) == Verdict::Last);
        assert!(last.is_some_and(|message| message < 500), "a hundred a second: {last:?}");
    }

    #[test]
    fn quiet_connections_are_forgotten() {
        let rates = Rates::default();
        for n in 0..=REMEMBERED {
            let at = Timestamp::from_epoch_millis(i64::try_from(n).unwrap() * 100).unwrap();
            rates.count(&ConnectionId::new(n.to_string()), at);
        }
        assert!(rates.0.lock().unwrap().len() < 10);
    }
}
