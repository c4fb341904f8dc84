//! Automatic dispatch: the rounds, their times, and what ends them.

use clock::Timestamp;

use crate::samples::{
    at, driver, driver_id, events_due, events_of, merchant, offer_to, on_duty, ops, order_in,
    order_of, reason,
};
use crate::{
    Alert, AlertKind, Context, Deadline, Decision, Dispatch, DispatchMode, DispatchTask, DriverId,
    EventData, InPlace, Known, NextDispatch, OfferTime, Offering, Order, Rejection, Round,
    Searched, Severity, Step, Terms, Via, Workflow, evolve, round,
};

/// Returns an order that waits for a driver since second 0.
fn waiting(dispatch: Dispatch) -> Order {
    let order = order_in("created", None);
    let terms = Terms { dispatch: Some(dispatch), ..Terms::default() };
    let placed = crate::Placed { terms, ..order.placed.clone() };
    Order { placed, status_since: at(0), updated_at: at(0), deadline: None, ..order }
}

fn offering() -> Dispatch {
    Dispatch { mode: DispatchMode::Offer, ..Dispatch::default() }
}

fn drivers(names: &[&str]) -> Vec<DriverId> {
    names.iter().copied().map(driver_id).collect()
}

fn found(names: &[&str]) -> Searched {
    Searched::Found(drivers(names))
}

fn known() -> Known {
    on_duty(&["d1", "d2", "d3", "d4"])
}

/// Returns the round that is due next, with its time.
fn next_round(order: &Order) -> Option<(Round, Timestamp)> {
    match order.next_dispatch()? {
        NextDispatch { at, task: DispatchTask::Search(round) } => Some((round, at)),
        _ => None,
    }
}

fn after(order: &Order, decision: Result<Decision, Rejection>) -> Order {
    decision.unwrap().events.iter().fold(order.clone(), evolve)
}

/// Decides the next round when it is due.
fn search(order: &Order, found: &Searched) -> Order {
    let (this, at) = next_round(order).expect("a round");
    after(order, round(order, this, found, at, &known()))
}

fn act(order: &Order, now: Timestamp) -> Order {
    events_due(order, now).unwrap().iter().fold(order.clone(), evolve)
}

fn data_due(order: &Order, now: Timestamp) -> Vec<EventData> {
    events_due(order, now).unwrap().into_iter().map(|event| event.data).collect()
}

#[test]
fn rounds_grow_and_come_at_doubling_intervals_until_people_are_alerted() {
    let mut order = waiting(Dispatch { rounds: 4, ..offering() });
    let mut told = Vec::new();
    while let Some((this, at)) = next_round(&order) {
        let seconds = at.seconds_since(order.created_at);
        told.push((this.number, this.radius_m, seconds));
        order = search(&order, &found(&["d1", "d2", "d3", "d4"]));
        // As many as are asked at once, the best first.
        assert_eq!(order.offered_to().cloned().collect::<Vec<_>>(), drivers(&["d1", "d2", "d3"]));
        assert_eq!(order.offer.as_ref().map(|it| it.round), Some(this.number));
        let end = order.offer_ends().unwrap();
        assert_eq!(end, at.plus_seconds(45));
        let stands = NextDispatch { at: end, task: DispatchTask::EndOffer };
        assert_eq!(order.next_dispatch(), Some(stands));
        assert_eq!(events_due(&order, end.plus_seconds(-1)), Ok(vec![]));
        if this.number == 4 {
            let events = data_due(&order, end);
            let [EventData::OfferExpired { .. }, EventData::AlertRaised(alert)] = &events[..]
            else {
                panic!("{events:?}")
            };
            let (kind, severity) = (AlertKind::NoDriver, Severity::Medium);
            assert_eq!(*alert, Alert { kind, severity, limit: 0 });
        }
        order = act(&order, end);
    }
    let first = order.status_since.seconds_since(order.created_at);
    let starts = [0, 45 + 15, 60 + 45 + 30, 135 + 45 + 60].map(|it| first + it);
    let radius = [3000, 4800, 7680, 12_288];
    let expected = [1, 2, 3, 4].into_iter().zip(radius).zip(starts);
    let expected: Vec<_> = expected.map(|((n, radius), at)| (n, radius, at)).collect();
    assert_eq!(told, expected);
    // People are alerted again, as if the order were beyond a time limit.
    assert_eq!(order.next_dispatch(), None);
    assert!(order.delayed_since.is_some());
    let again = order.updated_at.plus_seconds(5 * 60);
    assert_eq!(order.deadline, Some(Deadline { at: again, rung: 1 }));
    assert!(matches!(data_due(&order, again)[..], [EventData::AlertRaised(_)]));
}

