//! The facts of a driver's trip, which Waybill tells by itself.

use proptest::prelude::*;
use serde_json::json;

use crate::samples::drives::{DROPOFF_M, fix, north, places, seen, silent};
use crate::samples::life::{Wanted, lives};
use crate::samples::{
    at, clerk, customer, driver, driver_id, events_of, merchant, on_duty, ops, order, support,
};
use crate::{
    Context, Event, EventData, Fact, MAX_ESTIMATES, News, Operation, Order, OrderId, Phase, Reason,
    Sighting, Step, Stop, StopKind, Told, evolve, facts, tell, visibility,
};

/// Returns the order after these steps of operations, one each 100 seconds from the first one on.
fn after(order: Order, steps: impl IntoIterator<Item = Step>) -> Order {
    let (known, by) = (on_duty(&["d1", "d2"]), ops());
    let mut order = order;
    for step in steps {
        let now = order.updated_at.plus_seconds(100);
        let events = events_of(&order, step, &Context::new(now, &by).knowing(&known)).unwrap();
        order = events.iter().fold(order, evolve);
    }
    order
}

fn assign(driver: &str) -> Step {
    Step::Assign { driver: driver_id(driver), replace: true }
}

fn reason() -> Reason {
    Reason::parse("a flat tyre").unwrap()
}

/// Returns the sample order, given to driver d1 100 seconds after its creation.
fn assigned() -> Order {
    after(order(), [assign("d1")])
}

/// Returns the sample order on its way, picked up 200 seconds after its creation.
fn on_the_way() -> Order {
    after(assigned(), [Step::Plain(Operation::Pickup)])
}

fn delivered() -> Order {
    let deliver = Step::Deliver { code: None, note: None };
    after(on_the_way(), [Step::Plain(Operation::Depart), deliver])
}

/// Returns the news of driver d1, who was so many metres north of the pickup at these times.
fn at_place(metres: f64, seconds: &[i64]) -> News {
    let fixes = seconds.iter().map(|seconds| fix(at(*seconds), metres)).collect();
    News::Positions(seen("d1", fixes))
}

fn name(fact: &Fact) -> &'static str {
    match fact {
        Fact::Arrived(arrived) => match arrived.stop {
            StopKind::Pickup => "at the pickup",
            StopKind::Dropoff => "at the drop-off",
        },
        Fact::Approaching { .. } => "approaching",
        Fact::EtaChanged(_) => "eta",
        Fact::GpsGap(_) => "gap",
        Fact::GpsBack { .. } => "back",
    }
}

fn names(order: &Order, news: &News, now: i64) -> Vec<&'static str> {
    facts(order, news, at(now)).iter().map(name).collect()
}

/// Returns the order after it was told the news, and the facts.
fn told(order: Order, news: &News, now: i64) -> (Order, Vec<&'static str>) {
    let names = names(&order, news, now);
    let events = tell(&order, news, at(now)).unwrap().events;
    assert_eq!(events.len(), names.len());
    for event in &events {
        assert_eq!((event.status, event.actor.id.as_str()), (order.status, "positions"));
    }
    let order = events.iter().fold(order, evolve);
    assert_eq!(facts(&order, news, at(now)), [], "a repetition tells nothing");
    (order, names)
}

/// A trip as it should be: each news and the facts that it makes.
#[test]
fn a_trip_is_told_in_a_few_facts() {
    let (order, first) = told(assigned(), &at_place(-2_000.0, &[110]), 110);
    assert_eq!(first, ["eta"]);
    let (order, on) = told(order, &at_place(-1_000.0, &[431]), 431);
    assert_eq!(on, [""; 0]);
    let (order, there) = told(order, &at_place(10.0, &[760, 765]), 765);
    assert_eq!(there, ["at the pickup"]);
    let (order, waits) = told(order, &at_place(10.0, &[1_700, 1_705]), 1_705);
    assert_eq!(waits, [""; 0], "the driver waits at the store");
    let order = after(Order { updated_at: at(1_710), ..order }, [Step::Plain(Operation::Pickup)]);
    let (order, leaves) = told(order, &at_place(100.0, &[1_820]), 1_820);
    assert_eq!(leaves, ["eta"]);
    let (order, late) = told(order, &at_place(200.0, &[2_100]), 2_100);
    assert_eq!(late, ["eta"], "a fifth of the time that was left");
    let (order, near) = told(order, &at_place(2_200.0, &[2_750]), 2_750);
    assert_eq!(near, ["approaching"]);
    let (order, door) = told(order, &at_place(DROPOFF_M, &[3_000, 3_005]), 3_005);
    assert_eq!(door, ["at the drop-off"]);
    let (order, waits) = told(order, &at_place(DROPOFF_M, &[4_000, 4_005]), 4_005);
    assert_eq!(waits, [""; 0], "the driver waits at the door");
    assert_eq!(order.version.0, 3 + 6);
}

