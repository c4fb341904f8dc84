//! Compares the received events with the changes.

use std::collections::{HashMap, HashSet};
use std::ops::Add;
use std::time::Duration;

use super::client::Received;
use super::load::Made;

/// Counts of events by the way they reached the clients: once and in order, or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The events received as expected. This count, like the others, is a sum over the clients.
    pub right: usize,
    pub lost: usize,
    pub repeated: usize,
    /// The events received after a later version of their order.
    pub disordered: usize,
    pub unknown: usize,
}

impl Tally {
    /// Returns true if each client received each change once, and in version order.
    pub fn is_whole(&self) -> bool {
        *self == Self { right: self.right, ..Self::default() }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            lost: self.lost + other.lost,
            repeated: self.repeated + other.repeated,
            disordered: self.disordered + other.disordered,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// Counts the events, and returns the times from each change's response to its arrival at each
/// client, sorted. An arrival before the response counts as no time.
pub(super) fn tally(made: &Made, received: &[Received]) -> (Tally, Vec<Duration>) {
    let mut tally = Tally::default();
    let mut times = Vec::with_capacity(made.len() * received.len());
    for client in received {
        let mut latest = HashMap::new();
        let mut seen = HashSet::with_capacity(made.len());
        for (change, at) in &client.changes {
            let latest = latest.entry(change.order).or_insert(change.version);
            match made.get(change) {
                None => tally.unknown += 1,
                Some(_) if !seen.insert(change) => tally.repeated += 1,
                Some(_) if change.version < *latest => tally.disordered += 1,
                Some(responded) => {
                    tally.right += 1;
                    times.push(at.saturating_duration_since(*responded));
                }
            }
            *latest = change.version.max(*latest);
        }
        tally.lost += made.keys().filter(|change| !seen.contains(change)).count();
    }
    times.sort_unstable();
    (tally, times)
}

#[cfg(test)]
mod tests {
    use domain::{OrderId, Version};
    use tokio::time::Instant;

    use super::super::client::Change;
    use super::*;

    fn received(versions: &[u64], at: Instant) -> Received {
        let changes = versions.iter().map(|version| (change(*version), at)).collect();
        Received { changes, messages: Vec::new() }
    }

    fn change(version: u64) -> Change {
        Change { order: OrderId::NIL, version: Version(version) }
    }

    #[test]
    fn each_way_of_not_hearing_right_is_counted() {
        let now = Instant::now();
        let made: Made = (1..=3).map(|version| (change(version), now)).collect();
        let right = |right| Tally { right, ..Tally::default() };
        for (versions, expected) in [
            (&[1, 2, 3][..], right(3)),
            (&[1, 3], Tally { lost: 1, ..right(2) }),
            (&[1, 2, 2, 3], Tally { repeated: 1, ..right(3) }),
            (&[1, 3, 2], Tally { disordered: 1, ..right(2) }),
            (&[1, 2, 3, 4], Tally { unknown: 1, ..right(3) }),
            (&[], Tally { lost: 3, ..right(0) }),
        ] {
            let (tally, _) = tally(&made, &[received(versions, now)]);
            assert_eq!(tally, expected, "{versions:?}");
            assert_eq!(tally.is_whole(), versions == [1, 2, 3]);
        }
    }

    #[test]
    fn times_are_from_the_response_to_each_client() {
        let responded = Instant::now();
        let made = Made::from([(change(1), responded)]);
        let later = |millis| responded + Duration::from_millis(millis);
        let early = responded.checked_sub(Duration::from_millis(1)).unwrap();
        let clients = [later(7), later(3), early].map(|at| received(&[1], at));
        let (_, times) = tally(&made, &clients);
        assert_eq!(times, [0, 3, 7].map(Duration::from_millis));
    }
}