#[test]
fn a_round_that_finds_nobody_is_recorded_and_waits_as_long() {
    let order = waiting(Dispatch { rounds: 2, ..offering() });
    let (this, now) = next_round(&order).unwrap();
    for (nobody, is_noted) in [(found(&[]), false), (Searched::NoLocation, true)] {
        let events = round(&order, this, &nobody, now, &known()).unwrap().events;
        let data = EventData::OfferExpired { round: 1, drivers: vec![], radius_m: Some(3000) };
        assert_eq!((events.len(), &events[0].data), (1, &data));
        assert_eq!(events[0].note.is_some(), is_noted);
        assert_eq!(events[0].actor, crate::Principal::system("dispatch").actor());
    }
    let order = search(&order, &found(&[]));
    let (second, at) = next_round(&order).unwrap();
    assert_eq!((second.number, at), (2, now.plus_seconds(15)));
    let events = round(&order, second, &found(&[]), at, &known()).unwrap().events;
    assert!(
        matches!(
            events.iter().map(|event| &event.data).collect::<Vec<_>>()[..],
            [EventData::OfferExpired { .. }, EventData::AlertRaised(_)]
        ),
        "{events:?}"
    );
    assert_eq!(search(&order, &found(&[])).next_dispatch(), None);
}

#[test]
fn a_round_is_decided_once_and_not_before_its_time() {
    let order = waiting(offering());
    let (this, now) = next_round(&order).unwrap();
    let decide = |order: &Order, this: Round, now: Timestamp| {
        round(order, this, &found(&["d1"]), now, &known()).unwrap().events.len()
    };
    assert_eq!(decide(&order, this, now), 1);
    assert_eq!(decide(&order, this, now.plus_seconds(-1)), 0);
    assert_eq!(decide(&order, Round { number: 2, ..this }, now), 0);
    let offered = search(&order, &found(&["d1"]));
    assert_eq!(decide(&offered, this, now), 0, "another call offered it");
    for step in [
        Step::Assign { driver: driver_id("d9"), replace: false },
        Step::Cancel { reason: reason("ordered twice") },
    ] {
        let events = events_of(&order, step, &Context::new(now, &ops())).unwrap();
        let moved = events.iter().fold(order.clone(), evolve);
        assert_eq!((decide(&moved, this, now), moved.next_dispatch()), (0, None));
    }
}

#[test]
fn once_everybody_has_declined_the_next_round_need_not_wait_for_the_end() {
    let order = search(&waiting(offering()), &found(&["d1"]));
    let now = order.updated_at.plus_seconds(10);
    let decline = InPlace::Decline { driver: driver_id("d1"), reason: None };
    let events = events_of(&order, decline, &Context::new(now, &driver("d1"))).unwrap();
    let declined = events.iter().fold(order, evolve);
    let (second, at) = next_round(&declined).unwrap();
    assert_eq!((second.number, at), (2, now.plus_seconds(15)));
}

/// The last one to decline the last offer leaves the alert to dispatch.
#[test]
fn people_are_alerted_once_the_last_round_is_declined() {
    let order = search(&waiting(Dispatch { rounds: 1, ..offering() }), &found(&["d1"]));
    let now = order.updated_at.plus_seconds(10);
    let decline = InPlace::Decline { driver: driver_id("d1"), reason: None };
    let events = events_of(&order, decline, &Context::new(now, &driver("d1"))).unwrap();
    let declined = events.iter().fold(order, evolve);
    let task = DispatchTask::Escalate;
    assert_eq!(declined.next_dispatch(), Some(NextDispatch { at: now, task }));
    let alerted = act(&declined, now);
    assert_eq!((alerted.next_dispatch(), alerted.delayed_since), (None, Some(now)));
    assert_eq!(data_due(&alerted, now), []);
}

