//! The template's schedules, each a rule that invokes a function periodically.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html>

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use clock::Clock;
use clock::Timestamp;
use random::random_uuid;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::invoke::Functions;
use crate::template::{ACCOUNT_ID, REGION, Schedule, Template};

/// How many times as often as on AWS a schedule invokes its function. The shortest period that
/// `EventBridge` knows is a minute, too long a wait for a developer at a terminal; an invocation
/// that finds nothing to do costs nothing here.
const TIMES_AS_OFTEN: u32 = 60;

/// A schedule and the function that it invokes.
pub(super) struct Rule {
    function: String,
    schedule: Schedule,
}

/// Returns all schedules of the template.
pub(super) fn rules(template: &Template) -> impl Iterator<Item = Rule> {
    template.functions.iter().flat_map(|(logical_id, function)| {
        let rule =
            |schedule: &Schedule| Rule { function: logical_id.clone(), schedule: schedule.clone() };
        function.schedules.iter().map(rule)
    })
}

impl Rule {
    /// Invokes the function until `stop`. `clock` gives the time in its events.
    pub(super) async fn run(
        self,
        functions: Functions,
        clock: Clock,
        stop: impl Future<Output = ()>,
    ) {
        let Self { function, schedule } = self;
        let invoke = || {
            let (functions, function) = (functions.clone(), function.clone());
            let event = event(&schedule, clock.now());
            async move {
                // The invocation logs its own failure, and there is no caller to receive the
                // response.
                let _ = functions.invoke(&function, &event).await;
            }
        };
        every(schedule.period / TIMES_AS_OFTEN, invoke, stop).await;
    }
}

/// Calls `invoke` every `period` until `stop`, for the first time after one period. Calls do not
/// overlap: after a call that took longer than a period, the next one starts at once, and the
/// missed ones are skipped. A call in progress at `stop` is completed.
async fn every<Invoked: Future<Output = ()>>(
    period: Duration,
    invoke: impl Fn() -> Invoked,
    stop: impl Future<Output = ()>,
) {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = ticks.tick() => invoke().await,
        }
    }
}

/// Returns the event with which `EventBridge` invokes a function.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html>
fn event(schedule: &Schedule, now: Timestamp) -> Value {
    let time = DateTime::from_timestamp(now.epoch_seconds(), 0).unwrap_or_default();
    json!({
        "version": "0",
        "id": random_uuid().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": time.to_rfc3339_opts(SecondsFormat::Secs, true),
        "region": REGION,
        "resources": [schedule.rule_arn],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::time::sleep;

    use super::*;

    /// Returns the start times of the calls, in milliseconds, if the first takes `first` and each
    /// later one `later`, and they are stopped at `until`; and the end of the last call.
    async fn calls(first: u64, later: u64, until: u64) -> (Vec<u128>, u128) {
        let (start, begun) = (Instant::now(), RefCell::new(Vec::new()));
        let invoke = || {
            let takes = if begun.borrow().is_empty() { first } else { later };
            begun.borrow_mut().push(start.elapsed().as_millis());
            sleep(Duration::from_millis(takes))
        };
        every(Duration::from_secs(1), invoke, sleep(Duration::from_millis(until))).await;
        (begun.into_inner(), start.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_a_period_apart_until_they_are_stopped() {
        assert_eq!(calls(0, 0, 3_500).await, (vec![1_000, 2_000, 3_000], 3_500));
        assert_eq!(calls(900, 900, 3_500).await, (vec![1_000, 2_000, 3_000], 3_900));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_call_is_not_overtaken_and_what_it_missed_is_left_out() {
        let one_slow = calls(2_500, 100, 5_500).await;
        assert_eq!(one_slow, (vec![1_000, 3_500, 4_000, 5_000], 5_500));
        let all_slow = calls(2_500, 2_500, 8_000).await;
        assert_eq!(all_slow, (vec![1_000, 3_500, 6_000], 8_500));
    }

    #[test]
    fn a_scheduled_event_is_as_eventbridge_sends_it() {
        let rule_arn = "arn:aws:events:local:000000000000:rule/waybill-SweepTick".to_owned();
        let schedule = Schedule { rule_arn, period: Duration::from_mins(1) };
        let now = Timestamp::parse("2026-11-21T09:30:00.999Z").unwrap();
        let mut sent = event(&schedule, now);
        let id = sent["id"].take();
        let expected = json!({
            "version": "0",
            "id": null,
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": "2026-11-21T09:30:00Z",
            "region": "local",
            "resources": ["arn:aws:events:local:000000000000:rule/waybill-SweepTick"],
            "detail": {},
        });
        assert_eq!(sent, expected);
        assert_ne!(event(&schedule, now)["id"], id);
    }
}
