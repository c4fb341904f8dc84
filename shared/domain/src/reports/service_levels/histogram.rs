//! A histogram of durations, rounded up to two digits.

use std::iter::successors;

/// The two leading digits of a rounded duration: the series E24 of IEC 60063, whose values are
/// about a tenth apart.
const E24: [u64; 24] = [
    10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91,
];

/// The number of durations per step. A duration is rounded up to 0, 1, … 9 seconds, or to a value
/// of E24 times a power of ten. Rounding keeps the order of durations, so a percentile of the
/// rounded durations is the rounded percentile of the exact ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(Vec<u64>);

impl Histogram {
    /// Returns the counts with their number before them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.0.len() as u64).chain(self.0.iter().copied())
    }

    /// Restores a histogram from the output of [`Histogram::numbers`].
    pub(super) fn from_numbers(numbers: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let steps = usize::try_from(numbers.next()?).ok()?;
        let counts: Vec<_> = numbers.by_ref().take(steps).collect();
        (counts.len() == steps).then_some(Self(counts))
    }

    /// Returns the number of durations.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds a duration.
    pub fn add(&mut self, seconds: u64) {
        let step = steps().take_while(|step| *step < seconds).count();
        if self.0.len() <= step {
            self.0.resize(step + 1, 0);
        }
        self.0[step] += 1;
    }

    /// Returns the rounded duration, in seconds, that `percent` per cent of all durations do not
    /// exceed (nearest rank); `None` if the histogram is empty.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let up_to = self.0.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        up_to.zip(steps()).find(|(up_to, _)| rank <= *up_to).map(|(_, step)| step)
    }
}

/// Returns the steps of the histogram, in seconds, in ascending order.
fn steps() -> impl Iterator<Item = u64> {
    let units = successors(Some(1_u64), |unit| unit.checked_mul(10));
    (0..10).chain(units.flat_map(|unit| E24.map(|value| value * unit)))
}
