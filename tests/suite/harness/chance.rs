//! Reproducible randomness.

use random::random_uuid;

/// Returns true if `WHOLE=1` is set, as `.ci/run-long` does: tests then leave nothing out.
pub fn is_whole() -> bool {
    std::env::var("WHOLE").is_ok_and(|value| value == "1")
}

/// Returns all of `whole` if `WHOLE=1` is set, and a sixth of it otherwise.
pub fn share(whole: usize) -> usize {
    if is_whole() { whole } else { whole / 6 }
}

/// The seed of a test's random numbers. If the test fails, it prints how to repeat them.
pub struct Seed {
    variable: &'static str,
    value: u64,
}

impl Seed {
    /// Reads the seed from an environment variable, or draws a new one.
    pub fn of(variable: &'static str) -> Self {
        let given = std::env::var(variable).ok().and_then(|seed| seed.parse().ok());
        let value = given.unwrap_or_else(|| random_uuid().as_u64_pair().1);
        Self { variable, value }
    }

    pub fn value(&self) -> u64 {
        self.value
    }

    pub fn chance(&self) -> Chance {
        Chance::new(self.value)
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to draw the same again: {}={}", self.variable, self.value);
        }
    }
}

/// A generator of random numbers that a seed repeats: `SplitMix64`.
/// <https://doi.org/10.1145/2714064.2660195>
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns an independent generator.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// Returns a number from 0 to below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("64 bits");
        usize::try_from(self.next() % bound).expect("less than the bound")
    }

    /// Returns true with a probability of `percent` percent.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}