/// Each of what happens, in seconds after the creation: the driver has had the order since 100, and
/// picked it up at 200.
#[test]
fn positions_from_before_the_way_are_not_of_it() {
    for (name, order, news, now, expected) in [
        ("before the assignment", assigned(), at_place(0.0, &[90, 95]), 110, vec![]),
        ("one before it", assigned(), at_place(0.0, &[95, 105]), 110, vec!["eta"]),
        ("late, but of it", assigned(), at_place(0.0, &[101, 105]), 5_000, vec!["at the pickup"]),
        ("before the pickup", on_the_way(), at_place(DROPOFF_M, &[190, 195]), 210, vec![]),
        (
            "after the pickup",
            on_the_way(),
            at_place(DROPOFF_M, &[201, 205]),
            210,
            vec!["at the drop-off"],
        ),
        ("still at the pickup", on_the_way(), at_place(0.0, &[201, 205]), 210, vec!["eta"]),
        ("an old position", on_the_way(), at_place(1_000.0, &[210]), 391, vec![]),
        ("one not too old", on_the_way(), at_place(1_000.0, &[210]), 390, vec!["eta"]),
        ("near at once", on_the_way(), at_place(2_500.0, &[210]), 210, vec!["eta", "approaching"]),
        ("not yet", order(), at_place(0.0, &[201, 205]), 210, vec![]),
        ("delivered", delivered(), at_place(DROPOFF_M, &[501, 505]), 510, vec![]),
    ] {
        assert_eq!(names(&order, &news, now), expected, "{name}");
    }
}

#[test]
fn a_driver_without_the_order_or_a_roster_tells_nothing() {
    let news = at_place(DROPOFF_M, &[201, 205]);
    let way = on_the_way();
    assert_eq!(names(&way, &news, 210), ["at the drop-off"]);
    let of_another = Order { driver: Some(driver_id("d2")), ..way.clone() };
    assert_eq!(names(&of_another, &news, 210), [""; 0]);
    assert_eq!(names(&Order { is_load: false, ..way }, &news, 210), [""; 0]);
}

/// Each driver who gets the order tells the whole trip, also one who had it before.
#[test]
fn another_driver_and_another_attempt_begin_anew() {
    let (order, _) = told(assigned(), &at_place(0.0, &[101, 105]), 110);
    assert_eq!(order.told.arrived, [StopKind::Pickup]);
    for next in [
        after(order.clone(), [assign("d2"), assign("d1")]),
        after(order, [Step::Unassign { reason: reason() }, assign("d1")]),
    ] {
        assert_eq!(next.told, Told::default());
        let now = next.updated_at.epoch_seconds() - at(0).epoch_seconds();
        let late = at_place(0.0, &[101, 105]);
        assert_eq!(names(&next, &late, now + 10), [""; 0], "of the trip before");
        let again = at_place(0.0, &[now + 1, now + 5]);
        assert_eq!(names(&next, &again, now + 10), ["at the pickup"]);
    }
    let (order, door) = told(on_the_way(), &at_place(DROPOFF_M, &[201, 205]), 205);
    assert_eq!(door, ["at the drop-off"]);
    let failed = after(order, [Step::DeliveryFailed { reason: reason() }]);
    assert_eq!(names(&failed, &at_place(DROPOFF_M, &[310, 315]), 315), [""; 0]);
    let retried = after(failed, [Step::Plain(Operation::Retry)]);
    assert_eq!(names(&retried, &at_place(DROPOFF_M, &[410, 415]), 415), ["at the drop-off"]);
}