/// An order that exceeded its time limit before is not alerted about twice.
#[test]
fn an_order_that_is_late_anyway_needs_no_further_alert() {
    let order = waiting(Dispatch { rounds: 1, ..offering() });
    let late = Order { delayed_since: Some(at(0)), ..order };
    let (this, now) = next_round(&late).unwrap();
    let events = round(&late, this, &found(&[]), now, &known()).unwrap().events;
    assert_eq!(events.len(), 1);
    assert_eq!(search(&late, &found(&[])).next_dispatch(), None);
}

#[test]
fn rounds_begin_anew_when_a_driver_gives_the_order_back() {
    let order = search(&waiting(offering()), &found(&["d1"]));
    let now = order.updated_at.plus_seconds(10);
    let by = driver("d1");
    let accept = Step::Accept { driver: driver_id("d1") };
    let events = events_of(&order, accept, &Context::new(now, &by)).unwrap();
    let taken = events.iter().fold(order, evolve);
    assert_eq!(taken.next_dispatch(), None);
    let unassign = Step::Unassign { reason: reason("a flat tyre") };
    let later = now.plus_seconds(60);
    let events = events_of(&taken, unassign, &Context::new(later, &by)).unwrap();
    let back = events.iter().fold(taken, evolve);
    let first = Round { number: 1, radius_m: 3000 };
    assert_eq!(next_round(&back), Some((first, later)));
    assert_eq!(search(&back, &found(&["d2"])).offer.map(|offer| offer.round), Some(1));
}

/// Also if the last round was over when a person found the driver.
#[test]
fn rounds_begin_anew_after_an_assignment_by_hand() {
    let by = ops();
    let order = search(&waiting(offering()), &found(&[]));
    let now = order.updated_at.plus_seconds(5);
    let assign = Step::Assign { driver: driver_id("d9"), replace: false };
    let unassign = Step::Unassign { reason: reason("a flat tyre") };
    let back = [assign, unassign].into_iter().fold(order, |order, step| {
        let events = events_of(&order, step, &Context::new(now, &by)).unwrap();
        events.iter().fold(order, evolve)
    });
    let first = Round { number: 1, radius_m: 3000 };
    assert_eq!(next_round(&back), Some((first, now)));
}

/// An offer that a person makes counts as a round.
#[test]
fn an_offer_by_hand_delays_the_next_round() {
    let order = waiting(offering());
    let action = InPlace::Offer(Offering {
        drivers: drivers(&["d5"]),
        time: OfferTime::default(),
        replace: false,
        radius_m: None,
    });
    let events = events_of(&order, action, &Context::new(at(1), &merchant("m1"))).unwrap();
    let offered = events.iter().fold(order, evolve);
    let end = offered.offer_ends().unwrap();
    let (second, at) = next_round(&act(&offered, end)).unwrap();
    assert_eq!((second.number, at), (2, end.plus_seconds(15)));
}

#[test]
fn the_best_driver_is_assigned_without_asking_if_the_merchant_says_so() {
    let order = waiting(Dispatch { mode: DispatchMode::Assign, ..offering() });
    let (this, now) = next_round(&order).unwrap();
    let events = round(&order, this, &found(&["d1", "d2"]), now, &known()).unwrap().events;
    let (driver, via) = (driver_id("d1"), Via::Dispatch);
    let assigned = EventData::DriverAssigned { driver, load: true, despite: None, via };
    assert_eq!((events.len(), &events[0].data), (1, &assigned));
    let moved = search(&order, &found(&["d1"]));
    assert_eq!((moved.status.name(), moved.next_dispatch()), ("driver_assigned", None));
}

