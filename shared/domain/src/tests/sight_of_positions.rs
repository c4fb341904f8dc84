//! The people who see the position of an order's driver, how exactly, and when.

use clock::Timestamp;
use serde_json::json;

use super::principal_called;
use crate::samples::{ORDER_ID, at, driver_id, merchant_id, offer_to, ops, order_of};
use crate::visibility::{PositionState, Precision, Source, fleet_position, may_watch, position};
use crate::{
    Fix, Fleet, Location, Order, OrderId, Phase, PositionsFrom, Roster, Stamp, Stop, Workflow,
};

/// `!` for the principals who see the exact position, `~` for those who see it coarsely, of the driver
/// on duty of an order in this phase. The order belongs to merchant m1, its store s1, its customer c1
/// and its driver d1. The driver is of the platform's fleet or of m1's, and brings this order first or
/// another one.
const TABLE: &str = "
fleet    next  principal       placed preparing ready on_the_way returning
platform this  ops             !      !         !     !          !
platform this  support         !      !         !     !          !
platform this  system          .      .         .     .          .
platform this  merchant        .      .         .     !          .
platform this  clerk           .      .         .     !          .
platform this  driver          !      !         !     !          !
platform this  customer        .      .         .     !          .
platform this  other-merchant  .      .         .     .          .
platform this  other-clerk     .      .         .     .          .
platform this  other-driver    .      .         .     .          .
platform this  other-customer  .      .         .     .          .
platform this  their-customer  .      .         .     .          .
platform other ops             !      !         !     !          !
platform other support         !      !         !     !          !
platform other system          .      .         .     .          .
platform other merchant        .      .         .     ~          .
platform other clerk           .      .         .     ~          .
platform other driver          !      !         !     !          !
platform other customer        .      .         .     ~          .
platform other other-merchant  .      .         .     .          .
platform other other-clerk     .      .         .     .          .
platform other other-driver    .      .         .     .          .
platform other other-customer  .      .         .     .          .
platform other their-customer  .      .         .     .          .
own      this  ops             !      !         !     !          !
own      this  support         !      !         !     !          !
own      this  system          .      .         .     .          .
own      this  merchant        .      .         .     !          !
own      this  clerk           .      .         .     !          !
own      this  driver          !      !         !     !          !
own      this  customer        .      .         .     !          .
own      this  other-merchant  .      .         .     .          .
own      this  other-clerk     .      .         .     .          .
own      this  other-driver    .      .         .     .          .
own      this  other-customer  .      .         .     .          .
own      this  their-customer  .      .         .     .          .
own      other ops             !      !         !     !          !
own      other support         !      !         !     !          !
own      other system          .      .         .     .          .
own      other merchant        .      .         .     !          !
own      other clerk           .      .         .     !          !
own      other driver          !      !         !     !          !
own      other customer        .      .         .     ~          .
own      other other-merchant  .      .         .     .          .
own      other other-clerk     .      .         .     .          .
own      other other-driver    .      .         .     .          .
own      other other-customer  .      .         .     .          .
own      other their-customer  .      .         .     .          .
";

/// The principals of the table.
const PRINCIPALS: [&str; 12] = [
    "ops",
    "support",
    "system",
    "merchant",
    "clerk",
    "driver",
    "customer",
    "other-merchant",
    "other-clerk",
    "other-driver",
    "other-customer",
    "their-customer",
];

const ANOTHER: OrderId = OrderId::derived([7; 16]);

/// The known facts of driver d1, who is at the equator on duty.
struct Scene {
    roster: Roster,
    fix: Option<Fix>,
    stops: [Stop; 2],
    orders: Vec<Order>,
}

