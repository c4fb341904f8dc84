//! When the drivers of a fleet are published to those who follow the fleet.

use std::collections::{BTreeSet, HashMap};

use clock::Timestamp;
use domain::{DriverId, Fleet};

/// The time between two publications of a fleet, in milliseconds. A fleet of a thousand drivers would
/// otherwise send a connection some hundred messages a second.
const EVERY_MILLIS: i64 = 1_000;

/// The fleets whose drivers have moved. Each invocation of this process adds its drivers, and publishes
/// those whose fleet is due.
///
/// A driver waits here for the next record of the fleet, and a process that ends forgets those who wait.
/// Both is harmless: a driver who is watched sends the next position soon.
#[derive(Debug, Default)]
pub(super) struct Fleets(HashMap<Fleet, Waiting>);

#[derive(Debug)]
struct Waiting {
    published_at: Timestamp,
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
            let never = || Waiting { published_at: Timestamp::EPOCH, drivers: BTreeSet::new() };
            self.0.entry(fleet.clone()).or_insert_with(never).drivers.insert(driver);
            fleets.insert(fleet);
        }
        let mut due = BTreeSet::new();
        for fleet in fleets {
            let Some(waiting) = self.0.get_mut(&fleet) else { continue };
            let since = now.epoch_millis() - waiting.published_at.epoch_millis();
            // A clock that was set back must not hold a fleet up.
            if !(0..EVERY_MILLIS).contains(&since) {
                waiting.published_at = now;
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
    fn a_fleet_is_published_once_a_second_with_all_who_have_moved() {
        let mut fleets = Fleets::default();
        let own = Fleet::of(MerchantId::parse("m1").ok());
        let mut moved = |millis: i64, moved: &[(&Fleet, &str)]| {
            let now = Timestamp::from_epoch_millis(1_763_719_800_000 + millis).unwrap();
            let moved =
                moved.iter().map(|(fleet, id)| ((*fleet).clone(), DriverId::parse(id).unwrap()));
            let due = fleets.due(moved, now);
            due.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let platform = Fleet::Platform;
        let none: [&str; 0] = [];
        assert_eq!(moved(0, &[(&platform, "d1"), (&platform, "d2")]), ["d1", "d2"]);
        assert_eq!(moved(10, &[(&platform, "d3"), (&own, "o1")]), ["o1"]);
        assert_eq!(moved(999, &[(&platform, "d3")]), none);
        assert_eq!(moved(1_000, &[(&own, "o2")]), none, "of another fleet");
        assert_eq!(moved(1_000, &[(&platform, "d1")]), ["d1", "d3"]);
        assert_eq!(moved(2_000, &[]), none);
        assert_eq!(moved(-5_000, &[(&platform, "d1")]), ["d1"], "the clock was set back");
    }
}