#[test]
fn an_order_that_is_opened_again_is_on_its_way_again() {
    let (order, _) = told(on_the_way(), &at_place(1_000.0, &[210]), 210);
    assert!(order.eta().is_some());
    let deliver = Step::Deliver { code: None, note: None };
    let delivered = after(order, [Step::Plain(Operation::Depart), deliver]);
    assert_eq!((delivered.told.clone(), delivered.eta()), (Told::default(), None));
    let closed_at = delivered.updated_at.epoch_seconds() - at(0).epoch_seconds();
    let reopened = after(delivered, [Step::Reopen { reason: reason() }]);
    let meanwhile = at_place(DROPOFF_M, &[closed_at + 10, closed_at + 20]);
    assert_eq!(names(&reopened, &meanwhile, closed_at + 110), [""; 0]);
    let then = at_place(DROPOFF_M, &[closed_at + 110, closed_at + 120]);
    assert_eq!(names(&reopened, &then, closed_at + 120), ["at the drop-off"]);
}

/// The metres that are left, the change of the estimate in seconds, and whether it is told. A bicycle
/// takes 965 seconds for 3,000 m, and 322 for 1,000 m.
#[test]
fn an_estimate_changes_by_more_than_two_minutes_and_a_fifth_of_what_was_left() {
    for (metres, change, is_told) in [
        (3_000.0, 160, false),
        (3_000.0, 161, true),
        (3_000.0, -241, false),
        (3_000.0, -242, true),
        (1_000.0, 120, false),
        (1_000.0, 121, true),
        (1_000.0, -120, false),
        (1_000.0, -121, true),
        (1_000.0, 500, true),
    ] {
        let news = at_place(DROPOFF_M - metres, &[1_000]);
        let way = on_the_way();
        let Fact::EtaChanged(eta) = facts(&way, &news, at(1_000))[0] else { panic!("{news:?}") };
        let told = Some((StopKind::Dropoff, eta.arrives_at.plus_seconds(-change)));
        let trip = Told { is_approaching: true, eta: told, estimates: 1, ..Told::default() };
        let expected = if is_told { vec!["eta"] } else { vec![] };
        assert_eq!(
            names(&Order { told: trip, ..way }, &news, 1_000),
            expected,
            "{metres} {change}"
        );
    }
}

/// After the first estimates to the pickup and to the dropoff, each change that is told is twice as large.
#[test]
fn an_estimate_that_swings_is_told_seldom() {
    let news = at_place(DROPOFF_M - 1_000.0, &[1_000]);
    let way = on_the_way();
    let Fact::EtaChanged(eta) = facts(&way, &news, at(1_000))[0] else { panic!("{news:?}") };
    for (estimates, least) in [(1, 120), (2, 120), (3, 240), (4, 480), (9, 120 << 7)] {
        for (change, expected) in [(least, vec![]), (least + 1, vec!["eta"])] {
            let told = Some((StopKind::Dropoff, eta.arrives_at.plus_seconds(-change)));
            let trip = Told { is_approaching: true, eta: told, estimates, ..Told::default() };
            let order = Order { told: trip, ..way.clone() };
            assert_eq!(names(&order, &news, 1_000), expected, "{estimates} {change}");
        }
    }
}

#[test]
fn a_trip_has_ten_estimates_at_most() {
    let news = at_place(0.0, &[1_000]);
    for (estimates, expected) in [(MAX_ESTIMATES - 1, vec!["eta"]), (MAX_ESTIMATES, vec![])] {
        let told = Told { estimates, ..Told::default() };
        let order = Order { told, ..on_the_way() };
        assert_eq!(names(&order, &news, 1_000), expected);
    }
}

#[test]
fn the_stops_before_an_order_are_part_of_its_way() {
    let alone = Sighting { stops: vec![places()], ..seen("d1", vec![fix(at(210), 0.0)]) };
    let other =
        Stop { order: OrderId::derived([7; 16]), pickup: None, dropoff: Some(north(500.0)) };
    let with_another = Sighting { stops: vec![other, places()], ..alone.clone() };
    let eta =
        |sighting: Sighting| match &facts(&on_the_way(), &News::Positions(sighting), at(210))[..] {
            [Fact::EtaChanged(eta)] => *eta,
            other => panic!("{other:?}"),
        };
    let (alone, with_another) = (eta(alone), eta(with_another));
    assert_eq!(alone.basis.distance_m, 3_000);
    assert_eq!(with_another.basis, alone.basis);
    assert_eq!(with_another.arrives_at, alone.arrives_at.plus_seconds(120));
}

