//! How much a connection may say.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use clock::Timestamp;
use db::ConnectionId;

/// How many messages a connection may send at once.
pub(super) const BURST: i64 = 200;

/// How many a second it may send in the long run.
pub(super) const PER_SECOND: i64 = 20;

/// How long a connection's allowance takes to grow by one message.
const INTERVAL_MILLIS: i64 = 1000 / PER_SECOND;

/// How many messages beyond that are refused before the connection is closed.
const PATIENCE: u32 = 100;

/// How many connections are remembered before those are forgotten that have been quiet.
const REMEMBERED: usize = 10_000;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is dealt with.
    Taken,
    /// It is refused.
    Refused,
    /// It is refused, and the connection with it.
    Last,
}

/// How much each connection has said of late, as far as this process knows: Lambda may
/// run several, and each of them counts for itself.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<ConnectionId, Rate>>);

/// A leaky bucket, kept as one time ("generic cell rate algorithm", ITU-T I.371).
#[derive(Debug)]
struct Rate {
    /// When what was taken would have been said at the allowed rate, in milliseconds
    /// since 1970.
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
            // Only whoever has been quiet begins anew.
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
