//! Chance that can be had again.

use random::random_uuid;

/// A third of `whole` by default, and all of it where `WHOLE=1` is set, as `.ci/run-long` does.
pub fn share(whole: usize) -> usize {
    let is_whole = std::env::var("WHOLE").is_ok_and(|value| value == "1");
    if is_whole { whole } else { whole / 3 }
}

/// What a test draws from; says when the test fails how to draw the same again.
pub struct Seed {
    variable: &'static str,
    value: u64,
}

impl Seed {
    /// That of an environment variable, or a new one.
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

/// Random numbers that a seed repeats: `SplitMix64`.
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

    /// Another one, which draws by itself.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number from 0, below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("64 bits");
        usize::try_from(self.next() % bound).expect("less than the bound")
    }

    /// Yes, `percent` times of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}