#[test]
fn places_that_are_not_known_make_no_facts() {
    let without = |pickup, dropoff| {
        let stops = vec![Stop { pickup, dropoff, ..places() }];
        let fixes = [201, 205].map(|seconds| fix(at(seconds), 0.0)).to_vec();
        News::Positions(Sighting { stops, ..seen("d1", fixes) })
    };
    let (pickup, dropoff) = (places().pickup, places().dropoff);
    for (pickup, dropoff, before, after) in [
        (None, None, vec![], vec![]),
        (pickup, None, vec!["at the pickup"], vec![]),
        (None, dropoff, vec![], vec!["eta"]),
        (pickup, dropoff, vec!["at the pickup"], vec!["eta"]),
    ] {
        assert_eq!(names(&assigned(), &without(pickup, dropoff), 205), before);
        assert_eq!(names(&on_the_way(), &without(pickup, dropoff), 205), after);
    }
    let nothing = Sighting { stops: vec![], ..seen("d1", vec![fix(at(210), 0.0)]) };
    assert_eq!(names(&on_the_way(), &News::Positions(nothing), 210), [""; 0]);
}

/// The last position, in seconds, and now. The device was to send each 60 seconds.
#[test]
fn a_device_on_the_way_is_missed_after_three_uploads() {
    for (name, order, since, now, expected) in [
        ("not yet", on_the_way(), 210, 390, vec![]),
        ("missed", on_the_way(), 210, 391, vec!["gap"]),
        ("since before the pickup", on_the_way(), 150, 331, vec!["gap"]),
        ("never a position on this trip", on_the_way(), 99, 1_000, vec![]),
        ("on the way to the pickup", assigned(), 110, 1_000, vec![]),
        ("delivered", delivered(), 210, 1_000, vec![]),
    ] {
        let news = News::Silence(silent("d1", at(since)));
        assert_eq!(names(&order, &news, now), expected, "{name}");
    }
    let news_of = |send_every_s| {
        let mut silence = silent("d1", at(210));
        silence.advised.send_every_s = send_every_s;
        News::Silence(silence)
    };
    assert_eq!(names(&on_the_way(), &news_of(5), 300), [""; 0]);
    assert_eq!(names(&on_the_way(), &news_of(5), 301), ["gap"]);
    assert_eq!(names(&on_the_way(), &news_of(0), 9_000), [""; 0], "it was to send nothing");
    let other = News::Silence(silent("d2", at(210)));
    assert_eq!(names(&on_the_way(), &other, 1_000), [""; 0]);
}

#[test]
fn a_gap_is_told_once_and_ends_once() {
    let (order, gap) = told(on_the_way(), &News::Silence(silent("d1", at(210))), 400);
    assert_eq!((gap, order.told.silent_since), (vec!["gap"], Some(at(210))));
    assert_eq!(order.delayed_since, None);
    assert_eq!(names(&order, &News::Silence(silent("d1", at(220))), 900), [""; 0]);
    let late = at_place(1_000.0, &[205, 210]);
    assert_eq!(names(&order, &late, 900), [""; 0], "positions from before the gap");
    let (order, back) = told(order, &at_place(1_000.0, &[905]), 905);
    assert_eq!((back, order.told.silent_since), (vec!["back", "eta"], None));
    let (_, again) = told(order, &News::Silence(silent("d1", at(905))), 1_100);
    assert_eq!(again, ["gap"]);
}

/// The estimate of an order in each phase of its life, and the readers who see it.
#[test]
fn an_estimate_is_shown_while_it_is_of_use_to_those_who_see_the_order() {
    let (to_pickup, _) = told(assigned(), &at_place(-2_000.0, &[110]), 110);
    let (way, _) = told(on_the_way(), &at_place(1_000.0, &[210]), 210);
    let failed = after(way.clone(), [Step::DeliveryFailed { reason: reason() }]);
    let (there, _) = told(way.clone(), &at_place(DROPOFF_M, &[220, 225]), 225);
    let returning = after(way.clone(), [Step::Plain(Operation::Return)]);
    for (order, expected) in [
        (&order(), None),
        (&assigned(), None),
        (&to_pickup, Some("2026-11-21T10:00:38.000Z")),
        (&way, Some("2026-11-21T09:44:13.000Z")),
        (&there, None),
        (&failed, None),
        (&returning, None),
        (&delivered(), None),
    ] {
        for reader in [ops(), support(), merchant("m1"), clerk("m1", "s1"), customer("m1", "c1")] {
            let view = json!(visibility::order(&reader, order, None));
            let found = view["eta"]["arrives_at"].as_str();
            assert_eq!(found, expected, "{reader:?} {}", order.status);
        }
    }
    let view = json!(visibility::order(&driver("d1"), &way, None));
    assert_eq!(view["eta"], json!({ "arrives_at": "2026-11-21T09:44:13.000Z" }));
    assert!(visibility::order(&customer("m1", "c2"), &way, None).is_none());
}

