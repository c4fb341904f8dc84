//! Rounds of posts, drawn once and used by every run.

use super::Micros;
use super::chance::Chance;
use super::posting::{Poster, Posts, Round};

/// Rounds of any size by one kind of invocation.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    /// Of few posts, where chance is to be seen: used by turns.
    few: Vec<Posts>,
    /// Of as many as an invocation has time for.
    many: Posts,
}

/// How many posts are few.
const FEW: usize = 10_000;

/// How many rounds of few there are.
const TURNS: u64 = 5;

/// More than an invocation ever has time for.
const MOST: usize = 1_000_000;

impl Rounds {
    /// Rounds of an invocation that has so much time.
    pub(super) fn new(poster: &Poster, time: Micros) -> Self {
        let make = |seed, most| Posts::make(poster.clone(), &mut Chance::new(seed), most, time);
        Self { few: (1..=TURNS).map(|seed| make(seed, FEW)).collect(), many: make(0, MOST) }
    }

    /// The round of so many posts when it is the `turn`th; none if that takes longer.
    pub(super) fn get(&self, turn: usize, posts: usize, within: Micros) -> Option<Round> {
        let few = &self.few[turn % self.few.len()];
        let of = if posts <= FEW { few } else { &self.many };
        of.first(posts, within)
    }
}
