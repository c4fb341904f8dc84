//! Offers of an order to drivers: who accepts, who declines, and when an offer ends.

use crate::samples::{
    at, driver, driver_id, events_due, events_of, merchant, merchant_id, offer_to, ops, order_in,
    order_of, reason,
};
use crate::{
    Capacity, Context, Drivers, EventData, Fleet, InPlace, Known, Offer, OfferEnd, OfferTime,
    Offering, Order, OrderId, Principal, Rejection, Roster, Step, Unavailable, Via, Workflow,
    evolve,
};

fn offered(drivers: &[&str]) -> Order {
    Order { offer: Some(offer_to(drivers)), ..order_in("created", None) }
}

fn roster(driver: &str, fleet: Fleet, is_on_duty: bool) -> Roster {
    Roster {
        on_duty_since: is_on_duty.then(|| at(0)),
        capacity: Capacity::try_from(1).unwrap(),
        ..Roster::new(driver_id(driver), fleet)
    }
}

fn knowing(rosters: impl IntoIterator<Item = Roster>) -> Known {
    let rosters = rosters.into_iter().map(|it| (it.driver.clone(), it));
    Known { rosters: rosters.collect(), ..Known::default() }
}

fn accept(
    order: &Order,
    by: &str,
    known: &Known,
    second: i64,
) -> Result<Vec<EventData>, Rejection> {
    let principal = driver(by);
    let context = Context::new(at(second), &principal).knowing(known);
    let events = events_of(order, Step::Accept { driver: driver_id(by) }, &context)?;
    Ok(events.into_iter().map(|event| event.data).collect())
}

fn decline(order: &Order, by: &str, second: i64) -> Result<Order, Rejection> {
    let decline = InPlace::Decline { driver: driver_id(by), reason: Some(reason("too far")) };
    let principal = driver(by);
    let events = events_of(order, decline, &Context::new(at(second), &principal))?;
    Ok(events.iter().fold(order.clone(), evolve))
}

fn offer(
    order: &Order,
    drivers: &[&str],
    by: &Principal,
    known: &Known,
) -> Result<Order, Rejection> {
    offer_or_replace(order, drivers, false, &Context::new(at(30), by).knowing(known))
}

fn offer_or_replace(
    order: &Order,
    drivers: &[&str],
    replace: bool,
    context: &Context<'_>,
) -> Result<Order, Rejection> {
    let drivers = drivers.iter().copied().map(driver_id).collect();
    let time = OfferTime::default();
    let action = InPlace::Offer(Offering { drivers, time, replace, radius_m: None });
    let events = events_of(order, action, context)?;
    Ok(events.iter().fold(order.clone(), evolve))
}

#[test]
fn the_first_to_accept_gets_the_order_and_the_others_are_told_why_not() {
    let order = offered(&["d1", "d2"]);
    let data = accept(&order, "d1", Known::NOTHING, 10).unwrap();
    let (winner, id, via) = (driver("d1"), driver_id("d1"), Via::Offer);
    assert_eq!(data, [EventData::DriverAssigned { driver: id, load: false, despite: None, via }]);
    let context = Context::new(at(10), &winner);
    let events = events_of(&order, Step::Accept { driver: driver_id("d1") }, &context).unwrap();
    let taken = events.iter().fold(order, evolve);
    assert_eq!(taken.status.name(), "driver_assigned");
    assert_eq!((taken.driver.clone(), taken.offered_to().count()), (Some(driver_id("d1")), 0));
    let late = Rejection::OfferOver { why: OfferEnd::Taken };
    assert_eq!(accept(&taken, "d2", Known::NOTHING, 10), Err(late.clone()));
    assert_eq!(decline(&taken, "d2", 10).unwrap_err(), late);
    // The winner repeats the request.
    assert_eq!(accept(&taken, "d1", Known::NOTHING, 90), Ok(vec![]));
    // The order does not exist for a driver whom it was not offered to.
    assert_eq!(accept(&taken, "d3", Known::NOTHING, 10), Err(Rejection::Unseen));
}

