//! Simulates lanes that post at the same time, request by request.

mod lane;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use functions::live::broadcast::STRIKES;
use functions::live::connections::ATTEMPT_TIMEOUT;

use self::lane::{Lane, Try};
use super::account::{Account, Others};
use super::chance::{Chance, Latency};
use super::{Micros, micros};

/// The lanes that post, and the account in which they do.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    pub(super) lanes: usize,
    /// The maximum number of concurrent posts of a lane.
    pub(super) in_flight: usize,
    /// The time that a lane's share of a processor is busy with each request.
    pub(super) busy: Micros,
    /// The requests a second of a lane.
    pub(super) rate: u64,
    pub(super) latency: Latency,
    /// The number of connections in a thousand that never respond.
    pub(super) mute: u64,
    /// The requests a second that the account may make, and those that other work makes.
    pub(super) quota: u64,
    pub(super) others: u64,
}

/// The posts of all lanes.
#[derive(Clone, Debug, Default)]
pub(super) struct Posted {
    /// The posts, in the order in which they were started.
    pub(super) posts: Vec<Post>,
    /// The number of posts that were rejected because the quota was used up.
    pub(super) rejected: u64,
    /// The number of connections that were closed.
    pub(super) closed: u64,
    pub(super) others: Others,
}

/// A post that was finished.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Post {
    /// The time from the first post's start to this post's end.
    pub(super) done: Micros,
    /// The time from its last request to its end.
    pub(super) took: Micros,
}

/// The next step of a post; steps are taken in the order of their times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    at: Micros,
    lane: usize,
    step: Step,
    of: Try,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Waits for the lane's processor and pace.
    WaitToPost,
    Post,
    WaitToAsk,
    /// Asks whether the connection exists, after a post that failed.
    Ask,
}

struct Posting<'a> {
    poster: Poster,
    chance: &'a mut Chance,
    account: Account,
    lanes: Vec<Lane>,
    next: BinaryHeap<Reverse<Next>>,
    posted: Posted,
}

impl Poster {
    /// Simulates `most` posts of each lane. A lane starts no post after the time `until`.
    pub(super) fn post(self, chance: &mut Chance, most: usize, until: Micros) -> Posted {
        let mut posting = Posting {
            account: Account::new(self.quota, self.others),
            lanes: vec![Lane::new(self.rate, most, until); self.lanes],
            next: BinaryHeap::new(),
            posted: Posted::default(),
            poster: self,
            chance,
        };
        (0..posting.poster.lanes).for_each(|lane| posting.fill(lane, 0));
        while let Some(Reverse(next)) = posting.next.pop() {
            posting.take(next);
        }
        Posted { others: posting.account.others(), ..posting.posted }
    }
}

impl Posting<'_> {
    /// Starts as many tries of a lane as it may make at once.
    fn fill(&mut self, lane: usize, at: Micros) {
        while self.lanes[lane].under_way < self.poster.in_flight {
            let Some(of) = self.lanes[lane].start(self.posted.posts.len(), at) else { return };
            if of.post == self.posted.posts.len() {
                self.posted.posts.push(Post::default());
            }
            self.next.push(Reverse(Next { at, lane, step: Step::WaitToPost, of }));
        }
    }

    fn take(&mut self, next: Next) {
        let waited = |this: &mut Self, step| {
            let at = this.lanes[next.lane].wait(next.at, this.poster.busy);
            this.next.push(Reverse(Next { at, step, ..next }));
        };
        match next.step {
            Step::WaitToPost => waited(self, Step::Post),
            Step::WaitToAsk => waited(self, Step::Ask),
            Step::Post => self.post(next),
            Step::Ask => self.ask(next),
        }
    }

    fn post(&mut self, next: Next) {
        let is_taken = self.account.take(next.at);
        let is_mute = (next.of.post as u64 * 7919) % 1000 < self.poster.mute;
        let latency = self.poster.latency.draw(self.chance);
        let timeout = micros(ATTEMPT_TIMEOUT);
        if is_taken && !is_mute && latency < timeout {
            return self.end(next, next.at + latency, None);
        }
        self.posted.rejected += u64::from(!is_taken);
        let failed = if is_taken && is_mute { timeout } else { latency.min(timeout) };
        self.next.push(Reverse(Next { at: next.at + failed, step: Step::WaitToAsk, ..next }));
    }

    /// Asks whether the connection exists. If this is rejected too, the account is throttled;
    /// otherwise the connection failed alone, unless the account was throttled a moment ago, and is
    /// closed after some such failures.
    fn ask(&mut self, next: Next) {
        let is_answered = self.account.take(next.at);
        let answered = next.at + self.poster.latency.draw(self.chance);
        if !is_answered {
            self.lanes[next.lane].slow(answered);
        }
        let is_alone = is_answered && !self.lanes[next.lane].is_throttled(answered);
        let strikes = next.of.strikes + u32::from(is_alone);
        if strikes < STRIKES {
            return self.end(next, answered, Some(Try { strikes, ..next.of }));
        }
        self.posted.closed += 1;
        // Closing the connection is a request too.
        let closed = answered + self.poster.latency.draw(self.chance);
        self.end(next, closed, None);
    }

    /// Ends a try, and with it the post unless it is tried again. Starts the lane's next ones.
    fn end(&mut self, next: Next, at: Micros, again: Option<Try>) {
        if again.is_none() {
            self.posted.posts[next.of.post] = Post { done: at, took: at - next.at };
        }
        let pause = self.lanes[next.lane].end(again, self.chance);
        self.fill(next.lane, at + pause);
    }
}

#[cfg(test)]
mod tests;
