//! The time that many orders stayed in each status.

use clock::Timestamp;

use super::{Histogram, Stage};
use crate::{Status, Workflow};

/// The service level of each of the [`open_statuses`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLevels(Vec<ServiceLevel>);

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
        Self(open_statuses().map(|_| ServiceLevel::default()).collect())
    }
}

impl ServiceLevels {
    /// Adds the stages of an order, as they are at `now`.
    pub fn add(&mut self, workflow: &Workflow, stages: &[Stage], now: Timestamp) {
        for stage in stages {
            let level = open_statuses().zip(&mut self.0);
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
        let levels = open_statuses().zip(&self.0);
        let used = levels.filter(|(_, level)| **level != ServiceLevel::default());
        used.map(|((workflow, status), level)| (workflow, status, level))
    }

    /// Returns all counts as a sequence of numbers, most of them 0.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|level| {
            let of = |histogram: &Histogram| {
                let counts = histogram.counts();
                std::iter::once(counts.len() as u64).chain(counts.to_vec())
            };
            let front = [level.standing, level.breaches, level.offers];
            front.into_iter().chain(of(&level.ended)).chain(of(&level.accepted))
        })
    }

    /// Restores the service levels from the output of [`ServiceLevels::numbers`], and consumes
    /// nothing after it; `None` if the sequence is invalid.
    pub fn from_numbers(numbers: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let level = |_| {
            let mut front = [0; 3];
            for number in &mut front {
                *number = numbers.next()?;
            }
            let mut histogram = || {
                let steps = usize::try_from(numbers.next()?).ok()?;
                let counts: Vec<_> = numbers.by_ref().take(steps).collect();
                (counts.len() == steps).then(|| Histogram::new(counts))
            };
            let ([standing, breaches, offers], ended) = (front, histogram()?);
            Some(ServiceLevel { ended, standing, breaches, offers, accepted: histogram()? })
        };
        open_statuses().map(level).collect::<Option<_>>().map(Self)
    }
}