impl Scene {
    /// The driver was on duty since 09:30, measured the position at 10:00, and brings this order first
    /// or another one.
    fn of(fleet: &str, next: &str) -> Self {
        let fleet = Fleet::of((fleet == "own").then(|| merchant_id("m1")));
        let roster = Roster {
            on_duty_since: Some(at(0)),
            orders: [ORDER_ID, ANOTHER].into(),
            ..Roster::new(driver_id("d1"), fleet)
        };
        let fix = Fix {
            at: at(1800),
            location: place(0.001),
            accuracy_m: Some(8.0),
            speed: Some(4.5),
            heading: Some(90.0),
        };
        let others = if next == "other" { 0.01 } else { 0.03 };
        let stop = |order, lat| Stop { order, pickup: None, dropoff: Some(place(lat)) };
        let stops = [stop(ORDER_ID, 0.02), stop(ANOTHER, others)];
        let orders = vec![in_transit(), Order { id: ANOTHER, ..in_transit() }];
        Self { roster, fix: Some(fix), stops, orders }
    }

    fn source(&self) -> Source<'_> {
        let Self { roster, fix, stops, orders } = self;
        Source::new(roster, fix.as_ref(), stops, orders)
    }

    fn seen(&self, by: &str, order: &Order, now: Timestamp) -> Result<Precision, PositionState> {
        let seen = position(&principal_called(by), order, Some(&self.source()), now);
        seen.map(|(_, precision)| precision)
    }
}

fn place(lat: f64) -> Location {
    Location::new(lat, 0.001).unwrap()
}

/// Returns an order of driver d1 in each status of the workflows that know drivers. It was assigned at
/// 09:40, and picked up at 09:50 if it was.
fn orders() -> impl Iterator<Item = Order> {
    let workflows = Workflow::ALL.iter().filter(|it| it.name != "parcel");
    workflows.flat_map(|workflow| workflow.statuses.iter().map(|it| order(workflow, it.name())))
}

fn order(workflow: &'static Workflow, status: &str) -> Order {
    let order = order_of(workflow, status, Some("d1"));
    let was_picked_up = match order.status.phase() {
        Phase::Placed | Phase::Preparing | Phase::Ready => false,
        Phase::OnTheWay
        | Phase::Returning
        | Phase::Delivered
        | Phase::Returned
        | Phase::Cancelled
        | Phase::Failed => true,
    };
    let picked_up = was_picked_up.then(|| (Stamp::PickedUp, at(1200)));
    let stamps = [(Stamp::DriverAssigned, at(600))].into_iter().chain(picked_up);
    Order { is_load: true, stamps: stamps.collect(), ..order }
}

fn in_transit() -> Order {
    order(Workflow::DEFAULT, "in_transit")
}

const fn letter(seen: Result<Precision, PositionState>) -> &'static str {
    match seen {
        Ok(Precision::Exact) => "!",
        Ok(Precision::Coarse) => "~",
        Err(_) => ".",
    }
}

#[test]
fn a_position_is_seen_by_these() {
    let mut rows = TABLE.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let phases = rows.next().unwrap();
    let mut count = 0;
    for row in rows {
        let scene = Scene::of(row[0], row[1]);
        for order in orders().filter(Order::is_open) {
            let phase = order.status.phase().name();
            let column = phases.iter().position(|it| *it == phase).unwrap();
            let found = letter(scene.seen(row[2], &order, at(1810)));
            assert_eq!(found, row[column], "{row:?} {}", order.status);
            count += 1;
        }
    }
    assert_eq!(count, 4 * PRINCIPALS.len() * orders().filter(Order::is_open).count());
}

/// A merchant can choose to see its own drivers from the assignment on, and only these.
#[test]
fn a_merchant_can_see_its_own_drivers_from_the_assignment_on() {
    for (fleet, name, expected) in [
        ("own", "merchant", Ok(Precision::Exact)),
        ("own", "clerk", Ok(Precision::Exact)),
        ("own", "customer", Err(PositionState::NotShown)),
        ("own", "other-merchant", Err(PositionState::NotShown)),
        ("platform", "merchant", Err(PositionState::NotShown)),
    ] {
        let mut order = order(Workflow::DEFAULT, "driver_assigned");
        order.placed.terms.positions_from = PositionsFrom::Assignment;
        let mut scene = Scene::of(fleet, "this");
        assert_eq!(scene.seen(name, &order, at(1810)), expected, "{fleet} {name}");
        scene.fix = Some(Fix { at: at(599), ..scene.fix.unwrap() });
        assert!(scene.seen(name, &order, at(1810)).is_err(), "{fleet} {name} before");
    }
}

