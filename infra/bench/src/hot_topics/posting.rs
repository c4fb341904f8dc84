//! Simulates the posts of one invocation, request by request.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use functions::live::connections::{ATTEMPT_TIMEOUT, ATTEMPTS, BACKOFF, TIMEOUT};

use super::chance::{Chance, Latency};
use super::quota::Quota;
use super::{Micros, micros};

/// The parameters and the quota of an invocation that posts.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    /// The maximum number of concurrent posts.
    pub(super) in_flight: usize,
    /// The time that the invocation's share of a processor is busy with each request.
    pub(super) busy: Micros,
    /// The minimum time from one request to the next.
    pub(super) pace: Micros,
    pub(super) latency: Latency,
    /// The number of connections in a thousand that never respond.
    pub(super) mute: u64,
    pub(super) quota: Quota,
}

/// The posts of an invocation, in the order in which they were started. A post waits only for
/// earlier posts, so the first N posts are those of an invocation that has N posts to make,
/// except for the last retries.
#[derive(Clone, Debug)]
pub(super) struct Posts(Vec<Post>);

/// The outcome of a post and of the posts before it. Times count from the first post's start.
#[derive(Clone, Copy, Debug, Default)]
struct Post {
    /// The time at which the post was finished.
    done: Micros,
    /// The time at which this post and all before it were finished.
    all_done: Micros,
    /// The number of posts so far that were given up, with their connections closed.
    closed: u32,
}

/// A summary of a number of posts.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// The time until all posts are finished.
    pub(super) length: Micros,
    /// The times at which some of the posts, evenly chosen, are finished.
    pub(super) sample: Vec<Micros>,
    /// The number of connections that were closed because a post did not reach them.
    pub(super) closed: u32,
}

/// The number of posts of a round that are sampled.
const SAMPLE: usize = 20;

/// The start of a request; requests are ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    at: Micros,
    post: usize,
    /// Counts from 1.
    attempt: u32,
    /// The time of the first attempt.
    begun: Micros,
}

impl Posts {
    /// Simulates at most `most` posts, and starts none after the time `until`.
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

    /// Returns a summary of the first `count` posts, or `None` if they are not finished in this
    /// time.
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
    /// Sends a request. Returns the time at which the post is finished and the number of
    /// connections closed for it (0 or 1), or, as the error, the request that retries the post.
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
        // Closing the connection is a request too.
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
