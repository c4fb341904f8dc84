use clock::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{
    Breach, Estimate, Histogram, ServiceLevels, Stage, StageOffers, Timeline, open_statuses,
};
use crate::samples::life::lives;
use crate::samples::{
    ORDER_ID, at, basket, created, driver, driver_id, events_due, events_of, merchant, ops, placed,
    proposal, store_id,
};
use crate::{
    Action, Answer, Autopilot, Context, Created, Event, EventData, InPlace, Limit, Limits,
    Metadata, NewOrder, OfferTime, Offering, Operation, Phase, Placed, Step, SubstitutionId, Terms,
    Workflow, fold,
};

fn limits<const N: usize>(workflow: &Workflow, limits: [(&str, u64); N]) -> Limits {
    let limit =
        |(status, seconds)| (workflow.status(status).unwrap(), Limit::try_from(seconds).unwrap());
    Limits::new(limits.map(limit))
}

/// The events of an order that is created at second 0.
struct Story(Vec<Event>);

impl Story {
    fn of(workflow: &str, terms: Terms) -> Self {
        let workflow = Workflow::named(workflow).unwrap();
        let order = NewOrder {
            created: Created {
                placed: Placed { terms, ..placed(workflow) },
                store: Some(store_id("s1")),
                basket: workflow.prepared_by_store.then(|| basket(&[Some(700), Some(250), None])),
                has_handover_code: false,
            },
            metadata: Metadata::default(),
        };
        Self(created(order, &merchant("m1")).unwrap())
    }

    fn and(mut self, seconds: i64, action: impl Into<Action>) -> Self {
        let order = fold(ORDER_ID, &self.0).unwrap();
        self.0.extend(events_of(&order, action, &Context::new(at(seconds), &ops())).unwrap());
        self
    }

    /// Runs the deadline sweep at `seconds`.
    fn and_sweep(mut self, seconds: i64) -> Self {
        let order = fold(ORDER_ID, &self.0).unwrap();
        self.0.extend(events_due(&order, at(seconds)).unwrap());
        self
    }

    fn and_move(self, seconds: i64, to: &str) -> Self {
        let to = fold(ORDER_ID, &self.0).unwrap().placed.workflow.status(to).unwrap();
        self.and(seconds, Step::ChangeStatus { to })
    }

    fn and_accept(mut self, seconds: i64, by: &str) -> Self {
        let (order, principal) = (fold(ORDER_ID, &self.0).unwrap(), driver(by));
        let accept = Step::Accept { driver: driver_id(by) };
        self.0.extend(events_of(&order, accept, &Context::new(at(seconds), &principal)).unwrap());
        self
    }

    fn timeline(&self) -> Timeline {
        Timeline::of(ORDER_ID, &self.0).unwrap()
    }
}