/// Every principal, fleet and next stop.
fn every(mut check: impl FnMut(&str, Scene)) {
    for name in PRINCIPALS {
        for fleet in ["platform", "own"] {
            for next in ["this", "other"] {
                check(name, Scene::of(fleet, next));
            }
        }
    }
}

#[test]
fn nobody_sees_anything_live_after_closing() {
    every(|name, scene| {
        for order in orders().filter(|order| !order.is_open()) {
            let found = scene.seen(name, &order, at(1810));
            assert_eq!(found, Err(PositionState::NotShown), "{name} {}", order.status);
        }
    });
}

#[test]
fn nobody_sees_a_driver_off_duty_or_of_an_earlier_duty() {
    every(|name, mut scene| {
        for order in orders() {
            scene.roster.on_duty_since = None;
            let off_duty = scene.seen(name, &order, at(1810));
            assert_eq!(off_duty, Err(PositionState::NotShown), "{name} {}", order.status);
            scene.roster.on_duty_since = Some(at(1801));
            let again = scene.seen(name, &order, at(1810));
            assert!(again.is_err(), "{name} {}", order.status);
        }
    });
}

#[test]
fn nobody_sees_another_driver_than_the_orders() {
    every(|name, scene| {
        for order in orders() {
            let order = Order { driver: Some(driver_id("d2")), ..order };
            assert!(scene.seen(name, &order, at(1810)).is_err(), "{name} {}", order.status);
            let order = Order { driver: None, ..order };
            assert!(scene.seen(name, &order, at(1810)).is_err(), "{name} {}", order.status);
        }
    });
}

/// A position from before the trip shows where the driver was for others.
#[test]
fn nobody_sees_a_position_from_before_the_trip() {
    for (name, before, from) in [
        ("ops", 599, 600),
        ("support", 599, 600),
        ("driver", 599, 600),
        ("merchant", 1199, 1200),
        ("clerk", 1199, 1200),
        ("customer", 1199, 1200),
    ] {
        for fleet in ["platform", "own"] {
            let mut scene = Scene::of(fleet, "this");
            let mut seen = |time| {
                let fix = scene.fix.unwrap();
                scene.fix = Some(Fix { at: at(time), ..fix });
                scene.seen(name, &in_transit(), at(time + 1))
            };
            assert_eq!(seen(before), Err(PositionState::NoPosition), "{name} {fleet}");
            assert_eq!(seen(from), Ok(Precision::Exact), "{name} {fleet}");
        }
    }
    let order = Order { stamps: [].into(), ..in_transit() };
    let seen = Scene::of("own", "this").seen("ops", &order, at(1810));
    assert_eq!(seen, Err(PositionState::NoPosition), "the beginning of the trip is not known");
}

#[test]
fn customers_and_those_who_see_as_much_lose_an_old_position() {
    let (in_time, late) = (at(1800 + 600), at(1800 + 601));
    for (name, fleet, is_for_ten_minutes) in [
        ("customer", "platform", true),
        ("customer", "own", true),
        ("merchant", "platform", true),
        ("clerk", "platform", true),
        ("merchant", "own", false),
        ("clerk", "own", false),
        ("ops", "own", false),
        ("support", "platform", false),
        ("driver", "own", false),
    ] {
        let scene = Scene::of(fleet, "this");
        let seen = |now| scene.seen(name, &in_transit(), now);
        assert_eq!(seen(in_time), Ok(Precision::Exact), "{name} {fleet}");
        let expected =
            if is_for_ten_minutes { Err(PositionState::Stale) } else { Ok(Precision::Exact) };
        assert_eq!(seen(late), expected, "{name} {fleet}");
    }
}

