//! The time that many orders stayed in each status.

use clock::Timestamp;

use super::{Accuracy, Estimate, Histogram, Stage};
use crate::{Status, Workflow};

/// The service levels of many orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLevels {
    /// Those of each of the [`open_statuses`].
    levels: Vec<ServiceLevel>,
    /// The accuracy of the estimates.
    pub estimates: Accuracy,
}

/// The durations and breaches of the stays in one status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceLevel {
    /// The durations of the stays that have ended.
    pub ended: Histogram,
    /// The number of stays that have not ended.
    pub standing: u64,
    /// The number of stays, ended or not, that exceeded their time limit.
    pub breaches: u64,
    /// The number of offers to drivers.
    pub offers: u64,
    /// The times from the first offer of a stay to its acceptance.
    pub accepted: Histogram,
}

/// Returns every open status of every workflow.
pub fn open_statuses() -> impl Iterator<Item = (&'static Workflow, Status)> {
    Workflow::ALL.iter().flat_map(|workflow| {
        let open = workflow.statuses.iter().filter(|status| status.phase().is_open());
        open.map(|status| (*workflow, *status))
    })
}

impl Default for ServiceLevels {
    fn default() -> Self {
        let levels = open_statuses().map(|_| ServiceLevel::default()).collect();
        Self { levels, estimates: Accuracy::default() }
    }
}

impl ServiceLevels {
    /// Adds the stages of an order, as they are at `now`, and its estimate, if there is one.
    pub fn add(
        &mut self,
        workflow: &Workflow,
        stages: &[Stage],
        estimate: Option<&Estimate>,
        now: Timestamp,
    ) {
        if let Some(estimate) = estimate {
            self.estimates.add(estimate);
        }
        for stage in stages {
            let level = open_statuses().zip(&mut self.levels);
            let mut level = level.filter(|(at, _)| *at.0 == *workflow && at.1 == stage.status);
            let Some((_, level)) = level.next() else { continue };
            match stage.left_at {
                Some(_) => level.ended.add(stage.seconds(now)),
                None => level.standing += 1,
            }
            level.breaches += u64::from(stage.over_by(now) > 0);
            let Some(offers) = stage.offers else { continue };
            level.offers += u64::from(offers.count);
            if let Some(seconds) = offers.accept_seconds() {
                level.accepted.add(seconds);
            }
        }
    }

    /// Iterates over the statuses that an order has been in, with their service levels.
    pub fn each(&self) -> impl Iterator<Item = (&'static Workflow, Status, &ServiceLevel)> {
        let levels = open_statuses().zip(&self.levels);
        let used = levels.filter(|(_, level)| **level != ServiceLevel::default());
        used.map(|((workflow, status), level)| (workflow, status, level))
    }

    /// Returns all counts as a sequence of numbers, most of them 0.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        let levels = self.levels.iter().flat_map(|level| {
            let front = [level.standing, level.breaches, level.offers];
            front.into_iter().chain(level.ended.numbers()).chain(level.accepted.numbers())
        });
        levels.chain(self.estimates.numbers())
    }

    /// Restores the service levels from the output of [`ServiceLevels::numbers`], and consumes
    /// nothing after it; `None` if the sequence is invalid.
    pub fn from_numbers(numbers: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let level = |_| {
            let mut front = [0; 3];
            for number in &mut front {
                *number = numbers.next()?;
            }
            let [standing, breaches, offers] = front;
            let ended = Histogram::from_numbers(numbers)?;
            let accepted = Histogram::from_numbers(numbers)?;
            Some(ServiceLevel { ended, standing, breaches, offers, accepted })
        };
        let levels = open_statuses().map(level).collect::<Option<_>>()?;
        Some(Self { levels, estimates: Accuracy::from_numbers(numbers)? })
    }
}