#[test]
fn an_order_is_dispatched_only_while_a_driver_can_accept_it() {
    for workflow in Workflow::ALL {
        for status in workflow.statuses {
            let mut order = order_of(workflow, status.name(), None);
            assert_eq!(order.next_dispatch(), None, "people find the driver");
            order.placed.terms.dispatch = Some(offering());
            let waits = [("courier", "created"), ("grocery", "ready_for_pickup")];
            let expected = waits.contains(&(workflow.name, status.name()));
            assert_eq!(order.next_dispatch().is_some(), expected, "{} {status}", workflow.name);
        }
    }
}

/// An offer by hand ends by itself, too.
#[test]
fn the_end_of_an_offer_is_known_without_rounds() {
    let order = Order { offer: Some(offer_to(&["d1"])), ..order_in("created", None) };
    let (at, task) = (at(120), DispatchTask::EndOffer);
    assert_eq!(order.next_dispatch(), Some(NextDispatch { at, task }));
    assert_eq!(act(&order, at).next_dispatch(), None);
}

#[test]
fn the_longest_wait_and_the_greatest_radius_are_bounded() {
    let most = Dispatch::MOST_RADIUS_M;
    let mut order = waiting(Dispatch { rounds: 10, radius_m: most, ..offering() });
    let mut last = (0, order.status_since);
    while let Some((this, at)) = next_round(&order) {
        assert!(this.radius_m <= 50_000 && at.seconds_since(last.1) <= 900, "{this:?}");
        last = (this.number, at);
        order = search(&order, &found(&[]));
    }
    assert_eq!(last.0, 10);
}

/// A driver whom the search found, and who is deleted or moves to another merchant's fleet before the
/// decision.
#[test]
fn a_driver_without_a_roster_is_not_asked() {
    for mode in [DispatchMode::Offer, DispatchMode::Assign] {
        let order = waiting(Dispatch { mode, ..offering() });
        let (this, now) = next_round(&order).unwrap();
        let refused = round(&order, this, &found(&["d9", "d1"]), now, &known()).unwrap_err();
        let gone = matches!(&refused, Rejection::UnknownDriver { driver, .. } if *driver == driver_id("d9"));
        assert!(gone, "{refused:?}");
    }
}

/// People are alerted after the last round, and again, without a word of the time limit until it has
/// passed.
#[test]
fn an_alert_names_a_time_limit_only_once_it_has_passed() {
    let mut order = order_of(Workflow::named("grocery").unwrap(), "picking_in_progress", None);
    order.placed.terms.dispatch = Some(Dispatch { rounds: 1, ..offering() });
    let ready = Step::Plain(crate::Operation::Ready);
    let events = events_of(&order, ready, &Context::new(at(0), &merchant("m1"))).unwrap();
    let mut order = events.iter().fold(order, evolve);
    order = search(&order, &found(&[]));
    let mut alerts = Vec::new();
    while alerts.len() < 4 {
        let now = order.due_at().unwrap();
        for event in events_due(&order, now).unwrap() {
            let EventData::AlertRaised(alert) = &event.data else { panic!("{event:?}") };
            alerts.push((now.seconds_since(order.status_since), alert.limit));
            order = evolve(order, &event);
        }
    }
    assert_eq!(alerts, [(300, 0), (900, 600), (2100, 600), (4500, 600)]);
}

#[test]
fn the_stored_way_to_find_drivers_is_read_as_it_was_written() {
    let text = "offer:own+platform:3:45:4:3000";
    let stored: Dispatch = serde_json::from_value(text.into()).unwrap();
    assert_eq!(stored, offering());
    assert_eq!(serde_json::to_value(&stored).unwrap(), text);
    for (text, ask) in
        [(";;;;;assign:platform:1:10:1:500", false), (";;;;ask;manual:own:16:900:10:20000", true)]
    {
        let terms: Terms = serde_json::from_value(text.into()).unwrap();
        assert_eq!(terms.shortages == crate::Shortages::Ask, ask);
        assert_eq!(serde_json::to_value(&terms).unwrap(), text);
    }
    for wrong in ["offer", "auto:own:3:45:4:3000", "offer::3:45:4:3000", "offer:own:3:5:4:3000"] {
        assert!(serde_json::from_value::<Dispatch>(wrong.into()).is_err(), "{wrong}");
    }
}