#[test]
fn a_driver_to_whom_the_order_is_offered_sees_no_position() {
    let order = Order { offer: Some(offer_to(&["d2"])), ..in_transit() };
    let seen = Scene::of("own", "this").seen("other-driver", &order, at(1810));
    assert_eq!(seen, Err(PositionState::NotShown));
}

#[test]
fn each_reason_has_a_state() {
    let customer = principal_called("customer");
    let scene = Scene::of("platform", "this");
    let without = Scene { fix: None, ..Scene::of("platform", "this") };
    let unassigned = Order { driver: None, ..order(Workflow::DEFAULT, "created") };
    for (order, source, expected) in [
        (unassigned, None, PositionState::NoDriver),
        (in_transit(), None, PositionState::NoPosition),
        (in_transit(), Some(without.source()), PositionState::NoPosition),
        (
            order(Workflow::DEFAULT, "driver_assigned"),
            Some(scene.source()),
            PositionState::NotShown,
        ),
        (order(Workflow::DEFAULT, "delivered"), Some(scene.source()), PositionState::NotShown),
    ] {
        let seen = position(&customer, &order, source.as_ref(), at(1810));
        assert_eq!(seen.err(), Some(expected), "{}", order.status);
    }
    let source = scene.source();
    let (shown, _) = position(&customer, &in_transit(), Some(&source), at(1810)).unwrap();
    for (age, state) in
        [(0, PositionState::Current), (180, PositionState::Current), (181, PositionState::Stale)]
    {
        assert_eq!(shown.state(at(1800 + age)), state, "{age}");
    }
    assert_eq!((shown.age_s(at(1810)), shown.age_s(at(1790))), (10, 0));
}

#[test]
fn a_coarse_position_says_only_the_cell() {
    let scene = Scene::of("platform", "other");
    let source = scene.source();
    let seen = |name| {
        let (shown, precision) =
            position(&principal_called(name), &in_transit(), Some(&source), at(1810)).unwrap();
        json!(shown.view(precision))
    };
    assert_eq!(
        seen("customer"),
        json!({
            "at": "2026-11-21T10:00:00.000Z",
            "lat": 0.002_746_582_031_25,
            "lng": 0.005_493_164_062_5,
            "precision": "coarse",
            "stops_before": 1,
        })
    );
    assert_eq!(
        seen("ops"),
        json!({
            "at": "2026-11-21T10:00:00.000Z",
            "lat": 0.001,
            "lng": 0.001,
            "precision": "exact",
            "accuracy": 8.0,
            "heading": 90.0,
            "speed": 4.5,
            "stops_before": 1,
            "eta": "2026-11-21T10:13:20.000Z",
        })
    );
}

/// An order that is not on the way, or not this driver's, has no door to betray, and one whose door is not
/// known may have its door anywhere.
#[test]
fn only_the_drivers_deliveries_on_the_way_come_before() {
    let seen = |fleet_next: &str, another: Order, known: &[OrderId]| {
        let mut scene = Scene::of("platform", fleet_next);
        if another.carrier() != Some(&driver_id("d1")) {
            scene.roster.orders.remove(&ANOTHER);
        }
        scene.orders[1] = Order { id: ANOTHER, ..another };
        let unknown = scene.stops.iter_mut().filter(|stop| !known.contains(&stop.order));
        unknown.for_each(|stop| stop.dropoff = None);
        scene.seen("customer", &in_transit(), at(1810))
    };
    let both = [ORDER_ID, ANOTHER];
    assert_eq!(seen("this", in_transit(), &both), Ok(Precision::Exact), "the other one is behind");
    assert_eq!(seen("this", in_transit(), &[ORDER_ID]), Ok(Precision::Coarse));
    assert_eq!(seen("this", in_transit(), &[ANOTHER]), Ok(Precision::Coarse));
    assert_eq!(seen("other", in_transit(), &both), Ok(Precision::Coarse));
    for status in ["driver_assigned", "returning", "delivered"] {
        let another = order(Workflow::DEFAULT, status);
        assert_eq!(seen("other", another, &[]), Ok(Precision::Exact), "{status}");
    }
    let of_another = Order { driver: Some(driver_id("d2")), ..in_transit() };
    assert_eq!(seen("other", of_another, &both), Ok(Precision::Exact));
}

