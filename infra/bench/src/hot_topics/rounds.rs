//! Rounds of posts, drawn once and used by every run.

use super::Micros;
use super::chance::Chance;
use super::posting::{Poster, Posts, Round};

/// Rounds of any size by one kind of invocation.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    /// Rounds of few posts, which are used in turn because chance has a visible effect on them.
    few: Vec<Posts>,
    /// One round of as many posts as an invocation has time for.
    many: Posts,
}

/// The maximum number of posts that counts as few.
const FEW: usize = 10_000;

/// The number of rounds of few posts.
const TURNS: u64 = 5;

/// More posts than an invocation ever has time for.
const MOST: usize = 1_000_000;

impl Rounds {
    /// Draws the rounds of an invocation that has so much time.
    pub(super) fn new(poster: &Poster, time: Micros) -> Self {
        let make = |seed, most| Posts::make(poster.clone(), &mut Chance::new(seed), most, time);
        Self { few: (1..=TURNS).map(|seed| make(seed, FEW)).collect(), many: make(0, MOST) }
    }

    /// Returns the round of `posts` posts, number `turn` in the sequence, or `None` if the posts
    /// take longer than `within`.
    pub(super) fn get(&self, turn: usize, posts: usize, within: Micros) -> Option<Round> {
        let few = &self.few[turn % self.few.len()];
        let of = if posts <= FEW { few } else { &self.many };
        of.first(posts, within)
    }
}
