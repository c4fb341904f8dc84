//! Tests of a courier: its requests, its lines and its ways, in simulated time.

mod scene;

use std::time::Duration;

use domain::Operation;
use serde_json::json;

use super::request::{Answer, Request};
use scene::{Api, Scene, THINK, place};

fn refusal(status: u16) -> Answer {
    Answer::Refused { status, detail: "Not now.".to_owned() }
}

#[test]
fn an_offered_order_is_accepted_and_delivered() {
    let (mut scene, mut api) = (Scene::of(1), Api::offering("A"));
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    let expected = [
        "is offered order A, whose pickup is 300 m away",
        "accepts order A",
        "drives 300 m to the pickup of order A",
        "picks up order A",
        "departs with order A",
        "drives 600 m to the dropoff of order A",
        "delivers order A",
        "is free",
    ];
    assert_eq!(scene.lines, expected);
    assert_eq!(scene.now.as_secs(), THINK.as_secs() + 10 + 20);
    assert_eq!(scene.courier.motion(scene.now).location, place(3.0));
}

#[test]
fn a_lost_race_is_told_and_no_more() {
    let (mut scene, api) = (Scene::of(1), Api::offering("A"));
    scene.hear(&api.order);
    scene.play(&mut |ask| match ask.request {
        Request::Read => Answer::Done(api.order.clone()),
        _ => refusal(409),
    });
    assert_eq!(scene.lines[1..], ["does not get order A: Not now."]);
    scene.courier.lose(scene.now, "A");
    scene.play(&mut |ask| panic!("{ask:?}"));
    assert_eq!(scene.lines.len(), 2);
}

#[test]
fn an_offer_that_ends_while_the_courier_thinks_is_not_answered() {
    let (mut scene, mut api) = (Scene::of(1), Api::offering("A"));
    scene.hear(&api.order);
    scene.pass(Duration::from_secs(1), &mut |ask| api.answer(ask));
    scene.courier.lose(scene.now, "A");
    scene.play(&mut |ask| panic!("{ask:?}"));
    let late = "is too late for order A: another driver has it, or the offer is over";
    assert_eq!(scene.lines[1..], [late]);
}

#[test]
fn some_offers_are_declined_with_a_reason() {
    let (mut scene, mut api) = (Scene::of(4), Api::offering("A"));
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(api.asked, [Request::Read, Request::Decline("The road is closed.")]);
    scene.courier.lose(scene.now, "A");
    scene.play(&mut |ask| panic!("{ask:?}"));
    assert_eq!(scene.lines[1..], ["declines order A: The road is closed."]);
}

#[test]
fn an_offer_that_is_ignored_is_answered_in_its_next_round_only() {
    let (mut scene, mut api) = (Scene::of(10), Api::offering("A"));
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(scene.lines[1..], ["does not answer the offer of order A"]);
    // Another driver declined: the order has another version, and the same offer.
    api.move_to("created");
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(api.asked, [Request::Read]);
    api.move_to("created");
    api.order["offer"]["round"] = 2.into();
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(api.steps(), [Operation::Pickup, Operation::Depart, Operation::Deliver]);
}

#[test]
fn a_cancelled_order_ends_the_drive_where_it_is() {
    let (mut scene, mut api) = (Scene::of(1), Api::assigned("A"));
    scene.hear(&api.order);
    scene.pass(Duration::from_secs(1), &mut |ask| api.answer(ask));
    assert!(scene.courier.motion(scene.now).speed > 0.0);
    scene.now = Duration::from_secs(5);
    api.move_to("cancelled");
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(scene.lines.last().unwrap(), "has order A no more: it is cancelled");
    assert_eq!(scene.courier.orders().count(), 0);
    let motion = scene.courier.motion(Duration::from_mins(1));
    assert_eq!((motion.location, motion.speed), (place(0.5), 0.0));
}

#[test]
fn an_order_that_is_given_to_another_driver_is_left() {
    let (mut scene, mut api) = (Scene::of(1), Api::assigned("A"));
    scene.hear(&api.order);
    scene.pass(Duration::from_secs(1), &mut |ask| api.answer(ask));
    scene.courier.lose(scene.now, "A");
    scene.play(&mut |ask| panic!("{ask:?}"));
    assert_eq!(scene.lines.last().unwrap(), "has order A no more: it was taken away");
    // It comes back, in the version that the courier has heard of.
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(api.order["status"], "delivered");
}

