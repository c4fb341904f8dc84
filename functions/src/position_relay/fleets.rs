//! When the drivers of a fleet are published to those who follow the fleet.

use std::collections::{BTreeSet, HashMap};

use clock::Timestamp;
use domain::{DriverId, Fleet};

/// The time for which the drivers of a large fleet are collected, in milliseconds. A fleet of a thousand
/// drivers would otherwise send a connection some hundred messages a second.
const EVERY_MILLIS: i64 = 1_000;

/// The number of drivers who are published in this time before the others have to wait. So few messages
/// are no burden, and in a small fleet nobody waits.
const AT_ONCE: usize = 10;

/// The fleets whose drivers have moved. Each invocation of this process adds its drivers, and publishes
/// those whose fleet is due.
///
/// A driver waits here for the next record of the fleet, which comes soon, as the fleet moves so much. A
/// process that ends forgets those who wait: their next positions are published.
#[derive(Debug, Default)]
pub(super) struct Fleets(HashMap<Fleet, Waiting>);

#[derive(Debug)]
struct Waiting {
    /// The beginning of the second, and the drivers published in it.
    since: Timestamp,
    published: usize,
    drivers: BTreeSet<DriverId>,
}

impl Fleets {
    /// Adds drivers who have moved, and takes all of the fleets that are due among theirs.
    pub(super) fn due(
        &mut self,
        moved: impl IntoIterator<Item = (Fleet, DriverId)>,
        now: Timestamp,
    ) -> BTreeSet<DriverId> {
        let mut fleets = BTreeSet::new();
        for (fleet, driver) in moved {
            let (since, drivers) = (Timestamp::EPOCH, BTreeSet::new());
            let never = || Waiting { since, published: 0, drivers };
            self.0.entry(fleet.clone()).or_insert_with(never).drivers.insert(driver);
            fleets.insert(fleet);
        }
        let mut due = BTreeSet::new();
        for fleet in fleets {
            let Some(waiting) = self.0.get_mut(&fleet) else { continue };
            let passed = now.epoch_millis() - waiting.since.epoch_millis();
            // A clock that was set back must not hold a fleet up.
            if !(0..EVERY_MILLIS).contains(&passed) {
                (waiting.since, waiting.published) = (now, 0);
            }
            if waiting.published < AT_ONCE {
                waiting.published += waiting.drivers.len();
                due.append(&mut waiting.drivers);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use domain::MerchantId;

    use super::*;

    #[test]
    fn a_fleet_that_moves_much_is_published_once_a_second() {
        let mut fleets = Fleets::default();
        let own = Fleet::of(MerchantId::parse("m1").ok());
        let mut moved = |millis: i64, fleet: &Fleet, numbers: std::ops::Range<u8>| {
            let now = Timestamp::from_epoch_millis(1_763_719_800_000 + millis).unwrap();
            let ids = numbers.map(|number| DriverId::parse(&format!("d{number:02}")).unwrap());
            let due = fleets.due(ids.map(|id| (fleet.clone(), id)), now);
            due.iter().map(|id| id.as_str()[1..].parse::<u8>().unwrap()).collect::<Vec<_>>()
        };
        let all = |numbers: std::ops::Range<u8>| numbers.collect::<Vec<_>>();
        let (platform, none) = (Fleet::Platform, [0_u8; 0]);
        assert_eq!(moved(0, &platform, 0..9), all(0..9));
        assert_eq!(moved(10, &platform, 8..11), all(8..11), "few as yet");
        assert_eq!(moved(20, &platform, 11..13), none, "these wait");
        assert_eq!(moved(30, &own, 1..2), [1], "another fleet does not");
        assert_eq!(moved(999, &platform, 12..14), none);
        assert_eq!(moved(1_000, &own, 2..3), [2]);
        assert_eq!(moved(1_000, &platform, 1..2), [1, 11, 12, 13], "once each");
        assert_eq!(moved(2_000, &platform, 0..0), none);
        assert_eq!(moved(2_500, &platform, 0..40), all(0..40));
        assert_eq!(moved(2_600, &platform, 1..2), none);
        assert_eq!(moved(-5_000, &platform, 2..3), [1, 2], "the clock was set back");
    }
}