#[test]
fn an_offer_is_answered_before_its_end() {
    let order = offered(&["d1"]);
    let expired = Rejection::OfferOver { why: OfferEnd::Expired };
    for second in [120, 121, 100_000] {
        assert_eq!(accept(&order, "d1", Known::NOTHING, second), Err(expired.clone()));
        assert_eq!(decline(&order, "d1", second).unwrap_err(), expired);
    }
    assert!(accept(&order, "d1", Known::NOTHING, 119).is_ok());
}

#[test]
fn an_offer_ends_when_its_time_is_over_or_everybody_has_declined() {
    let order = offered(&["d1", "d2", "d3"]);
    assert_eq!(events_due(&order, at(119)), Ok(vec![]));
    let one_less = decline(&order, "d2", 10).unwrap();
    assert_eq!(one_less.status, order.status);
    assert_eq!(one_less.offered_to().collect::<Vec<_>>(), [&driver_id("d1"), &driver_id("d3")]);
    // A repetition changes nothing, and the driver cannot accept any more.
    assert_eq!(decline(&one_less, "d2", 11), Ok(one_less.clone()));
    let why = OfferEnd::Declined;
    let declined = Rejection::OfferOver { why };
    assert_eq!(accept(&one_less, "d2", Known::NOTHING, 11), Err(declined));

    let events = events_due(&one_less, at(120)).unwrap();
    let drivers = vec![driver_id("d1"), driver_id("d3")];
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].data, EventData::OfferExpired { round: 1, drivers, radius_m: None });
    let over = events.iter().fold(one_less.clone(), evolve);
    assert_eq!((over.offer_ends(), over.due_at()), (None, order.deadline.map(|it| it.at)));
    assert_eq!(events_due(&over, at(121)), Ok(vec![]));

    let none = ["d1", "d3"].iter().fold(one_less, |order, by| decline(&order, by, 20).unwrap());
    assert_eq!((none.offer_ends(), none.offered_to().count()), (None, 0));
    assert_eq!(events_due(&none, at(120)), Ok(vec![]));
}

#[test]
fn whatever_moves_the_order_takes_the_offer_back() {
    let order = offered(&["d1", "d2"]);
    for step in [
        Step::Assign { driver: driver_id("d9"), replace: false },
        Step::Cancel { reason: reason("ordered twice") },
        Step::Fail { reason: reason("lost") },
    ] {
        let principal = ops();
        let events = events_of(&order, step.clone(), &Context::new(at(10), &principal)).unwrap();
        let moved = events.iter().fold(order.clone(), evolve);
        assert_eq!((moved.offer_ends(), moved.offered_to().count()), (None, 0), "{step:?}");
        let why = if moved.driver.is_some() { OfferEnd::Taken } else { OfferEnd::Closed };
        let over = Rejection::OfferOver { why };
        assert_eq!(accept(&moved, "d1", Known::NOTHING, 11), Err(over), "{step:?}");
    }
}

#[test]
fn a_driver_who_cannot_take_the_order_leaves_the_offer_to_the_others() {
    let order = offered(&["d1", "d2"]);
    let status = order.status;
    let full = Roster {
        orders: [OrderId::derived([1; 16])].into(),
        ..roster("d1", Fleet::Platform, true)
    };
    for (roster, why) in
        [(roster("d1", Fleet::Platform, false), Unavailable::OffDuty), (full, Unavailable::Full)]
    {
        let driver = driver_id("d1");
        let found = accept(&order, "d1", &knowing([roster]), 10);
        assert_eq!(found, Err(Rejection::DriverUnavailable { status, driver, why }));
    }
    let data = accept(&order, "d2", &knowing([roster("d2", Fleet::Platform, true)]), 10).unwrap();
    assert!(matches!(data[..], [EventData::DriverAssigned { load: true, .. }]), "{data:?}");
}

