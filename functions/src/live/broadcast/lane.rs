//! A lane: one invocation of the relay at a time, with the rate of its requests to `@connections`.
//! All APIs of an account share one quota of requests, so the lanes leave some of it to the others,
//! and slow down while it is used up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{VariableError, Variables};

/// The time in which the rate is halved at most once: requests that are under way are still
/// throttled after it was.
const SLOWING: Duration = Duration::from_millis(250);

/// The time in which the rate recovers from nothing.
const RECOVERY: Duration = Duration::from_secs(10);

/// The time after which a lane that was slowed down counts as not throttled.
const CALM: Duration = Duration::from_secs(1);

/// The smallest share of the full rate.
const LEAST: f64 = 1.0 / 64.0;

/// The lanes of this process. Lambda runs one invocation at a time in a process, and so one lane; a
/// process that runs several has one for each.
#[derive(Debug)]
pub(super) struct Lanes {
    /// The requests per second of a lane; `None` for no limit.
    rate: Option<f64>,
    idle: Mutex<Vec<Arc<Lane>>>,
}

/// A lane. Its state is kept from one invocation to the next.
#[derive(Debug)]
pub(super) struct Lane {
    /// `None` without a limit.
    pace: Option<Mutex<Pace>>,
    throttled_at: Mutex<Option<Instant>>,
}

/// The time of an invocation is up before its turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeIsUp;

/// A token bucket. It can owe tokens, so that requests are made in the order in which they wait.
#[derive(Debug)]
struct Pace {
    /// The full rate, in tokens per second, and the size of the bucket.
    full: f64,
    rate: f64,
    tokens: f64,
    at: Instant,
    slowed_at: Option<Instant>,
}

impl Lanes {
    /// Creates lanes that share `POST_RATE` requests per second; 0 is no limit. `POST_LANES` is
    /// their number, which a function cannot see: the shards of the stream.
    pub(super) fn of(variables: &Variables) -> Result<Self, VariableError> {
        let number = |name| {
            let number = variables.get(name)?.parse::<f64>().ok().filter(|it| it.is_finite());
            number.ok_or(VariableError::Invalid(name, "a number"))
        };
        let (rate, lanes) = (number("POST_RATE")?, number("POST_LANES")?);
        Ok(Self::new((rate > 0.0).then(|| rate / lanes.max(1.0))))
    }

    const fn new(rate: Option<f64>) -> Self {
        Self { rate, idle: Mutex::new(Vec::new()) }
    }

    /// Returns a lane that no other invocation uses.
    pub(super) fn take(&self) -> Arc<Lane> {
        let idle = locked(&self.idle).pop();
        idle.unwrap_or_else(|| {
            let pace = self.rate.map(|rate| Mutex::new(Pace::new(rate)));
            Arc::new(Lane { pace, throttled_at: Mutex::default() })
        })
    }

    /// Gives a lane back for the next invocation.
    pub(super) fn give_back(&self, lane: Arc<Lane>) {
        locked(&self.idle).push(lane);
    }
}

impl Lane {
    /// Waits until the lane may make another request, unless that is after `until`.
    pub(super) async fn turn(&self, until: Option<Instant>) -> Result<(), TimeIsUp> {
        let Some(pace) = &self.pace else { return Ok(()) };
        let turn = locked(pace).turn(Instant::now(), until)?;
        sleep_until(turn).await;
        Ok(())
    }

    /// True if the lane was slowed down a moment ago: a request may then fail for the account and
    /// the next one for nothing.
    pub(super) fn is_throttled(&self) -> bool {
        locked(&self.throttled_at).is_some_and(|at| at.elapsed() < CALM)
    }

    /// Slows the lane down, because the account's quota is used up.
    pub(super) fn slow_down(&self) {
        let now = Instant::now();
        *locked(&self.throttled_at) = Some(now);
        if let Some(pace) = &self.pace {
            locked(pace).slow_down(now);
        }
    }
}

impl Pace {
    fn new(full: f64) -> Self {
        Self { full, rate: full, tokens: full, at: Instant::now(), slowed_at: None }
    }

    /// Takes a token, and returns the time at which it is there. Takes none that comes after
    /// `until`.
    fn turn(&mut self, now: Instant, until: Option<Instant>) -> Result<Instant, TimeIsUp> {
        self.pass_time(now);
        let owed = (1.0 - self.tokens).max(0.0);
        let turn = now + Duration::from_secs_f64(owed / self.rate);
        if until.is_some_and(|until| until < turn) {
            return Err(TimeIsUp);
        }
        self.tokens -= 1.0;
        Ok(turn)
    }

    fn slow_down(&mut self, now: Instant) {
        self.pass_time(now);
        if self.slowed_at.is_none_or(|at| now.duration_since(at) >= SLOWING) {
            self.slowed_at = Some(now);
            self.rate = (self.rate / 2.0).max(self.full * LEAST);
            self.tokens = self.tokens.min(0.0);
        }
    }

    fn pass_time(&mut self, now: Instant) {
        let seconds = now.duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = self.rate.mul_add(seconds, self.tokens).min(self.full);
        let recovered = self.full * seconds / RECOVERY.as_secs_f64();
        self.rate = (self.rate + recovered).min(self.full);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the number of requests that a lane makes in so many seconds.
    async fn requests(lane: &Lane, seconds: u64) -> usize {
        let (end, mut count) = (Instant::now() + Duration::from_secs(seconds), 0);
        while Instant::now() < end {
            lane.turn(None).await.unwrap();
            count += 1;
        }
        count
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_makes_a_burst_of_a_second_and_then_its_rate() {
        let lane = Lanes::new(Some(100.0)).take();
        assert!((190..=210).contains(&requests(&lane, 1).await));
        assert!((990..=1010).contains(&requests(&lane, 10).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_lane_halves_its_rate_and_recovers_within_ten_seconds() {
        let lane = Lanes::new(Some(100.0)).take();
        requests(&lane, 1).await;
        // All that are throttled at once count once.
        (0..64).for_each(|_| lane.slow_down());
        assert!((50..=65).contains(&requests(&lane, 1).await));
        requests(&lane, 10).await;
        assert!((990..=1010).contains(&requests(&lane, 10).await));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_turn_that_comes_too_late() {
        let lane = Lanes::new(Some(10.0)).take();
        let until = Instant::now() + Duration::from_secs(1);
        let mut made = 0;
        while lane.turn(Some(until)).await.is_ok() {
            made += 1;
        }
        assert!((19..=21).contains(&made), "{made}");
        assert!(Instant::now() <= until);
    }

    #[tokio::test(start_paused = true)]
    async fn each_invocation_at_a_time_has_its_own_lane_and_keeps_its_rate() {
        let lanes = Lanes::new(Some(100.0));
        let (one, another) = (lanes.take(), lanes.take());
        assert!(!Arc::ptr_eq(&one, &another));
        let first = Arc::as_ptr(&one);
        lanes.give_back(one);
        assert_eq!(Arc::as_ptr(&lanes.take()), first);
    }
}