/// A stage: status, entered at, left at, limit, due at, seconds beyond the limit, and alerts.
type Row = (&'static str, i64, Option<i64>, Option<u32>, Option<i64>, u64, u32);

fn row(stage: &Stage, now: i64) -> Row {
    let seconds = |time: Timestamp| (time.epoch_millis() - at(0).epoch_millis()) / 1000;
    (
        stage.status.name(),
        seconds(stage.entered_at),
        stage.left_at.map(seconds),
        stage.limit,
        stage.due_at.map(seconds),
        stage.over_by(at(now)),
        stage.alerts,
    )
}

fn answered(id: usize, answer: Answer) -> Step {
    Step::AnswerSubstitution { id: SubstitutionId::new(id), answer }
}

/// An order whose store acknowledges late, and asks the customer twice.
fn groceries() -> Story {
    let own = [("picking_in_progress", 120), ("substitutions_needed", 300), ("returning", 0)];
    let limits = limits(Workflow::named("grocery").unwrap(), own);
    Story::of("grocery", Terms { limits, ..Terms::default() })
        .and_sweep(599)
        .and_sweep(601)
        .and(700, Step::Plain(Operation::Acknowledge))
        .and(760, Step::Plain(Operation::StartPicking))
        .and(800, Step::ProposeSubstitutions(vec![proposal(1, 10)]))
        .and(1000, Step::ProposeSubstitutions(vec![proposal(2, 10)]))
        .and(1250, answered(1, Answer::Rejected))
        .and(1290, answered(2, Answer::Approved))
}

#[test]
fn an_order_is_told_stage_by_stage() {
    let timeline = groceries().timeline();
    let stages: Vec<_> = timeline.stages.iter().map(|stage| row(stage, 1420)).collect();
    assert_eq!(
        stages,
        [
            ("submitted", 0, Some(0), None, None, 0, 0),
            ("store_notified", 0, Some(700), Some(600), Some(600), 100, 1),
            ("store_acknowledged", 700, Some(760), Some(900), Some(1600), 0, 0),
            ("picking_in_progress", 760, Some(800), Some(120), Some(880), 0, 0),
            ("substitutions_needed", 800, Some(1290), Some(300), Some(1300), 0, 0),
            ("picking_in_progress", 1290, None, Some(120), Some(1410), 10, 0),
        ]
    );
    assert_eq!(timeline.stages[5].seconds(at(1420)), 130);
    assert_eq!(timeline.stages[4].seconds(at(1420)), 490);
}

#[test]
fn a_limit_is_forecast_until_it_passes() {
    let timeline = groceries().timeline();
    let status = timeline.order.status;
    for (now, at_seconds) in [(1290, Some(1410)), (1409, Some(1410)), (1410, None), (9999, None)] {
        let expected = at_seconds.map(|seconds| Breach { status, at: at(seconds) });
        assert_eq!(timeline.next_breach(at(now)), expected, "{now}");
    }
    let closed = groceries().and_move(1400, "cancelled").timeline();
    assert_eq!(closed.next_breach(at(1400)), None);
    assert_eq!(closed.stages.last().unwrap().left_at, Some(at(1400)));
    assert_eq!(closed.stages.len(), 6, "a closed order stands nowhere");
}

/// An order that was moved off its autopilot's path by hand has limits again: its merchant's or
/// its workflow's.
#[test]
fn what_goes_on_by_itself_has_no_limit() {
    let parcel = Workflow::named("parcel").unwrap();
    let terms = Terms {
        limits: limits(parcel, [("pending", 60)]),
        autopilot: Some(Autopilot::try_from(3600).unwrap()),
        ..Terms::default()
    };
    let timeline = Story::of("parcel", terms).timeline();
    assert_eq!(row(&timeline.stages[0], 7200), ("pending", 0, None, None, None, 0, 0));
    assert_eq!(timeline.next_breach(at(10)), None);
}

#[test]
fn a_courier_may_take_as_long_as_it_takes() {
    let timeline = Story::of("courier", Terms::default()).timeline();
    assert_eq!(row(&timeline.stages[0], 99_999), ("created", 0, None, None, None, 0, 0));
    assert_eq!(timeline.next_breach(at(10)), None);
}

proptest! {
    /// Until an alert is raised, the deadline of an order that does not move by itself is the
    /// time at which the limit of its last stage passes.
    #[test]
    fn stages_are_where_the_order_stood(life in lives()) {
        for (count, head) in (1..).zip(&life.heads) {
            let Timeline { order, stages, .. } = Timeline::of(ORDER_ID, &life.events[..count]).unwrap();
            prop_assert_eq!(&order, head);
            let last = stages.last().unwrap();
            prop_assert_eq!(last.left_at.is_none(), head.is_open());
            if head.is_open() {
                prop_assert_eq!((last.status, last.entered_at), (head.status, head.status_since));
                let of_limit = last.alerts == 0 && head.next_by_itself().is_none();
                let deadline = head.deadline.filter(|_| of_limit);
                prop_assert_eq!(deadline.map(|it| it.at), last.due_at.filter(|_| last.alerts == 0));
            }
            for (stage, next) in stages.iter().zip(&stages[1..]) {
                let is_reopening = |event: &Event| {
                    event.at == next.entered_at && matches!(event.data, EventData::Reopened { .. })
                };
                // While an order is closed, it is in no stage.
                if life.events[..count].iter().any(is_reopening) {
                    prop_assert!(stage.left_at <= Some(next.entered_at));
                } else {
                    prop_assert_eq!(stage.left_at, Some(next.entered_at));
                }
            }
        }
    }

    /// A percentile of rounded durations is the rounded percentile of the exact ones.
    #[test]
    fn a_percentile_is_that_of_nearest_rank(
        durations in vec(prop_oneof![0..40_u64, 0..100_000_u64, 0..320_000_000_000_u64], 0..50),
        percent in 1..=100_usize,
    ) {
        let mut histogram = Histogram::default();
        for seconds in &durations {
            histogram.add(*seconds);
        }
        let mut sorted = durations.clone();
        sorted.sort_unstable();
        let is_enough = |rank: &usize| rank * 100 >= sorted.len() * percent;
        let exact = (1..=sorted.len()).find(is_enough).map(|rank| sorted[rank - 1]);
        prop_assert_eq!(histogram.percentile(percent as u64), exact.map(rounded));
        prop_assert_eq!(histogram.count(), durations.len() as u64);
    }
}

/// Rounds up to two digits of E24, computed from the decimal text alone.
fn rounded(seconds: u64) -> u64 {
    const E24: [u64; 25] = [
        10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82,
        91, 100,
    ];
    if seconds < 10 {
        return seconds;
    }
    let unit = 10_u64.pow(u32::try_from(seconds.to_string().len() - 2).unwrap());
    E24.iter().map(|value| value * unit).find(|value| *value >= seconds).unwrap()
}

#[test]
fn levels_count_what_ended_and_what_stands() {
    let mut levels = ServiceLevels::default();
    let Timeline { order, stages, .. } = groceries().timeline();
    for now in [1410, 1411] {
        levels.add(order.placed.workflow, &stages, None, at(now));
    }
    let of = |status: &str| {
        let mut each = levels.each();
        let (_, _, level) = each.find(|(_, at, _)| at.name() == status).unwrap();
        (level.ended.count(), level.ended.percentile(50), level.breaches, level.standing)
    };
    assert_eq!(of("store_notified"), (2, Some(750), 2, 0));
    assert_eq!(of("store_acknowledged"), (2, Some(62), 0, 0));
    assert_eq!(of("picking_in_progress"), (2, Some(43), 1, 2), "it may stand there until 1410");
    assert_eq!(of("substitutions_needed"), (2, Some(510), 0, 0));
    assert!(levels.each().all(|(workflow, ..)| workflow.name == "grocery"));
    assert_eq!(levels.each().count(), 5);
    let again = ServiceLevels::from_numbers(&mut levels.numbers());
    assert_eq!(again, Some(levels));
}

/// The offers of a stay are counted with it, and the first one begins the time to accept.
#[test]
fn offers_are_told_with_the_time_to_accept() {
    let offer = |seconds: i64| {
        let drivers = vec![driver_id("d1"), driver_id("d2")];
        let time = OfferTime::default();
        (seconds, InPlace::Offer(Offering { drivers, time, replace: true, radius_m: None }))
    };
    let ((first, one), (second, two)) = (offer(10), offer(100));
    let asked =
        Story::of("courier", Terms::default()).and(first, one).and_sweep(55).and(second, two);
    let standing = StageOffers { count: 2, first_at: at(10), accepted_at: None };
    assert_eq!(asked.timeline().stages[0].offers, Some(standing));
    let accepted = asked.and_accept(130, "d2");
    let Timeline { order, stages, .. } = accepted.timeline();
    let taken = StageOffers { accepted_at: Some(at(130)), ..standing };
    assert_eq!(stages.iter().map(|stage| stage.offers).collect::<Vec<_>>(), [Some(taken), None]);
    assert_eq!(taken.accept_seconds(), Some(120));
    let mut levels = ServiceLevels::default();
    levels.add(order.placed.workflow, &stages, None, at(140));
    let (_, _, level) = levels.each().find(|(_, at, _)| at.name() == "created").unwrap();
    assert_eq!(
        (level.offers, level.accepted.count(), level.accepted.percentile(50)),
        (2, 1, Some(120))
    );
    let again = ServiceLevels::from_numbers(&mut levels.numbers());
    assert_eq!(again, Some(levels));
}

/// Estimates and deliveries, in seconds; the count, the bias, the median and the 90th percentile.
#[test]
fn the_accuracy_of_estimates_is_that_of_the_delivered_orders() {
    let estimate = |arrives, delivered: Option<i64>| Estimate {
        arrives_at: at(arrives),
        delivered_at: delivered.map(at),
    };
    for (estimates, expected) in [
        (vec![], (0, None, None, None)),
        (vec![(100, None)], (0, None, None, None)),
        (vec![(100, Some(100))], (1, Some(0), Some(0), Some(0))),
        (vec![(100, Some(109))], (1, Some(9), Some(9), Some(9))),
        (vec![(100, Some(91))], (1, Some(-9), Some(9), Some(9))),
        (vec![(100, Some(105)), (100, Some(92)), (100, None)], (2, Some(-1), Some(5), Some(8))),
        (vec![(0, Some(600)), (0, Some(1)), (9, Some(0))], (3, Some(197), Some(9), Some(620))),
    ] {
        let mut levels = ServiceLevels::default();
        for (arrives, delivered) in estimates {
            levels.add(Workflow::DEFAULT, &[], Some(&estimate(arrives, delivered)), at(0));
        }
        let it = &levels.estimates;
        let found = (
            it.errors.count(),
            it.bias_seconds(),
            it.errors.percentile(50),
            it.errors.percentile(90),
        );
        assert_eq!(found, expected);
        let again = ServiceLevels::from_numbers(&mut levels.numbers());
        assert_eq!(again, Some(levels));
    }
}

proptest! {
    /// The first estimate since the last pickup, attempt or reopening, and the delivery after it.
    #[test]
    fn an_estimate_is_the_first_of_its_way(life in lives()) {
        let found = Timeline::of(ORDER_ID, &life.events).unwrap().estimate;
        let begins = life.events.iter().rposition(|event| {
            matches!(event.data, EventData::DeliveryFailed { .. } | EventData::Reopened { .. })
        });
        let rest = &life.events[begins.unwrap_or(0)..];
        let is_on_the_way = |event: &&Event| event.status.phase() == Phase::OnTheWay;
        let first = rest.iter().filter(is_on_the_way).find_map(|event| match &event.data {
            EventData::EtaChanged(eta) => Some(eta.arrives_at),
            _ => None,
        });
        let delivered = rest.iter().find(|event| event.status.phase() == Phase::Delivered);
        prop_assert_eq!(found.map(|it| it.arrives_at), first);
        let expected = first.and(delivered).map(|event| event.at);
        prop_assert_eq!(found.and_then(|it| it.delivered_at), expected);
    }
}

#[test]
fn every_open_status_is_a_station() {
    let names: Vec<_> =
        open_statuses().map(|(workflow, at)| format!("{} {at}", workflow.name)).collect();
    assert_eq!(names.len(), 6 + 13 + 5);
    assert!(names.contains(&"courier delivery_failed".to_owned()));
    assert!(!names.iter().any(|name| name.ends_with(" delivered")));
}