/// A driver who has just delivered another order is still at that door.
#[test]
fn a_door_that_was_just_left_is_not_betrayed() {
    let left = at(1700);
    for (name, fleet, after) in [
        ("customer", "platform", Precision::Coarse),
        ("customer", "own", Precision::Coarse),
        ("merchant", "platform", Precision::Coarse),
        ("merchant", "own", Precision::Exact),
        ("ops", "platform", Precision::Exact),
    ] {
        let mut scene = Scene::of(fleet, "this");
        scene.roster.order_left_at = Some(left);
        let mut seen = |seconds: i64| {
            let fix = scene.fix.unwrap();
            scene.fix = Some(Fix { at: left.plus_seconds(seconds), ..fix });
            scene.seen(name, &in_transit(), at(1900))
        };
        for (seconds, expected) in [(-1, after), (119, after), (120, Precision::Exact)] {
            assert_eq!(seen(seconds), Ok(expected), "{name} {fleet} {seconds}");
        }
    }
}

/// A driver who takes another order back to the store is still at its door at first.
#[test]
fn a_door_from_which_an_order_comes_back_is_not_betrayed() {
    let seen = |seconds: i64| {
        let mut scene = Scene::of("platform", "this");
        let fix = scene.fix.unwrap();
        let back = order(Workflow::DEFAULT, "returning");
        let status_since = fix.at.plus_seconds(-seconds);
        scene.orders[1] = Order { id: ANOTHER, status_since, ..back };
        scene.seen("customer", &in_transit(), at(1810))
    };
    assert_eq!(seen(119), Ok(Precision::Coarse));
    assert_eq!(seen(120), Ok(Precision::Exact));
}

/// An order of the roster that has just been delivered, or cannot be read, is perhaps at its door.
#[test]
fn a_position_is_coarse_while_an_order_of_the_roster_is_not_the_drivers() {
    let delivered = Order { id: ANOTHER, ..order(Workflow::DEFAULT, "delivered") };
    let of_another = Order { id: ANOTHER, driver: Some(driver_id("d2")), ..in_transit() };
    for another in [None, Some(delivered), Some(of_another)] {
        let orders = [in_transit()].into_iter().chain(another).collect();
        let scene = Scene { orders, ..Scene::of("platform", "this") };
        let seen = |name| scene.seen(name, &in_transit(), at(1810));
        assert_eq!(seen("customer"), Ok(Precision::Coarse), "{:?}", scene.orders.get(1));
        assert_eq!(seen("ops"), Ok(Precision::Exact));
    }
}

/// A device whose clock is fast is no longer away from the door for that.
#[test]
fn the_time_at_a_door_is_that_of_the_server() {
    let mut scene = Scene::of("platform", "this");
    scene.roster.order_left_at = Some(at(1700));
    scene.fix = Some(Fix { at: at(1850), ..scene.fix.unwrap() });
    let seen = |now| scene.seen("customer", &in_transit(), at(now));
    assert_eq!((seen(1819), seen(1820)), (Ok(Precision::Coarse), Ok(Precision::Exact)));
}

