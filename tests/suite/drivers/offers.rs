//! Offers of orders to drivers, over HTTP and WebSocket.

use emulator::Streams;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{on_duty, orders_of, register, set_duty};
use crate::harness::{App, Change, Client, Records, Stopped, chance, id_of, order, people, stored};
use crate::race::conflicts_now_and_then;

/// The number of drivers who race for an offer: as many as an order is offered to at once.
const DRIVERS: usize = 16;

/// The number of offers that they race for.
const ROUNDS: usize = 500;

impl Client {
    async fn offer(&self, id: &str, drivers: &[&str]) -> Value {
        self.operate(id, "dispatch", &json!({ "drivers": drivers })).await.expect(200)
    }
}

async fn driver(app: &App, id: &str) -> Client {
    app.client(people::driver(id)).await
}

async fn place(app: &App) -> String {
    let mut body = order("m1", "c1");
    body["addresses"] = json!({
        "pickup": "1 Mill Lane",
        "dropoff": { "text": "2 High Street", "location": { "lat": 51.507_351, "lng": -0.127_758 } },
    });
    body["external_id"] = "web-1".into();
    body["items"] = json!([{ "sku": "A1", "name": "Tea", "quantity": 2 }]);
    body["metadata"] = json!({ "vip": "yes" });
    id_of(&app.ops().await.create(&body).await.expect(201))
}

