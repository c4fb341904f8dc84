//! Drivers with a roster: who can be given an order, and whose load it is.

use crate::samples::{at, driver_id, merchant, merchant_id, ops, order_in, reason};
use crate::{
    Capacity, Command, Context, Drivers, EventData, Fleet, Known, Needs, Order, OrderEffect,
    OrderId, Principal, Rejection, Roster, Step, Unavailable, Via, decide, evolve,
};

fn roster(on_duty: bool, orders: u8) -> Roster {
    Roster {
        on_duty_since: on_duty.then(|| at(0)),
        capacity: Capacity::try_from(2).unwrap(),
        orders: (0..orders).map(|n| OrderId::derived([n; 16])).collect(),
        ..Roster::new(driver_id("d1"), Fleet::Platform)
    }
}

fn knowing(roster: Roster) -> Known {
    Known { rosters: [(roster.driver.clone(), roster)].into(), ..Known::default() }
}

fn assign() -> Command {
    Step::Assign { driver: driver_id("d1"), replace: true }.into()
}

fn assigned(
    by: &Principal,
    order: &Order,
    known: &Known,
) -> Result<(EventData, Vec<OrderEffect>), Rejection> {
    let decision = decide(order, assign(), &Context::new(at(60), by).knowing(known))?;
    let [event] = &decision.events[..] else { panic!("{decision:?}") };
    Ok((event.data.clone(), decision.effects))
}

#[test]
fn a_driver_who_is_off_duty_or_full_is_assigned_by_operations_alone() {
    use Unavailable::{Full, OffDuty};
    let order = order_in("created", None);
    let status = order.status;
    for (roster, despite) in [
        (roster(true, 0), None),
        (roster(true, 1), None),
        (roster(true, 2), Some(Full)),
        (roster(true, 3), Some(Full)),
        (roster(false, 0), Some(OffDuty)),
        (roster(false, 2), Some(OffDuty)),
    ] {
        let known = knowing(roster);
        let driver = driver_id("d1");
        let data = EventData::DriverAssigned {
            driver: driver.clone(),
            load: true,
            despite,
            via: Via::Manual,
        };
        let is_forced = despite.is_some();
        let taken = vec![OrderEffect::TakeLoad { driver: driver.clone(), is_forced }];
        assert_eq!(assigned(&ops(), &order, &known), Ok((data.clone(), taken.clone())));
        let by_merchant = match despite {
            Some(why) => Err(Rejection::DriverUnavailable { status, driver, why }),
            None => Ok((data, taken)),
        };
        assert_eq!(assigned(&merchant("m1"), &order, &known), by_merchant, "{known:?}");
    }
}

#[test]
fn a_driver_without_a_roster_is_assigned_unless_the_merchant_requires_one() {
    let order = order_in("created", None);
    let (driver, via) = (driver_id("d1"), Via::Manual);
    let any = EventData::DriverAssigned { driver: driver.clone(), load: false, despite: None, via };
    assert_eq!(assigned(&merchant("m1"), &order, Known::NOTHING), Ok((any, vec![])));
    let known = Known { drivers: Drivers::Registered, ..Known::default() };
    let unknown = Rejection::UnknownDriver { field: "driver", driver };
    for by in [merchant("m1"), ops()] {
        assert_eq!(assigned(&by, &order, &known), Err(unknown.clone()));
    }
}

#[test]
fn a_driver_of_another_merchants_fleet_is_assigned_by_nobody() {
    for (merchant, is_theirs) in [("m1", true), ("m2", false)] {
        let fleet = Fleet::Merchant(merchant_id(merchant));
        let known = knowing(Roster { fleet, ..roster(true, 0) });
        let found = assigned(&ops(), &order_in("created", None), &known);
        assert_eq!(found.is_ok(), is_theirs, "{found:?}");
    }
}

/// The effect on rosters follows from who had the order and who has it, whatever the step.
#[test]
fn an_order_is_the_load_of_the_driver_who_has_it_while_it_is_open() {
    let with = |status: &str, driver: Option<&str>, is_load| Order {
        is_load,
        updated_at: at(60),
        ..order_in(status, driver)
    };
    let take = |driver: &str| OrderEffect::TakeLoad { driver: driver_id(driver), is_forced: false };
    let release = |driver: &str| OrderEffect::ReleaseLoad { driver: driver_id(driver), at: at(60) };
    let one = || with("driver_assigned", Some("d1"), true);
    for (before, after, expected) in vec![
        (with("created", None, false), one(), vec![take("d1")]),
        (one(), one(), vec![]),
        (one(), with("driver_assigned", Some("d2"), true), vec![release("d1"), take("d2")]),
        (one(), with("driver_assigned", Some("d2"), false), vec![release("d1")]),
        (with("driver_assigned", Some("d2"), false), one(), vec![take("d1")]),
        (with("driver_assigned", Some("d1"), false), one(), vec![take("d1")]),
        (one(), with("created", None, false), vec![release("d1")]),
        (one(), with("picked_up", Some("d1"), true), vec![]),
        (one(), with("delivered", Some("d1"), true), vec![release("d1")]),
        (one(), with("cancelled", Some("d1"), true), vec![release("d1")]),
        (with("delivered", Some("d1"), true), one(), vec![take("d1")]),
        (with("delivered", Some("d1"), false), one(), vec![take("d1")]),
    ] {
        let found = OrderEffect::between(Some(&before), &after, &[]);
        assert_eq!(found, expected, "{before:?} {after:?}");
    }
}

/// The driver of a reopened order has it again, with room or without. A driver who was deleted in the
/// meantime, and who may be registered again later, has none.
#[test]
fn a_reopened_order_is_its_drivers_load_again() {
    let fleet = |merchant| Fleet::Merchant(merchant_id(merchant));
    for (is_load, roster, is_load_again) in [
        (true, Some(roster(true, 0)), true),
        (true, Some(roster(false, 2)), true),
        (true, Some(Roster { fleet: fleet("m1"), ..roster(true, 0) }), true),
        (true, Some(Roster { fleet: fleet("m2"), ..roster(true, 0) }), false),
        (true, None, false),
        (false, None, false),
    ] {
        let delivered = Order { is_load, ..order_in("delivered", Some("d1")) };
        let reopen: Command = Step::Reopen { reason: reason("the wrong door") }.into();
        let needed = is_load.then(|| driver_id("d1")).into_iter().collect();
        assert_eq!(Needs::of(&delivered, &reopen).drivers, needed);
        let known = roster.map(knowing).unwrap_or_default();
        let by = ops();
        let context = Context::new(at(60), &by).knowing(&known);
        let decision = decide(&delivered, reopen, &context).unwrap();
        let taken = OrderEffect::TakeLoad { driver: driver_id("d1"), is_forced: true };
        assert_eq!(decision.effects, Vec::from_iter(is_load_again.then_some(taken)), "{known:?}");
        assert_eq!(evolve(delivered, &decision.events[0]).is_load, is_load_again, "{known:?}");
    }
}