#[test]
fn a_trip_reads_back_as_it_was() {
    let all = Told {
        arrived: vec![StopKind::Pickup, StopKind::Dropoff],
        is_approaching: true,
        estimates: 255,
        eta: Some((StopKind::Dropoff, at(60))),
        silent_since: Some(at(-1)),
    };
    assert_eq!(json!(all), "pd:a:255:d:1795253460000:1795253399000");
    for trip in [Told::default(), all] {
        let read: Told = serde_json::from_value(json!(trip)).unwrap();
        assert_eq!(read, trip);
    }
    for wrong in ["", "p", "x::0:::", "p:a:1:d::", "p:a:1::1795340460000:", "p:a:256:::"] {
        assert!(serde_json::from_value::<Told>(json!(wrong)).is_err(), "{wrong}");
    }
}

/// A trip of the order's history: the events from an assignment, a failed delivery or a closing to the
/// next one.
fn ends_trip(event: &Event) -> bool {
    let is_over = !matches!(
        event.status.phase(),
        Phase::Placed | Phase::Preparing | Phase::Ready | Phase::OnTheWay
    );
    let is_another = matches!(
        event.data,
        EventData::DriverAssigned { .. }
            | EventData::DriverUnassigned { .. }
            | EventData::DeliveryFailed { .. }
    );
    is_over || is_another
}

fn is_fact(event: &Event) -> bool {
    matches!(
        event.data,
        EventData::Arrived(_)
            | EventData::Approaching { .. }
            | EventData::EtaChanged(_)
            | EventData::GpsGap(_)
            | EventData::GpsBack { .. }
    )
}

proptest! {
    #[test]
    fn of_each_trip_each_fact_is_told_once(life in lives()) {
        for trip in life.events.split(ends_trip) {
            let count = |is_it: &dyn Fn(&EventData) -> bool| {
                trip.iter().filter(|event| is_it(&event.data)).count()
            };
            for stop in StopKind::ALL {
                let arrived = count(&|it| matches!(it, EventData::Arrived(it) if it.stop == stop));
                prop_assert!(arrived <= 1, "{:?}", trip);
            }
            let approaching = count(&|it| matches!(it, EventData::Approaching { .. }));
            prop_assert!(approaching <= 1, "{:?}", trip);
            let estimates = count(&|it| matches!(it, EventData::EtaChanged(_)));
            prop_assert!(estimates <= usize::from(MAX_ESTIMATES));
            let mut is_silent = false;
            for event in trip {
                match event.data {
                    EventData::GpsGap(_) => prop_assert!(!std::mem::replace(&mut is_silent, true)),
                    EventData::GpsBack { .. } => {
                        prop_assert!(std::mem::replace(&mut is_silent, false));
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_fact_is_of_the_driver_who_has_the_order_and_moves_nothing(life in lives()) {
        for (event, heads) in life.events[1..].iter().zip(life.heads.windows(2)) {
            let [before, after] = heads else { panic!("a pair") };
            if is_fact(event) {
                prop_assert!(before.carrier().is_some() && before.next_stop().is_some());
                let expected = Order {
                    told: after.told.clone(),
                    version: after.version,
                    updated_at: after.updated_at,
                    ..before.clone()
                };
                prop_assert_eq!(after, &expected);
            }
            if let EventData::Arrived(arrived) = &event.data {
                prop_assert_eq!(before.next_stop(), Some(arrived.stop));
            }
            prop_assert!(after.next_stop().is_some() || after.eta().is_none());
        }
    }

    #[test]
    fn news_told_again_tell_nothing(life in lives()) {
        for decision in &life.decisions {
            let (Wanted::News(news), Ok(events)) = (&decision.wanted, &decision.outcome) else {
                continue;
            };
            let after = events.iter().fold(decision.head.clone(), evolve);
            prop_assert_eq!(facts(&after, news, at(decision.clock)), vec![]);
        }
    }
}