/// Exactly one wins, and the others are told so, also by way of conflicts.
#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_drivers_who_accept_at_once_one_has_the_order() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let names: Vec<String> = (0..DRIVERS).map(|n| format!("d{n:02}")).collect();
    let drivers = join_all(names.iter().map(|name| driver(&app, name))).await;
    // Half of them have a roster, which their commit also writes.
    for name in names.iter().step_by(2) {
        on_duty(&app, name, 20).await;
    }
    conflicts_now_and_then(&app);
    let rounds = if chance::is_whole() { ROUNDS } else { ROUNDS / 16 };
    for _ in 0..rounds {
        let id = app.place_order().await;
        let everybody: Vec<_> = names.iter().map(String::as_str).collect();
        merchant.offer(&id, &everybody).await;
        let accept = json!({});
        let answers = drivers.iter().map(|driver| driver.operate(&id, "accept", &accept));
        let answers = join_all(answers).await;
        let won = answers.iter().position(|answer| answer.status == 200).expect("a winner");
        for (place, answer) in answers.iter().enumerate().filter(|(place, _)| *place != won) {
            let problem = answer.problem(409, "offer-over");
            let detail = problem["detail"].as_str().expect("a detail");
            assert!(detail.contains("already has a driver"), "{place}: {detail}");
        }
        let now = merchant.order(&id).await.expect(200);
        assert_eq!((&now["driver"], &now["version"]), (&json!(names[won]), &json!(3)));
        assert_eq!(stored::checked(&app, &id).await, 3);
        // A driver on duty has room for the next round.
        merchant.operate(&id, "cancel", &json!({ "reason": "the next round" })).await.expect(200);
    }
    app.faults.clear();
    for name in names.iter().step_by(2) {
        assert_eq!(orders_of(&app, name).await, [] as [String; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offered_driver_sees_enough_to_decide_and_no_more() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let (asked, rival, other) =
        (driver(&app, "d1").await, driver(&app, "d2").await, driver(&app, "d3").await);
    let id = place(&app).await;
    let offered = merchant.offer(&id, &["d1", "d2"]).await;
    let end = offered["offer"]["expires_at"].clone();
    assert_eq!(offered["offer"]["drivers"], json!(["d1", "d2"]));
    other.order(&id).await.problem(404, "not-found");

    let seen = asked.order(&id).await.expect(200);
    let expected = json!({
        "id": id,
        "merchant": "m1",
        "customer": {},
        "workflow": "courier",
        "status": "created",
        "phase": "placed",
        "version": 2,
        "created_at": offered["created_at"],
        "updated_at": offered["updated_at"],
        "status_since": offered["status_since"],
        "metadata": {},
        "offer": { "round": 1, "expires_at": end },
        "item_count": 1,
        "addresses": { "pickup": "1 Mill Lane", "dropoff_area": { "lat": 51.51, "lng": -0.13 } },
    });
    assert_eq!(seen, expected);
    let history = asked.history(&id).await.expect(200);
    let created = json!({ "merchant": "m1", "workflow": "courier" });
    assert_eq!(history["events"][0]["data"], created);
    assert_eq!(history["events"][0]["metadata"], json!({}));
    assert_eq!(history["events"][1]["data"], json!({ "round": 1, "expires_at": end }));

    // It is not the driver's order yet.
    asked.operate(&id, "pickup", &json!({})).await.problem(409, "transition-not-allowed");
    let issue = json!({ "type": "delay", "severity": "low", "description": "late" });
    asked.operate(&id, "issues", &issue).await.problem(403, "forbidden");

    let declined = rival.operate(&id, "decline", &json!({ "reason": "too far" })).await;
    declined.expect(204);
    rival.order(&id).await.problem(404, "not-found");
    // One who does not see the order learns why, and nothing of where it is now.
    for headers in [&[][..], &[("if-match", "\"1\"")]] {
        let late = Change::operation("accept").ask_with(&rival, &id, headers).await;
        let problem = late.problem(409, "offer-over");
        assert_eq!(late.header("etag"), "");
        assert_eq!(problem.as_object().expect("an object").len(), 4, "{problem}");
    }
    let again = Change::decline().ask(&rival, &id).await;
    assert_eq!((again.status, again.header("etag"), &*again.text), (204, "", ""));
    assert_eq!(merchant.order(&id).await.expect(200)["offer"]["drivers"], json!(["d1"]));

    let taken = asked.operate(&id, "accept", &json!({})).await.expect(200);
    assert_eq!((&taken["driver"], &taken["status"]), (&json!("d1"), &json!("driver_assigned")));
    let whole = asked.order(&id).await.expect(200);
    assert_eq!(whole["addresses"]["dropoff"]["text"], "2 High Street");
    assert_eq!(whole["external_id"], "web-1");
    // Neither driver sees the name of the other, nor does the customer see any.
    for client in [&asked, &app.client(people::customer("m1", "c1")).await] {
        let events = client.history(&id).await.expect(200)["events"].clone();
        let told = events.to_string();
        assert!(!told.contains("d2") && !told.contains("too far"), "{told}");
    }
    let events = merchant.history(&id).await.expect(200)["events"].clone();
    assert_eq!(events[2]["data"], json!({ "driver": "d2", "reason": "too far" }));
    assert_eq!(events[3]["data"], json!({ "driver": "d1", "via": "offer" }));
    stored::checked(&app, &id).await;
}

/// One batch carries what both the assigned driver and the one who lost the offer receive.
#[tokio::test(flavor = "multi_thread")]
async fn drivers_hear_of_an_offer_live_and_the_loser_that_it_is_gone() {
    let app = App::start_with(|options| options.streams = Streams::ByHand).await;
    let mut records = Records::of(&app.runner).await;
    let merchant = app.client(people::merchant("m1")).await;
    let (first, second) = (driver(&app, "d1").await, driver(&app, "d2").await);
    let (mut won, mut lost) = (app.live(&first).await, app.live(&second).await);
    won.subscribe("driver:d1").await;
    lost.subscribe("driver:d2").await;
    let id = place(&app).await;
    merchant.offer(&id, &["d1", "d2"]).await;
    relay(&app, &records.take_all(2).await).await;
    for live in [&mut won, &mut lost] {
        let frames = live.until_pong().await;
        let text = json!(frames).to_string();
        assert!(text.contains("driver_offered") && text.contains("\"round\":1"), "{text}");
        for hidden in ["d1", "d2", "web-1", "vip", "c1", "Tea"] {
            assert!(!text.contains(&format!("\"{hidden}\"")), "{hidden}: {text}");
        }
    }
    // An offer and its acceptance in one batch: the winner's view is not the loser's.
    let other = app.place_order().await;
    merchant.offer(&other, &["d2"]).await;
    first.operate(&id, "accept", &json!({})).await.expect(200);
    relay(&app, &records.take_all(3).await).await;
    let won = json!(won.until_pong().await).to_string();
    assert!(won.contains("driver_assigned") && won.contains("web-1"), "{won}");
    assert!(!won.contains(&other), "{won}");
    let lost = lost.until_pong().await;
    let text = json!(lost).to_string();
    assert!(text.contains(&other) && !text.contains("web-1"), "{text}");
    let gone = lost.iter().flat_map(|frame| frame["removed"].as_array().expect("removals"));
    assert_eq!(gone.collect::<Vec<_>>(), [&json!({ "order_id": id, "version": 3 })]);
    assert!(!text.contains("\"driver\""), "{text}");
}

/// Invokes the relay with one batch.
async fn relay(app: &App, records: &[Value]) {
    let response = app.runner.invoke("relay", &json!({ "Records": records })).await;
    assert_eq!(response.expect("a response")["batchItemFailures"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_ends_on_time_and_the_sweep_says_so_once() {
    let time = Stopped::at("2026-11-21T09:00:00.000Z");
    let app = App::start_at(&time).await;
    let (ops, asked) = (app.ops().await, driver(&app, "d1").await);
    let id = place(&app).await;
    let body = json!({ "drivers": ["d1", "d1", "d2"], "seconds": 60 });
    let offered = ops.operate(&id, "dispatch", &body).await.expect(200);
    assert_eq!(offered["offer"]["expires_at"], "2026-11-21T09:01:00.000Z");
    assert_eq!(offered["offer"]["drivers"], json!(["d1", "d2"]));
    time.forward(59);
    assert_eq!(app.sweep().await["acted"], 0);
    time.forward(1);
    // Before the sweep runs, the offer is over all the same.
    let late = asked.operate(&id, "accept", &json!({})).await;
    assert!(late.problem(409, "offer-over")["detail"].to_string().contains("expired"));
    let sweeps = tokio::join!(app.sweep(), app.sweep());
    assert_eq!(sweeps.0["acted"].as_u64().unwrap() + sweeps.1["acted"].as_u64().unwrap(), 1);
    assert_eq!(app.sweep().await["acted"], 0);
    let ops = app.ops().await;
    let events = ops.history(&id).await.expect(200)["events"].clone();
    assert_eq!(events.as_array().expect("events").len(), 3);
    assert_eq!(events[2]["data"], json!({ "round": 1, "drivers": ["d1", "d2"] }));
    assert_eq!(ops.order(&id).await.expect(200).get("offer"), None);
    let again = driver(&app, "d1").await.operate(&id, "accept", &json!({})).await;
    again.problem(409, "offer-over");
    // A second round counts on.
    assert_eq!(ops.offer(&id, &["d3"]).await["offer"]["round"], 2);
    driver(&app, "d1").await.operate(&id, "accept", &json!({})).await.problem(404, "not-found");
    stored::checked(&app, &id).await;
}

/// An offer and the load of its driver: with a roster, the room counts at the moment of accepting.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_or_absent_driver_leaves_the_offer_to_the_others() {
    let app = App::start().await;
    let (ops, asked) = (app.ops().await, driver(&app, "d1").await);
    on_duty(&app, "d1", 1).await;
    let (id, other) = (place(&app).await, app.place_order().await);
    ops.offer(&id, &["d1", "d2"]).await;
    ops.assign(&other, "d1").await.expect(200);
    asked.operate(&id, "accept", &json!({})).await.problem(409, "driver-unavailable");
    let again = json!({ "drivers": ["d1"], "replace": true });
    let refused = ops.operate(&id, "dispatch", &again).await;
    refused.problem(409, "driver-unavailable");
    ops.unassign(&other, "room for the offer").await.expect(200);
    set_duty(&asked, "d1", &json!({ "on_duty": false })).await.expect(200);
    asked.operate(&id, "accept", &json!({})).await.problem(409, "driver-unavailable");
    set_duty(&asked, "d1", &json!({ "on_duty": true })).await.expect(200);
    asked.operate(&id, "accept", &json!({})).await.expect(200);
    asked.operate(&id, "accept", &json!({})).await.expect(200);
    assert_eq!(orders_of(&app, "d1").await, [id]);
}

/// Neither strangers nor the drivers of another merchant's fleet learn of an order.
#[tokio::test(flavor = "multi_thread")]
async fn offers_stay_within_the_merchants_own() {
    let app = App::start().await;
    let ops = app.ops().await;
    let of_other = json!({ "driver": "d9", "merchant": "m2" });
    register(&ops, &of_other).await.expect(201);
    let id = place(&app).await;
    let path = format!("/orders/{id}/dispatch");
    let body = json!({ "drivers": ["d9"] });
    let problem = ops.post(&path, &body).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/drivers");
    let merchant = app.client(people::merchant("m2")).await;
    merchant.post(&path, &body).await.problem(404, "not-found");
    for (person, status, kind) in [
        (people::customer("m1", "c1"), 403, "forbidden"),
        (people::driver("d1"), 404, "not-found"),
        (people::store("m1", "s1"), 404, "not-found"),
    ] {
        let client = app.client(person).await;
        client.post(&path, &body).await.problem(status, kind);
        let accept = format!("/orders/{id}/accept");
        client.post(&accept, &json!({})).await.problem(status, kind);
    }
    for (body, pointer) in [
        (json!({}), "/drivers"),
        (json!({ "drivers": [] }), "/drivers"),
        (json!({ "drivers": vec!["d1"; 17] }), "/drivers"),
        (json!({ "drivers": ["d 1"] }), "/drivers/0"),
        (json!({ "drivers": ["d1"], "seconds": 9 }), "/seconds"),
        (json!({ "drivers": ["d1"], "seconds": 901 }), "/seconds"),
    ] {
        let problem = ops.post(&path, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
}

fn ids(list: &Value) -> Vec<&str> {
    let orders = list["orders"].as_array().expect("orders").iter();
    orders.map(|order| order["id"].as_str().expect("an id")).collect()
}

/// A driver who was away finds its offers and its orders.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_finds_what_is_offered_now() {
    let time = Stopped::at("2026-11-21T09:00:00.000Z");
    let app = App::start_at(&time).await;
    let (ops, asked) = (app.ops().await, driver(&app, "d1").await);
    let mut orders = Vec::new();
    for _ in 0..4 {
        orders.push(app.place_order().await);
        time.forward(1);
    }
    let [first, second, third, own] = &orders[..] else { panic!("four orders") };
    ops.assign(own, "d1").await.expect(200);
    for (id, seconds) in [(first, 60), (second, 60), (third, 900)] {
        let offer = json!({ "drivers": ["d1", "d2"], "seconds": seconds });
        ops.operate(id, "dispatch", &offer).await.expect(200);
    }
    let offered = async |client: &Client, query: &str| {
        client.get(&format!("/orders?offered=true{query}")).await.expect(200)
    };
    let list = offered(&asked, "").await;
    assert_eq!((ids(&list), &list["next"]), (vec![third.as_str(), second, first], &Value::Null));
    assert_eq!(list["orders"][0]["offer"]["round"], 1);
    assert_eq!(list["orders"][0]["customer"], json!({}));
    assert_eq!(ids(&offered(&asked, "&order=oldest").await), [first, second, third]);
    assert_eq!(ids(&offered(&ops, "&driver=d1&merchant=m1").await).len(), 3);
    assert_eq!(ids(&offered(&ops, "&driver=d1&merchant=m2").await), [""; 0]);
    assert_eq!(ids(&offered(&driver(&app, "d3").await, "").await), [""; 0]);
    assert_eq!(ids(&asked.get("/orders").await.expect(200)), [own]);
    let mut pages = vec![offered(&asked, "&limit=2").await];
    let next = pages[0]["next"].as_str().expect("a cursor");
    pages.push(offered(&asked, &format!("&limit=2&cursor={next}")).await);
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), [third, second, first]);
    assert_eq!(pages[1]["next"], Value::Null);
    let nobodys = ops.get("/orders?offered=true").await.problem(422, "invalid-fields");
    assert_eq!(nobodys["errors"][0]["pointer"], "?offered");
    asked.get("/orders?offered=true&driver=d2").await.problem(403, "forbidden");

    let mut live = app.live(&asked).await;
    live.subscribe("driver:d1").await;
    let snapshot = live.ask("snapshot", "driver:d1").await;
    assert_eq!(ids(&snapshot), [own, third, second, first]);
    let others = asked.operate(second, "decline", &json!({})).await;
    others.expect(204);
    driver(&app, "d2").await.operate(first, "accept", &json!({})).await.expect(200);
    assert_eq!(ids(&offered(&asked, "").await), [third]);
    // An order that is offered again is there once.
    ops.operate(third, "dispatch", &json!({ "drivers": ["d1"] }))
        .await
        .problem(409, "offer-stands");
    let replace = json!({ "drivers": ["d1"], "replace": true });
    ops.operate(third, "dispatch", &replace).await.expect(200);
    assert_eq!(ids(&offered(&asked, "").await), [third]);
    // Over is over, even before the sweep says so.
    time.forward(45);
    assert_eq!(ids(&offered(&driver(&app, "d1").await, "").await), [""; 0]);
}

/// The offers that were replaced hide none that stands, and a snapshot has them all in pages.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_offered_often_hides_no_other() {
    let app = App::start().await;
    let (ops, asked) = (app.ops().await, driver(&app, "d1").await);
    let often = app.place_order().await;
    let replace = json!({ "drivers": ["d1"], "seconds": 900, "replace": true });
    for _ in 0..110 {
        ops.operate(&often, "dispatch", &replace).await.expect(200);
    }
    let mut expected = vec![often];
    for _ in 0..60 {
        let id = app.place_order().await;
        ops.operate(&id, "dispatch", &replace).await.expect(200);
        expected.push(id);
    }
    expected.reverse();
    let list = asked.get("/orders?offered=true&limit=100").await.expect(200);
    assert_eq!(ids(&list), expected);
    let mut live = app.live(&asked).await;
    live.subscribe("driver:d1").await;
    let first = live.ask("snapshot", "driver:d1").await;
    let message = json!({ "action": "snapshot", "topic": "driver:d1", "cursor": first["next"] });
    let second = live.say(&message).await;
    assert_eq!((ids(&first).len(), &second["next"]), (50, &Value::Null));
    assert_eq!([ids(&first), ids(&second)].concat(), expected);
}
