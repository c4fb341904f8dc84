//! Rounds of posts, drawn once and used by every run.

use super::Micros;
use super::assumptions::poster;
use super::chance::Chance;
use super::posting::{Post, Poster};

/// Rounds of any size by one kind of invocation.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    /// Rounds of few posts, which are used in turn because chance has a visible effect on them.
    few: Vec<Posts>,
    /// One round of as many posts as an invocation has time for.
    many: Posts,
}

/// A summary of a number of posts.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// The time until all posts are finished.
    pub(super) length: Micros,
    /// The times at which some of the posts, evenly chosen, are finished.
    pub(super) sample: Vec<Micros>,
}

/// Posts of a lane without a pace. A post waits only for earlier posts, so the first N posts are
/// those of an invocation that has N posts to make.
#[derive(Clone, Debug)]
struct Posts {
    posts: Vec<Post>,
    /// The time at which each post and all before it are finished.
    all_done: Vec<Micros>,
}

/// The maximum number of posts that counts as few.
const FEW: usize = 10_000;

/// The number of rounds of few posts.
const TURNS: u64 = 5;

/// More posts than an invocation ever has time for.
const MOST: usize = 1_000_000;

/// The number of posts of a round that are sampled.
const SAMPLE: usize = 20;

/// More posts than are under way at the same time.
const UNDER_WAY: usize = 100;

impl Rounds {
    /// Draws the rounds of an invocation that has this memory, in MB, and so much time.
    pub(super) fn new(memory: usize, time: Micros) -> Self {
        let make = |seed, most| Posts::make(poster(memory), &mut Chance::new(seed), most, time);
        Self { few: (1..=TURNS).map(|seed| make(seed, FEW)).collect(), many: make(0, MOST) }
    }

    /// Returns the round of `posts` posts, number `turn` in the sequence, or `None` if the posts
    /// take longer than `within`. `waits` returns the time that a post waits for its lane's pace.
    pub(super) fn get(
        &self,
        turn: usize,
        posts: usize,
        within: Micros,
        waits: impl Fn(usize) -> Micros,
    ) -> Option<Round> {
        let few = &self.few[turn % self.few.len()];
        let of = if posts <= FEW { few } else { &self.many };
        of.first(posts, waits).filter(|round| round.length <= within)
    }
}

impl Posts {
    fn make(poster: Poster, chance: &mut Chance, most: usize, until: Micros) -> Self {
        let posts = poster.post(chance, most, until).posts;
        let mut last = 0;
        let all_done = posts.iter().map(|post| {
            last = post.done.max(last);
            last
        });
        Self { all_done: all_done.collect(), posts }
    }

    /// Returns a summary of the first `count` posts. A post is finished when it is without a
    /// pace, or as long after its token as it takes.
    fn first(&self, count: usize, waits: impl Fn(usize) -> Micros) -> Option<Round> {
        let all_done = *self.all_done.get(count.checked_sub(1)?)?;
        let done = |n: usize| {
            let Post { done, took } = self.posts[n];
            done.max(waits(n) + took)
        };
        let last = (count.saturating_sub(UNDER_WAY)..count).map(done).max()?;
        let chosen = |n: usize| done((2 * n + 1) * count / (2 * SAMPLE));
        Some(Round { length: all_done.max(last), sample: (0..SAMPLE).map(chosen).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot_topics::SECOND;
    use crate::hot_topics::pace::Pace;

    #[test]
    fn a_paced_round_is_about_as_long_as_posts_that_are_paced_one_by_one() {
        let rounds = Rounds::new(1_769, 60 * SECOND);
        for (rate, posts) in [(5_000, 20_000), (1_250, 10_000), (1_250, 1_000), (312, 5_000)] {
            let one_by_one = Poster { rate, ..poster(1_769) };
            let seed = u64::from(posts <= FEW);
            let posted = one_by_one.post(&mut Chance::new(seed), posts, Micros::MAX).posts;
            let length = posted.iter().map(|post| post.done).max().unwrap();
            let waits = Pace::new(rate).book_all(0, posts);
            let round = rounds.get(0, posts, Micros::MAX, waits).unwrap();
            let apart = round.length.abs_diff(length);
            assert!(apart <= 100_000 + length / 50, "{rate}, {posts}: {apart} µs of {length}");
        }
    }

    #[test]
    fn what_is_not_done_in_time_is_no_round() {
        let rounds = Rounds::new(1_769, 60 * SECOND);
        let length = rounds.get(0, 5_000, Micros::MAX, |_| 0).unwrap().length;
        assert!(rounds.get(0, 5_000, length, |_| 0).is_some());
        assert!(rounds.get(0, 5_000, length - 1, |_| 0).is_none());
    }
}
