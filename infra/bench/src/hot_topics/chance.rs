//! Pseudo-random numbers that are the same on every machine: all arithmetic is in integers.

use super::Micros;

/// A generator of pseudo-random numbers from a seed: `SplitMix64`.
/// <https://doi.org/10.1145/2660193.2660195>
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number below `bound`, which must not be 0. The bias towards low numbers
    /// is negligible for bounds far below 2^64.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The distribution of the time until a post's response: mean 10 ms, median 7 ms, 99th percentile
/// 50 ms. Each point is a share of the posts, in thousandths, and the time that this share does
/// not exceed; the times in between are interpolated linearly.
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

/// The time until a post's response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Latency {
    /// Drawn from `POSTS`, times so many hundredths.
    Usual(u64),
    /// The same for every post.
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

/// Returns the time that this share of the posts, in millionths, does not exceed.
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
        // The first two numbers that the reference implementation prints for this seed.
        let first: Vec<_> = (0..2).map(|_| chance.below(u64::MAX)).collect();
        assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }
}
