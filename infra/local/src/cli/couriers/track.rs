//! The fixes of a courier, and the times to measure and to send them.

use std::time::Duration;

use clock::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::town::Motion;

/// The most fixes that one request can have.
const MAX_SENT: usize = 200;

/// The wait after an upload that failed.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The accuracy of every fix, in metres.
const ACCURACY_M: u8 = 5;

/// The advice in the response to an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Advice {
    /// The seconds between two fixes; 0 for none.
    pub(super) fix_every_s: u32,
    /// The seconds between two uploads; 0 for none.
    pub(super) send_every_s: u32,
}

impl Advice {
    /// The advice for a courier off duty.
    pub(super) const NONE: Self = Self { fix_every_s: 0, send_every_s: 0 };
}

/// Fixes that were not sent yet, and the times of the next fix and upload.
#[derive(Debug, Default)]
pub(super) struct Track {
    fixes: Vec<Value>,
    fix_every: Duration,
    send_every: Duration,
    /// `None` until there is advice, and if the advice is not to measure.
    fix_at: Option<Duration>,
    send_at: Option<Duration>,
}

impl Track {
    /// Returns the time of the next fix or upload.
    pub(super) fn due(&self) -> Option<Duration> {
        self.fix_at.into_iter().chain(self.send_at).min()
    }

    /// True if it is time for a fix.
    pub(super) fn must_measure(&self, now: Duration) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// True if it is time for an upload.
    pub(super) fn must_send(&self, now: Duration) -> bool {
        self.send_at.is_some_and(|due| due <= now)
    }

    /// Adds a fix of the time `at`, which is `now` by the courier's own clock.
    pub(super) fn measured(&mut self, now: Duration, at: Timestamp, motion: &Motion) {
        let Motion { location, speed, heading } = motion;
        let mut fix = json!({
            "at": at,
            "lat": location.lat(),
            "lng": location.lng(),
            "accuracy": ACCURACY_M,
            "speed": speed,
        });
        if let Some(heading) = heading {
            fix["heading"] = json!(heading);
        }
        self.fixes.push(fix);
        // The newest fixes are those that count.
        let excess = self.fixes.len().saturating_sub(MAX_SENT);
        self.fixes.drain(..excess);
        self.fix_at = self.fix_at.map(|_| now + self.fix_every);
    }

    /// Returns the body of an upload with all fixes.
    pub(super) fn body(&self) -> Value {
        json!({ "fixes": self.fixes })
    }

    /// Notes that the fixes were judged, with this advice for the next ones.
    pub(super) fn sent(&mut self, now: Duration, advice: Advice) {
        self.fixes.clear();
        let every = |seconds: u32| Duration::from_secs(seconds.into());
        let next = |every: Duration| (every > Duration::ZERO).then(|| now + every);
        self.fix_every = every(advice.fix_every_s);
        self.send_every = every(advice.send_every_s);
        (self.fix_at, self.send_at) = (next(self.fix_every), next(self.send_every));
    }

    /// Notes that nobody received the fixes, which are sent again later.
    pub(super) fn not_sent(&mut self, now: Duration) {
        self.send_at = Some(now + RETRY_AFTER);
    }

    /// Notes that the server does not want these fixes, and forgets them.
    pub(super) fn refused(&mut self, now: Duration) {
        self.fixes.clear();
        self.send_at = self.send_at.map(|_| now + self.send_every.max(RETRY_AFTER));
    }
}

#[cfg(test)]
mod tests {
    use domain::Location;

    use super::*;

    const ADVICE: Advice = Advice { fix_every_s: 15, send_every_s: 60 };

    fn second(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    fn measure(track: &mut Track, now: Duration) {
        let at = Timestamp::EPOCH.plus_seconds(now.as_secs().try_into().unwrap());
        track.measured(now, at, &Motion::none(Location::new(51.5, -0.1).unwrap()));
    }

    fn count(track: &Track) -> usize {
        track.body()["fixes"].as_array().unwrap().len()
    }

    #[test]
    fn fixes_are_measured_and_sent_as_advised() {
        let mut track = Track::default();
        assert_eq!(track.due(), None);
        measure(&mut track, second(0));
        track.sent(second(0), ADVICE);
        assert_eq!(count(&track), 0);
        let mut times = Vec::new();
        while !track.must_send(track.due().unwrap()) {
            let due = track.due().unwrap();
            times.push(due.as_secs());
            assert!(track.must_measure(due) && !track.must_measure(second(due.as_secs() - 1)));
            measure(&mut track, due);
        }
        assert_eq!((times, count(&track)), (vec![15, 30, 45], 3));
        assert_eq!(track.due(), Some(second(60)));
    }

    #[test]
    fn a_courier_off_duty_measures_nothing() {
        let mut track = Track::default();
        track.sent(second(0), ADVICE);
        measure(&mut track, second(15));
        track.sent(second(20), Advice::NONE);
        assert_eq!(track.due(), None);
    }

    #[test]
    fn fixes_that_nobody_received_are_sent_again() {
        let mut track = Track::default();
        track.sent(second(0), ADVICE);
        measure(&mut track, second(15));
        track.not_sent(second(15));
        assert_eq!((count(&track), track.must_send(second(24))), (1, false));
        assert!(track.must_send(second(25)));
        track.refused(second(25));
        assert_eq!((count(&track), track.send_at), (0, Some(second(85))));
    }

    #[test]
    fn an_upload_has_the_newest_fixes_if_there_are_too_many() {
        let mut track = Track::default();
        for number in 0..300 {
            measure(&mut track, second(number));
        }
        assert_eq!(count(&track), MAX_SENT);
        assert_eq!(track.body()["fixes"][0]["at"], "1970-01-01T00:01:40.000Z");
    }
}
