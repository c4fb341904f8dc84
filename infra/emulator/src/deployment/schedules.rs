//! The template's schedules, each a rule that invokes a function periodically.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html>

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use clock::Clock;
use clock::Timestamp;
use random::random_uuid;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use crate::invoke::{FunctionError, Functions};
use crate::template::{ACCOUNT_ID, REGION, Schedule, Template};

/// How many times as often as on AWS a schedule invokes its function. The shortest period that
/// `EventBridge` knows is a minute, too long a wait for a developer at a terminal; an invocation
/// that finds nothing to do costs nothing here.
const TIMES_AS_OFTEN: u32 = 60;

/// The wait on AWS before a throttled event is tried again doubles from the first of these to the
/// second.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));

/// A schedule and the function that it invokes.
pub(super) struct Rule {
    function: String,
    schedule: Schedule,
    /// The time for which Lambda tries an event that it throttles.
    event_age: Duration,
}

/// Returns all schedules of the template.
pub(super) fn rules(template: &Template) -> impl Iterator<Item = Rule> {
    template.functions.iter().flat_map(|(logical_id, function)| {
        function.schedules.iter().map(|schedule| Rule {
            function: logical_id.clone(),
            schedule: schedule.clone(),
            event_age: function.event_age,
        })
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
        let Self { function, schedule, event_age } = self;
        let invoke = || {
            let (functions, function) = (functions.clone(), function.clone());
            let event = event(&schedule, clock.now());
            async move {
                let invoke = || functions.invoke(&function, &event);
                if unless_throttled(event_age, invoke).await.is_err() {
                    tracing::warn!(function, "a scheduled event was throttled until its end");
                }
            }
        };
        every(schedule.period / TIMES_AS_OFTEN, invoke, stop).await;
    }
}

/// Calls `invoke` until it is not throttled, for `age` on AWS at most. Other failures are not
/// repeated: the invocation logs its own, and there is no caller to receive the response.
async fn unless_throttled<T, Invoked>(
    age: Duration,
    invoke: impl Fn() -> Invoked,
) -> Result<(), Throttled>
where
    Invoked: Future<Output = Result<T, FunctionError>>,
{
    let (end, (mut wait, longest)) = (Instant::now() + age / TIMES_AS_OFTEN, BACKOFF);
    while invoke().await.is_err_and(|error| error.is_throttled()) {
        let next = Instant::now() + wait / TIMES_AS_OFTEN;
        if next > end {
            return Err(Throttled);
        }
        sleep_until(next).await;
        wait = (wait * 2).min(longest);
    }
    Ok(())
}

/// An event was throttled for as long as it was tried.
#[derive(Debug, PartialEq, Eq)]
struct Throttled;

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

    use std::sync::Arc;

    use lambda_runtime::{LambdaEvent, service_fn};
    use tokio::sync::watch;
    use tokio::time::sleep;

    use super::*;
    use crate::invoke::Handler;
    use crate::meter::Meter;
    use crate::{TimeScale, template};

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

    /// Returns a function with room for one invocation, which is taken until `end` is true.
    async fn busy(end: watch::Receiver<bool>) -> (Functions, Meter) {
        let handler = Handler::event(service_fn(move |_: LambdaEvent<Value>| {
            let mut end = end.clone();
            async move {
                end.wait_for(|end| *end).await?;
                Ok::<_, lambda_runtime::Error>(())
            }
        }));
        let declared =
            template::Function { concurrency: Some(1), ..template::Function::for_test(Vec::new()) };
        let (meter, mut functions) = (Meter::default(), Functions::default());
        let clock = Clock::system();
        let function =
            crate::invoke::Function::new(&declared, handler, clock, TimeScale::REAL, meter.clone());
        functions.insert("Busy", function);
        let function = Arc::clone(functions.find("Busy").unwrap());
        tokio::spawn(function.invoke("null".into()));
        tokio::task::yield_now().await;
        (functions, meter)
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_event_waits_its_turn_and_is_dropped_at_its_age() {
        let (end, ended) = watch::channel(false);
        let (functions, meter) = busy(ended).await;
        let tries = RefCell::new(Vec::new());
        let begun = Instant::now();
        let invoke = || {
            tries.borrow_mut().push(begun.elapsed().as_millis());
            functions.invoke("Busy", &Value::Null)
        };
        assert_eq!(unless_throttled(Duration::from_mins(1), invoke).await, Err(Throttled));
        assert_eq!(tries.take(), [0, 17, 51, 118, 252, 519]);
        end.send_replace(true);
        assert_eq!(unless_throttled(Duration::from_mins(1), invoke).await, Ok(()));
        assert_eq!(meter.take().invocations["test"], 2);
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