/// The other order is not picked up yet: its store and its door are near, and no other stop on the way.
#[test]
fn an_eta_by_the_door_of_another_is_not_for_customers() {
    let mut scene = Scene::of("own", "this");
    scene.orders[1] = Order { id: ANOTHER, ..order(Workflow::DEFAULT, "driver_assigned") };
    scene.stops[1] =
        Stop { order: ANOTHER, pickup: Some(place(0.002)), dropoff: Some(place(0.003)) };
    let source = scene.source();
    for (name, is_told) in [("ops", true), ("merchant", true), ("customer", false)] {
        let principal = principal_called(name);
        let (shown, precision) =
            position(&principal, &in_transit(), Some(&source), at(1810)).unwrap();
        let found = (shown.stops_before, precision, shown.eta.is_some());
        assert_eq!(found, (0, Precision::Exact, is_told), "{name}");
    }
}

/// The door is 2,113 m away; streets are 1.35 times as long, a bike's speed is 4.2 m/s, and a delivery on
/// the way takes two minutes.
#[test]
fn an_exact_position_says_when_the_driver_comes() {
    let eta = |name: &str, next: &str, order: &Order, now: i64| {
        let scene = Scene {
            orders: vec![order.clone(), Scene::of("own", next).orders.remove(1)],
            ..Scene::of("own", next)
        };
        let source = scene.source();
        let (shown, precision) =
            position(&principal_called(name), order, Some(&source), at(now)).unwrap();
        json!(shown.view(precision))["eta"].as_str().map(|eta| eta[11..19].to_owned())
    };
    let some = |time: &str| Some(time.to_owned());
    assert_eq!(eta("customer", "this", &in_transit(), 1810), some("10:11:20"));
    assert_eq!(eta("ops", "other", &in_transit(), 1810), some("10:13:20"));
    assert_eq!(eta("customer", "other", &in_transit(), 1810), None, "it is coarse");
    assert_eq!(eta("ops", "this", &in_transit(), 1981), None, "it is stale");
    let back = order(Workflow::DEFAULT, "returning");
    assert_eq!(eta("ops", "this", &back, 1810), None, "nobody comes");
}

/// The fleet's merchant sees a driver while it sees one of the orders, and operations see all on duty.
#[test]
fn a_fleet_is_seen_by_operations_and_its_merchant() {
    let none: &[Order] = &[];
    let carried = [in_transit()];
    let waiting = [order(Workflow::DEFAULT, "driver_assigned")];
    let of_others = [Order { driver: Some(driver_id("d2")), ..in_transit() }];
    for name in PRINCIPALS {
        for (fleet, orders, by_merchant) in [
            ("platform", none, false),
            ("platform", &carried, false),
            ("own", none, false),
            ("own", &waiting, false),
            ("own", &of_others, false),
            ("own", &carried, true),
        ] {
            let scene = Scene { orders: orders.to_vec(), ..Scene::of(fleet, "other") };
            let orders: Vec<_> = scene.orders.iter().collect();
            let seen = |scene: &Scene| {
                let principal = principal_called(name);
                fleet_position(&principal, &scene.source(), &orders, at(1810)).is_some()
            };
            let expected = name == "ops" || (name == "merchant" && by_merchant);
            assert_eq!(seen(&scene), expected, "{name} {fleet} {}", orders.len());
            let mut off_duty = Scene { orders: scene.orders.clone(), ..Scene::of(fleet, "other") };
            off_duty.roster.on_duty_since = None;
            assert!(!seen(&off_duty), "{name} {fleet} off duty");
            off_duty.roster.on_duty_since = Some(at(1801));
            assert!(!seen(&off_duty), "{name} {fleet} of an earlier duty");
        }
    }
}

#[test]
fn those_watch_an_open_order_who_wait_for_its_driver() {
    for name in PRINCIPALS {
        let expected = ["ops", "support", "merchant", "clerk", "customer"].contains(&name);
        let principal = principal_called(name);
        for order in orders().filter(|order| crate::visibility::sees(&principal, order)) {
            assert_eq!(
                may_watch(&principal, &order),
                expected && order.is_open(),
                "{name} {}",
                order.status
            );
        }
    }
    let parcel = Workflow::named("parcel").unwrap();
    let parcel = order(parcel, parcel.initial.name());
    assert!(!may_watch(&ops(), &parcel), "no driver brings a parcel");
}
