//! The pace of a lane's requests.

use super::assumptions::{LEAST, RECOVERY, SLOWING};
use super::{Micros, SECOND};

/// A token bucket with one second's worth of requests, which gives fewer tokens for a while after
/// the account was throttled. It can owe tokens to those that wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Requests a second, unless the account is throttled.
    full: u64,
    /// Requests a second at the time `slowed`.
    slow: u64,
    slowed: Option<Micros>,
    /// The tokens that were taken and have not come back, in millionths.
    taken: u64,
    /// The time of the last request.
    at: Micros,
}

impl Pace {
    /// Returns a full bucket for `rate` requests a second.
    pub(super) const fn new(rate: u64) -> Self {
        Self { full: rate, slow: rate, slowed: None, taken: 0, at: 0 }
    }

    /// Takes a token. Returns the time at which it is there; `at` is no earlier than in the last
    /// call.
    pub(super) fn book(&mut self, at: Micros) -> Micros {
        at + self.book_all(at, 1)(0)
    }

    /// Takes tokens for requests that are all waiting at the time `at`. Returns the time that the
    /// request of a number, from 0, has to wait for its token.
    pub(super) fn book_all(
        &mut self,
        at: Micros,
        requests: usize,
    ) -> impl Fn(usize) -> Micros + use<> {
        let rate = self.pass_time(at);
        let (taken, size) = (self.taken, self.size());
        self.taken += requests as u64 * SECOND;
        move |request| (taken + (request as u64 + 1) * SECOND).saturating_sub(size) / rate
    }

    /// Empties the bucket and halves its rate, unless it was halved a moment ago.
    pub(super) fn slow(&mut self, at: Micros) {
        if self.slowed.is_none_or(|slowed| at >= slowed + SLOWING) {
            self.slow = (self.pass_time(at) / 2).max(self.full / LEAST).max(1);
            self.slowed = Some(at);
            self.taken = self.taken.max(self.size());
        }
    }

    /// Puts the tokens back that have come since the last request. Returns the rate.
    fn pass_time(&mut self, at: Micros) -> u64 {
        let since = self.slowed.map_or(0, |slowed| at.saturating_sub(slowed));
        let rate = (self.slow + self.full * since / RECOVERY).min(self.full);
        self.taken = self.taken.saturating_sub(at.saturating_sub(self.at) * rate);
        self.at = self.at.max(at);
        rate
    }

    const fn size(&self) -> u64 {
        self.full * SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_seconds_worth_at_once_tokens_come_at_the_rate() {
        let mut pace = Pace::new(1_000);
        let times: Vec<_> = (0..3_000).map(|_| pace.book(0)).collect();
        assert_eq!([times[999], times[1_000], times[2_999]], [0, 1_000, 2 * SECOND]);
        assert_eq!(pace.book(10 * SECOND), 10 * SECOND);
    }

    #[test]
    fn tokens_for_many_requests_are_those_that_each_would_take() {
        let (mut each, mut all) = (Pace::new(312), Pace::new(312));
        for (at, requests) in [(0, 500), (SECOND, 1_000), (60 * SECOND, 100)] {
            let waits = all.book_all(at, requests);
            assert!((0..requests).all(|request| each.book(at) == at + waits(request)));
        }
    }

    #[test]
    fn a_throttled_lane_halves_its_rate_and_recovers_a_tenth_a_second() {
        let mut pace = Pace::new(1_000);
        pace.slow(0);
        pace.slow(SLOWING - 1);
        assert_eq!(pace.book(0), 2_000, "the bucket is empty, and fills at half of the rate");
        assert_eq!([pace.pass_time(0), pace.pass_time(SECOND)], [500, 600]);
        pace.slow(SECOND);
        assert_eq!([pace.pass_time(SECOND), pace.pass_time(9 * SECOND)], [300, 1_000]);
    }
}
