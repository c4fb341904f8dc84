//! Chance that is the same on every machine: whole numbers alone.

use super::Micros;

/// A sequence of numbers that look random and follow from a seed: `SplitMix64`.
/// <https://doi.org/10.1145/2660193.2660195>
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound`, which is not 0. That low numbers are likelier is
    /// nothing to be seen with bounds far below 2^64.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// How long a post takes until it is answered, if it is: 10 ms on average, half of them
/// 7 ms, one of a hundred 50 ms. Each point is a share, in thousandths, and the time that
/// this share of the posts does not pass; in between it is a line.
const POSTS: [(u64, Micros); 8] = [
    (0, 2_400),
    (500, 6_900),
    (750, 10_300),
    (900, 17_000),
    (950, 23_000),
    (990, 50_000),
    (999, 110_000),
    (1000, 500_000),
];

/// How long posts take.
#[derive(Clone, Copy, Debug)]
pub(super) enum Latency {
    /// As in this table, times so many hundredths.
    Usual(u64),
    /// Always the same.
    #[cfg(test)]
    Always(Micros),
}

impl Latency {
    pub(super) fn draw(self, chance: &mut Chance) -> Micros {
        match self {
            Self::Usual(percent) => usual(chance.below(1_000_000)) * percent / 100,
            #[cfg(test)]
            Self::Always(time) => time,
        }
    }
}

/// The time that this share of the posts, in millionths, does not pass.
fn usual(share: u64) -> Micros {
    let line = POSTS.windows(2).find(|line| share < line[1].0 * 1000);
    let Some(&[(from, least), (to, most)]) = line else { return POSTS[POSTS.len() - 1].1 };
    least + (most - least) * (share - from * 1000) / ((to - from) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_take_as_long_as_the_page_says() {
        let mut chance = Chance::new(1);
        let mut times: Vec<_> =
            (0..100_000).map(|_| Latency::Usual(100).draw(&mut chance)).collect();
        times.sort_unstable();
        let mean = times.iter().sum::<Micros>() / 100_000;
        assert!((9_800..10_200).contains(&mean), "{mean}");
        assert!((6_700..7_100).contains(&times[50_000]), "{}", times[50_000]);
        assert!((48_000..52_000).contains(&times[99_000]), "{}", times[99_000]);
        assert!(times[99_999] < 500_000);
    }

    #[test]
    fn a_seed_has_one_sequence() {
        let mut chance = Chance::new(0);
        // The first two that the reference implementation prints for this seed.
        let first: Vec<_> = (0..2).map(|_| chance.below(u64::MAX)).collect();
        assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }
}
