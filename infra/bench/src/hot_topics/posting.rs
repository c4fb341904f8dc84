//! The posts of one invocation, one request after another.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use functions::live::connections::{ATTEMPT_TIMEOUT, ATTEMPTS, BACKOFF, TIMEOUT};

use super::chance::{Chance, Latency};
use super::quota::Quota;
use super::{Micros, micros};

/// The state with which an invocation posts.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    /// How many posts are under way at once.
    pub(super) in_flight: usize,
    /// How long its share of a processor is busy with each request.
    pub(super) busy: Micros,
    /// How long it waits at least from one request to the next.
    pub(super) pace: Micros,
    /// How long a post takes.
    pub(super) latency: Latency,
    /// How many connections of a thousand answer nothing.
    pub(super) mute: u64,
    pub(super) quota: Quota,
}

/// The posts of an invocation, in the order in which they were begun. Posts wait only
/// for those before them, so the first so many are what an invocation does that has no
/// more to do, but for the last repetitions.
#[derive(Clone, Debug)]
pub(super) struct Posts(Vec<Post>);

/// The outcome of a post, and of the posts before it.
#[derive(Clone, Copy, Debug, Default)]
struct Post {
    /// When it was done with, from the first on.
    done: Micros,
    /// When all up to it were.
    all_done: Micros,
    /// How many up to it were given up, and their connections closed.
    closed: u32,
}

/// A number of posts, in short.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// How long all of them take.
    pub(super) length: Micros,
    /// When some of them are done, evenly chosen.
    pub(super) sample: Vec<Micros>,
    /// How many connections were closed, because they were not reached.
    pub(super) closed: u32,
}

/// How many posts of a round are chosen.
const SAMPLE: usize = 20;

/// The start of a request, in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    at: Micros,
    post: usize,
    /// From 1.
    attempt: u32,
    /// When the first attempt was.
    begun: Micros,
}

impl Posts {
    /// Posts until `until`, and at most `most` times.
    pub(super) fn make(mut with: Poster, chance: &mut Chance, most: usize, until: Micros) -> Self {
        let at_once = with.in_flight.min(most);
        let mut posts = vec![Post::default(); at_once];
        let first = (0..at_once).map(|post| Reverse(Request::first(post, 0)));
        let mut requests: BinaryHeap<_> = first.collect();
        let mut free = 0;
        while let Some(Reverse(request)) = requests.pop() {
            let at = request.at.max(free);
            free = at + with.busy.max(with.pace);
            match with.send(Request { at: at + with.busy, ..request }, chance) {
                Err(again) => requests.push(Reverse(again)),
                Ok((done, closed)) => {
                    posts[request.post] = Post { done, all_done: done, closed };
                    if posts.len() < most && done < until {
                        requests.push(Reverse(Request::first(posts.len(), done)));
                        posts.push(Post::default());
                    }
                }
            }
        }
        for n in 1..posts.len() {
            posts[n].all_done = posts[n].all_done.max(posts[n - 1].all_done);
            posts[n].closed += posts[n - 1].closed;
        }
        Self(posts)
    }

    /// The first so many; none if they are not done within this time.
    pub(super) fn first(&self, count: usize, within: Micros) -> Option<Round> {
        let last = self.0.get(count.checked_sub(1)?)?;
        let chosen = |n: usize| self.0[(2 * n + 1) * count / (2 * SAMPLE)].done;
        (last.all_done <= within).then(|| Round {
            length: last.all_done,
            sample: (0..SAMPLE).map(chosen).collect(),
            closed: last.closed,
        })
    }
}

impl Request {
    const fn first(post: usize, at: Micros) -> Self {
        Self { at, post, attempt: 1, begun: at }
    }
}

impl Poster {
    /// When a post is done with and whether its connection is closed; or the request
    /// that comes next.
    fn send(&mut self, request: Request, chance: &mut Chance) -> Result<(Micros, u32), Request> {
        let Request { at, attempt, begun, .. } = request;
        let is_taken = self.quota.take(at);
        let is_mute = self.mute > 0 && (request.post as u64 * 7919) % 1000 < self.mute;
        let latency = self.latency.draw(chance);
        if is_taken && !is_mute && latency < micros(ATTEMPT_TIMEOUT) {
            return Ok((at + latency, 0));
        }
        let failed = at + if is_taken && is_mute { micros(ATTEMPT_TIMEOUT) } else { latency };
        let failed = failed.min(at + micros(ATTEMPT_TIMEOUT)).min(begun + micros(TIMEOUT));
        let pause = chance.below(micros(BACKOFF) << (attempt - 1));
        if attempt < ATTEMPTS && failed + pause < begun + micros(TIMEOUT) {
            return Err(Request { at: failed + pause, attempt: attempt + 1, ..request });
        }
        // Closing it is a request too.
        Ok((failed + self.latency.draw(chance), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot_topics::SECOND;

    /// Posts of 10 ms, 64 at once, on a processor that is never busy.
    fn steady() -> Poster {
        Poster {
            in_flight: 64,
            busy: 0,
            pace: 0,
            latency: Latency::Always(10_000),
            mute: 0,
            quota: Quota::new(10_000, 5_000),
        }
    }

    fn round(poster: Poster, posts: usize) -> Round {
        Posts::make(poster, &mut Chance::new(1), posts, Micros::MAX)
            .first(posts, Micros::MAX)
            .unwrap()
    }

    #[test]
    fn sixty_four_are_posted_at_once() {
        assert_eq!(round(steady(), 64).length, 10_000);
        assert_eq!(round(steady(), 65).length, 20_000);
        assert_eq!(round(steady(), 6_400).length, SECOND);
    }

    #[test]
    fn a_busy_processor_and_a_pace_keep_posts_apart() {
        assert_eq!(round(Poster { busy: 500, ..steady() }, 2_000).length, SECOND + 10_000);
        assert_eq!(round(Poster { pace: 500, ..steady() }, 2_001).length, SECOND + 10_000);
    }

    #[test]
    fn no_more_is_posted_than_the_account_may_and_who_is_not_reached_is_closed() {
        let quota = Quota::new(1_000, 500);
        let round = round(Poster { quota, ..steady() }, 20_000);
        let reached = 20_000 - Micros::from(round.closed);
        let most = 500 + 1_000 * round.length / SECOND;
        assert!(round.closed > 0 && reached <= most && reached > most - 100, "{round:?}");
    }

    #[test]
    fn who_does_not_answer_is_tried_for_a_second_and_closed() {
        let round = round(Poster { mute: 1_000, ..steady() }, 64);
        assert_eq!(round.closed, 64);
        assert!((SECOND..=SECOND + 10_000).contains(&round.length), "{round:?}");
    }

    #[test]
    fn what_is_not_done_in_time_is_no_round() {
        let posts = Posts::make(steady(), &mut Chance::new(1), 6_401, Micros::MAX);
        assert!(posts.first(6_400, SECOND).is_some());
        assert!(posts.first(6_401, SECOND).is_none());
    }
}