#[test]
fn orders_are_delivered_one_after_the_other() {
    let (mut scene, mut first, mut second) = (Scene::of(1), Api::assigned("A"), Api::assigned("B"));
    scene.hear(&first.order);
    scene.hear(&second.order);
    scene.play(&mut |ask| if ask.order == "A" { first.answer(ask) } else { second.answer(ask) });
    let delivered = ["delivers order A", "delivers order B", "is free"];
    let told = scene.lines.iter().filter(|line| delivered.contains(&&***line));
    assert_eq!(told.collect::<Vec<_>>(), delivered);
    assert_eq!(scene.now.as_secs(), 10 + 20 + 20 + 20);
}

#[test]
fn a_refused_step_is_not_repeated_until_there_is_news() {
    let (mut scene, mut api) = (Scene::of(1), Api::assigned("A"));
    scene.hear(&api.order);
    let mut refused = 0;
    scene.play(&mut |ask| match ask.request {
        Request::Step(_) => {
            refused += 1;
            refusal(409)
        }
        _ => api.answer(ask),
    });
    assert_eq!(refused, 1);
    // The same state is no news.
    scene.hear(&api.order);
    scene.play(&mut |ask| panic!("{ask:?}"));
    assert_eq!(scene.lines.last().unwrap(), "cannot pickup order A: Not now.");
    api.move_to("driver_assigned");
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    assert_eq!(api.order["status"], "delivered");
}

#[test]
fn an_order_whose_handover_code_is_unknown_is_brought_back() {
    let (mut scene, mut api) = (Scene::of(1), Api::assigned("A"));
    scene.hear(&api.order);
    scene.play(&mut |ask| match ask.request {
        Request::Step(errand) if errand.operation == Operation::Deliver => refusal(422),
        _ => api.answer(ask),
    });
    let back = [Operation::DeliveryFailed, Operation::Return, Operation::Returned];
    assert_eq!(api.steps()[2..], back);
    assert_eq!(scene.courier.motion(scene.now).location, place(1.0));
}

#[test]
fn a_request_that_failed_is_made_again_a_little_later() {
    let (mut scene, mut api) = (Scene::of(1), Api::offering("A"));
    scene.hear(&api.order);
    let mut requests = 0;
    scene.play(&mut |ask| {
        requests += 1;
        match requests % 2 {
            0 => api.answer(ask),
            _ => Answer::Failed("no response".to_owned()),
        }
    });
    assert_eq!(api.order["status"], "delivered");
    // The first request is repeated while the courier thinks.
    let repeated = [Request::Accept, Request::Read].len() + api.steps().len();
    let waits = 2 * u64::try_from(repeated).unwrap();
    assert_eq!(scene.now.as_secs(), THINK.as_secs() + 10 + 20 + waits);
}

#[test]
fn an_order_without_locations_goes_to_the_centre_of_the_town() {
    let (mut scene, mut api) = (Scene::of(1), Api::assigned("A"));
    api.order["addresses"] = json!({ "pickup": { "text": "Far", "location": place(2.0) } });
    scene.hear(&api.order);
    scene.play(&mut |ask| api.answer(ask));
    let way = "drives 600 m to the centre of the town: the dropoff of order A has no location";
    assert!(scene.lines.contains(&way.to_owned()), "{:?}", scene.lines);
    assert_eq!(scene.courier.motion(scene.now).location, place(0.0));
}

#[test]
fn an_older_state_of_an_order_is_no_news() {
    let (mut scene, mut api) = (Scene::of(1), Api::assigned("A"));
    let assigned = api.order.clone();
    scene.hear(&assigned);
    scene.play(&mut |ask| api.answer(ask));
    let told = scene.lines.len();
    scene.hear(&assigned);
    scene.play(&mut |ask| panic!("{ask:?}"));
    assert_eq!(scene.lines.len(), told);
}

#[test]
fn a_response_that_cannot_be_read_is_asked_for_once() {
    for order in [Api::offering("A").order, Api::assigned("A").order] {
        let mut scene = Scene::of(1);
        scene.hear(&order);
        let mut requests = 0;
        scene.play(&mut |_| {
            requests += 1;
            Answer::Done(json!({ "id": 7 }))
        });
        assert_eq!(requests, 1);
    }
}