/// An offer shows the order to its drivers: no driver of another merchant's fleet gets one.
#[test]
fn an_order_is_offered_to_drivers_who_can_take_it() {
    let order = order_in("created", None);
    let fleet = |merchant: &str| Fleet::Merchant(merchant_id(merchant));
    let known = knowing([
        roster("platform", Fleet::Platform, true),
        roster("own", fleet("m1"), true),
        roster("other", fleet("m2"), true),
        roster("home", Fleet::Platform, false),
    ]);
    let status = order.status;
    for by in [ops(), merchant("m1")] {
        let made = offer(&order, &["own", "platform", "unknown"], &by, &known).unwrap();
        let drivers = ["own", "platform", "unknown"].map(driver_id).to_vec();
        let expected = Offer { round: 1, drivers, expires_at: Some(at(75)), ..Offer::default() };
        assert_eq!(made.offer, Some(expected));
        assert_eq!((made.due_at(), made.status), (Some(at(75)), status));
        let unknown =
            |name: &str| Rejection::UnknownDriver { field: "drivers", driver: driver_id(name) };
        assert_eq!(offer(&order, &["own", "other"], &by, &known), Err(unknown("other")));
        let (driver, why) = (driver_id("home"), Unavailable::OffDuty);
        let unavailable = Rejection::DriverUnavailable { status, driver, why };
        assert_eq!(offer(&order, &["home"], &by, &known), Err(unavailable));
        let strict = Known { drivers: Drivers::Registered, ..known.clone() };
        assert_eq!(offer(&order, &["unknown"], &by, &strict), Err(unknown("unknown")));
    }
}

#[test]
fn a_new_offer_replaces_the_one_that_stands() {
    let (order, by) = (offered(&["d1", "d2"]), ops());
    let context = Context::new(at(30), &by);
    let again = offer_or_replace(&order, &["d2", "d3"], true, &context).unwrap();
    assert_eq!(again.offer.as_ref().map(|offer| offer.round), Some(2));
    assert_eq!(accept(&again, "d1", Known::NOTHING, 31), Err(Rejection::Unseen));
    assert!(accept(&again, "d3", Known::NOTHING, 31).is_ok());
}

#[test]
fn an_order_that_no_driver_can_accept_is_not_offered() {
    for workflow in Workflow::ALL {
        for status in workflow.statuses.iter().filter(|it| it.phase().is_open()) {
            let order = order_of(workflow, status.name(), None);
            let offerable = [("courier", "created"), ("grocery", "ready_for_pickup")];
            let found = offer(&order, &["d1"], &ops(), Known::NOTHING);
            if offerable.contains(&(workflow.name, status.name())) {
                assert!(found.is_ok(), "{found:?}");
            } else {
                assert_eq!(found, Err(Rejection::NotOfferable { status: *status }));
            }
        }
    }
}

/// Of two who offer the order at once, one is told so.
#[test]
fn an_offer_that_stands_is_replaced_only_knowingly() {
    let (order, by) = (offered(&["d1", "d2"]), ops());
    let during = Context::new(at(119), &by);
    let stands = Rejection::OfferStands { status: order.status };
    assert_eq!(offer_or_replace(&order, &["d3"], false, &during), Err(stands));
    let again = offer_or_replace(&order, &["d3"], true, &during).unwrap();
    assert_eq!(again.offered_to().collect::<Vec<_>>(), [&driver_id("d3")]);
    assert_eq!(again.offer.unwrap().round, 2);
    assert!(offer_or_replace(&order, &["d3"], false, &Context::new(at(120), &by)).is_ok());
}

/// The clock of the host that offers the order may be behind that of the last change.
#[test]
fn an_offer_lasts_its_time_even_if_a_clock_is_late() {
    let order = Order { updated_at: at(100), ..order_in("created", None) };
    let by = ops();
    let late = offer_or_replace(&order, &["d1"], false, &Context::new(at(30), &by)).unwrap();
    assert_eq!(late.offer_ends(), Some(at(145)));
}

/// A driver who was deleted since, or is of another fleet now, cannot accept.
#[test]
fn only_a_driver_who_carries_the_merchants_orders_accepts() {
    let order = offered(&["d1"]);
    let over = Err(Rejection::OfferOver { why: OfferEnd::NotRegistered });
    let required = Known { drivers: Drivers::Registered, ..Known::default() };
    assert_eq!(accept(&order, "d1", &required, 10), over);
    let fleet = Fleet::Merchant(merchant_id("m2"));
    assert_eq!(accept(&order, "d1", &knowing([roster("d1", fleet, true)]), 10), over);
}
