//! Durations, counted in steps that are as fine as anybody asks for.

use std::iter::successors;

/// Two digits of a duration: the series E24 of IEC 60063, whose values are about a tenth
/// apart.
const E24: [u64; 24] = [
    10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91,
];

/// How many durations there were of each step: each is rounded up to 0, 1, … 9 seconds, or
/// to a value of E24 times a power of ten. That keeps their order, so a percentile of what
/// was rounded is what the exact one is rounded to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(Vec<u64>);

impl Histogram {
    /// Takes back what [`Histogram::counts`] gave out.
    pub const fn new(counts: Vec<u64>) -> Self {
        Self(counts)
    }

    /// How many there were of each step, from the shortest to the longest that there was.
    pub fn counts(&self) -> &[u64] {
        &self.0
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Counts a duration in.
    pub fn add(&mut self, seconds: u64) {
        let step = steps().take_while(|step| *step < seconds).count();
        if self.0.len() <= step {
            self.0.resize(step + 1, 0);
        }
        self.0[step] += 1;
    }

    /// The duration, rounded up, that `percent` of all do not exceed (nearest rank), in
    /// seconds; none of none.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let up_to = self.0.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        up_to.zip(steps()).find(|(up_to, _)| rank <= *up_to).map(|(_, step)| step)
    }
}

/// Returns the durations that are rounded up to, in seconds, from the shortest on.
fn steps() -> impl Iterator<Item = u64> {
    let units = successors(Some(1_u64), |unit| unit.checked_mul(10));
    (0..10).chain(units.flat_map(|unit| E24.map(|value| value * unit)))
}
