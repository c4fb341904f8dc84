//! Uploads of positions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use clock::Timestamp;
use domain::{Cell, DriverId, Location, Outage};
use emulator::transport::{Call, Fault};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::near::drivers_near;
use super::{delete, hold, on_duty, register, set_duty};
use crate::harness::stored::Item;
use crate::harness::{App, Client, Response, Stopped, id_of, order, people, stored};

pub(super) const NOW: &str = "2026-11-21T12:00:00Z";

/// A fix at a place some seconds ago.
pub(super) fn fix(seconds_ago: i64, lat: f64, lng: f64) -> Value {
    let at = Timestamp::parse(NOW).expect("a time").plus_seconds(-seconds_ago);
    json!({ "at": at, "lat": lat, "lng": lng })
}

pub(super) async fn send(client: &Client, driver: &str, fixes: &[Value]) -> Response {
    client.post(&format!("/drivers/{driver}/positions"), &json!({ "fixes": fixes })).await
}

pub(super) fn is_drivers(call: &Call, operation: &str) -> bool {
    call.function == "drivers" && call.operation() == operation
}

/// Returns the items of all positions.
async fn positions(app: &App) -> Vec<Item> {
    stored::items(app, "PositionsTable").await
}

/// Returns the cell in which a search finds the driver.
async fn cell(app: &App, driver: &str) -> Option<String> {
    let driver = DriverId::parse(driver).expect("an id");
    let at = stored::db(app).whereabouts(&driver).await.expect("an answer").expect("a driver");
    at.cell.map(|cell| cell.to_string())
}

/// Returns the latitude of the driver's last fix.
async fn last_lat(app: &App, driver: &str) -> f64 {
    let driver = DriverId::parse(driver).expect("an id");
    let at = stored::db(app).whereabouts(&driver).await.expect("an answer").expect("a driver");
    at.last.and_then(|last| last.fix).expect("a fix").location.lat()
}

/// Starts at [`NOW`], with the driver `d1` on duty for an hour.
pub(super) async fn started() -> (App, Stopped, Client) {
    let time = Stopped::at("2026-11-21T11:00:00Z");
    let app = App::start_at(&time).await;
    on_duty(&app, "d1", 3).await;
    time.forward(60 * 60);
    let own = app.client(people::driver("d1")).await;
    (app, time, own)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fix_is_judged_and_the_newest_is_kept() {
    let (app, _, own) = started().await;
    let mut full = fix(10, 51.507_351, -0.127_758);
    for (name, value) in [("accuracy", 12.5), ("speed", 4.2), ("heading", 270.0)] {
        full[name] = json!(value);
    }
    let fixes = [
        fix(20, 51.507, -0.127),
        full,
        fix(30, 51.5068, -0.1266),
        fix(-61, 51.5, -0.1),
        fix(24 * 60 * 60 + 1, 51.5, -0.1),
        fix(60 * 60 + 1, 51.5, -0.1),
        fix(5, 90.1, -0.1),
        json!({ "at": "noon", "lat": 0, "lng": 0 }),
        json!({ "at": NOW, "lat": 0, "lng": 0, "speed": -1 }),
        json!({ "at": NOW, "lat": 0, "lng": 0, "altitude": 12 }),
        json!("here"),
    ];
    let answer = send(&own, "d1", &fixes).await.expect(200);
    assert_eq!(answer["accepted"], 3);
    assert_eq!(answer["next"], json!({ "fix_every_s": 60, "send_every_s": 120 }));
    let ignored = answer["ignored"].as_array().expect("a list").iter().map(|it| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            it["index"].as_u64().expect("an index"),
            text(&it["reason"]),
            text(&it["error"]["pointer"]),
        )
    });
    let expected = [
        (3, "in_future", ""),
        (4, "too_old", ""),
        (5, "off_duty", ""),
        (6, "malformed", "/fixes/6/lat"),
        (7, "malformed", "/fixes/7/at"),
        (8, "malformed", "/fixes/8/speed"),
        (9, "malformed", "/fixes/9/altitude"),
        (10, "malformed", "/fixes/10"),
    ];
    let expected = expected.map(|(at, why, field)| (at, why.to_owned(), field.to_owned()));
    assert_eq!(ignored.collect::<Vec<_>>(), expected);
    assert!((last_lat(&app, "d1").await - 51.507_35).abs() < f64::EPSILON);
    assert_eq!(cell(&app, "d1").await.as_deref(), Some("gcpvj0"));

    // A repetition, and what arrives late.
    let again = send(&own, "d1", &fixes[..3]).await.expect(200);
    let known = |index: u64| json!({ "index": index, "reason": "known" });
    assert_eq!(again["accepted"], 0);
    assert_eq!(again["ignored"], json!([known(0), known(1), known(2)]));
    assert_eq!(positions(&app).await.len(), 1);

    let ops = app.ops().await;
    ops.assign(&app.place_order().await, "d1").await.expect(200);
    let loaded = send(&own, "d1", &[fix(1, 51.5, -0.1)]).await.expect(200);
    assert_eq!(loaded["next"], json!({ "fix_every_s": 15, "send_every_s": 60 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_upload_names_its_fields() {
    let (app, _, own) = started().await;
    let path = "/drivers/d1/positions";
    let many: Vec<_> = (0..201).map(|ago| fix(ago, 0.0, 0.0)).collect();
    for body in [json!({}), json!({ "fixes": [] }), json!({ "fixes": many }), json!({ "fixes": 1 })]
    {
        let problem = own.post(path, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], "/fixes", "{problem}");
    }
    // DynamoDB has no number so close to 0.
    let mut slow = fix(300, 0.0, 0.0);
    slow["speed"] = json!(1e-200);
    slow["heading"] = json!(1e-200);
    assert_eq!(send(&own, "d1", &[slow]).await.expect(200)["accepted"], 1);
    assert_eq!(send(&own, "d1", &many[..200]).await.expect(200)["accepted"], 200);
    assert_eq!(positions(&app).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_stored_off_duty() {
    let time = Stopped::at(NOW);
    let app = App::start_at(&time).await;
    let own = app.client(people::driver("d1")).await;
    send(&own, "d1", &[fix(0, 51.5, -0.1)]).await.problem(404, "not-found");
    register(&app.ops().await, &json!({ "driver": "d1" })).await.expect(201);
    let expected = json!({
        "accepted": 0,
        "ignored": [{ "index": 0, "reason": "off_duty" }, { "index": 1, "reason": "off_duty" }],
        "next": { "fix_every_s": 0, "send_every_s": 0 },
    });
    let fixes = [fix(0, 51.5, -0.1), fix(1, 51.5, -0.1)];
    assert_eq!(send(&own, "d1", &fixes).await.expect(200), expected);
    set_duty(&own, "d1", &json!({ "on_duty": true })).await.expect(200);
    set_duty(&own, "d1", &json!({ "on_duty": false })).await.expect(200);
    assert_eq!(send(&own, "d1", &fixes).await.expect(200), expected);
    assert!(positions(&app).await.is_empty());
}

/// A duty ends after an upload has read the roster, and before it writes.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_duty_is_stored_if_it_ends_meanwhile() {
    let (app, _, own) = started().await;
    let ops = app.ops().await;
    let (off, fixes) = (json!({ "on_duty": false }), [fix(0, 51.6, -0.1), fix(1, 51.5, -0.1)]);
    let sent = own.clone();
    let upload = async { send(&sent, "d1", &fixes).await };
    let held = hold(&app, |call| is_drivers(call, "TransactWriteItems"));
    let end = async {
        held.reached.notified().await;
        set_duty(&ops, "d1", &off).await.expect(200);
        drop(held.open);
    };
    let (answer, ()) = futures_util::join!(upload, end);
    let expected = json!({
        "accepted": 1,
        "ignored": [{ "index": 0, "reason": "off_duty" }],
        "next": { "fix_every_s": 0, "send_every_s": 0 },
    });
    assert_eq!(answer.expect(200), expected);
    assert_eq!((last_lat(&app, "d1").await, cell(&app, "d1").await), (51.5, None));
}

/// A device that had no network sends the rest of a duty after its end, and in the next duty. It is in the
/// track, and shows nobody where the driver is.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_sends_later_what_it_measured_in_the_duty_before() {
    let (app, time, own) = started().await;
    let ops = app.ops().await;
    let duty = async |on_duty: bool| {
        set_duty(&own, "d1", &json!({ "on_duty": on_duty })).await.expect(200);
    };
    duty(false).await;
    time.forward(60);
    let late = send(&own, "d1", &[fix(20, 51.5, -0.1), fix(-30, 51.5, -0.1)]).await.expect(200);
    assert_eq!(late["accepted"], 1, "{late}");
    assert_eq!(late["ignored"], json!([{ "index": 1, "reason": "off_duty" }]));
    duty(true).await;
    let late = send(&own, "d1", &[fix(10, 51.5002, -0.1), fix(5, 51.5004, -0.1)]).await.expect(200);
    assert_eq!((late["accepted"].clone(), cell(&app, "d1").await), (json!(2), None), "{late}");
    let track = format!("/drivers/d1/track?from=2026-11-21T11:00:00Z&to={}", time.clock().now());
    let track = ops.get(&track).await.expect(200);
    assert_eq!(track["points"].as_array().map(Vec::len), Some(3), "{track}");
    // The duty before that one is too long ago.
    duty(false).await;
    time.forward(60);
    duty(true).await;
    let late = send(&own, "d1", &[fix(15, 51.5, -0.1)]).await.expect(200);
    assert_eq!(late["ignored"][0]["reason"], "off_duty");
}

/// A duty begins without a cell, and with the position of the earlier one, which nobody is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_duty_begins_without_a_cell() {
    let (app, time, own) = started().await;
    let ops = app.ops().await;
    let near = async || drivers_near(&ops, "51.5,-0.1", "").await.len();
    send(&own, "d1", &[fix(0, 51.5, -0.1)]).await.expect(200);
    assert_eq!((cell(&app, "d1").await.as_deref(), near().await), (Some("gcpuvx"), 1));
    set_duty(&own, "d1", &json!({ "on_duty": false })).await.expect(200);
    assert_eq!((cell(&app, "d1").await, near().await), (None, 0));
    time.forward(60);
    set_duty(&own, "d1", &json!({ "on_duty": true })).await.expect(200);
    assert_eq!((cell(&app, "d1").await, near().await), (None, 0));
    let late = send(&own, "d1", &[fix(-59, 51.5, -0.1)]).await.expect(200);
    assert_eq!(late["ignored"][0]["reason"], "off_duty");
    assert_eq!((cell(&app, "d1").await, near().await), (None, 0));
    send(&own, "d1", &[fix(-60, 51.5, -0.1)]).await.expect(200);
    assert_eq!((cell(&app, "d1").await.as_deref(), near().await), (Some("gcpuvx"), 1));
}

/// The rounds of uploads, of eight fixes each: more than the run that goes on can have.
const ROUNDS: u32 = 14;

/// Many uploads at once, each twice, leave the newest fix and its cell, whatever their order.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_of_concurrent_uploads_is_kept() {
    let (app, _, own) = started().await;
    let calls = AtomicUsize::new(0);
    app.faults.inject(move |call: &Call| {
        let is_write = ["TransactWriteItems", "UpdateItem"].contains(&call.operation());
        match calls.fetch_add(usize::from(is_write), Ordering::SeqCst) {
            nth if is_write && nth % 5 == 0 => Some(Fault::transaction_conflict(call)),
            nth if is_write && nth % 7 == 0 => Some(Fault::LoseResponse),
            _ => None,
        }
    });
    own.patch("/drivers/d1", &json!({ "vehicle": { "kind": "car" } })).await.expect(200);
    for round in 0..ROUNDS {
        // A car on its way north: the newest fix is furthest, and 8.9 km from that of the last round.
        let nth_of_all = |nth: u32| round * 8 + nth;
        let lat = |nth: u32| f64::from(nth_of_all(nth)) / 100.0;
        let ago = |nth: u32| i64::from(3_590 - nth_of_all(nth) * 22);
        let uploads = (0..8).chain((0..8).rev()).map(|nth| {
            let (own, fix) = (own.clone(), fix(ago(nth), lat(nth), 0.005));
            async move {
                // After 503 a phone sends again: several responses in a row can be lost.
                for _ in 0..20 {
                    let answer = send(&own, "d1", std::slice::from_ref(&fix)).await;
                    if answer.status != 503 {
                        return answer;
                    }
                }
                panic!("no answer")
            }
        });
        for answer in join_all(uploads).await {
            answer.expect(200);
        }
        assert!((last_lat(&app, "d1").await - lat(7)).abs() < f64::EPSILON, "round {round}");
        let expected = Location::new(lat(7), 0.005).map(Cell::of).expect("a cell");
        assert_eq!(cell(&app, "d1").await.as_deref(), Some(expected.as_str()), "round {round}");
    }
    app.faults.clear();
    // Nothing is lost: neither of the run that goes on nor of those that are complete.
    let d1 = DriverId::parse("d1").expect("an id");
    let [from, to] =
        [-3_600, 0].map(|after| Timestamp::parse(NOW).expect("a time").plus_seconds(after));
    let fixes = stored::db(&app).fixes(&d1, from, to).await.expect("an answer");
    let lats: Vec<_> = fixes.iter().map(|(_, fix)| fix.location.lat()).collect();
    assert_eq!(lats, (0..8 * ROUNDS).map(|nth| f64::from(nth) / 100.0).collect::<Vec<_>>());
    assert!(positions(&app).await.len() > 1);
}

/// The drivers of others have no positions that can be sent, and strangers see none.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_driver_and_its_fleet_send_positions() {
    let (app, _, _) = started().await;
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "own-1", "merchant": "m1" })).await.expect(201);
    set_duty(&ops, "own-1", &json!({ "on_duty": true })).await.expect(200);
    for (person, driver, expected) in [
        (people::driver("d1"), "d1", None),
        (people::ops(), "d1", None),
        (people::merchant("m1"), "own-1", None),
        (people::driver("d2"), "d1", Some((404, "not-found"))),
        (people::driver("d1"), "own-1", Some((404, "not-found"))),
        (people::merchant("m1"), "d1", Some((404, "not-found"))),
        (people::merchant("m2"), "own-1", Some((404, "not-found"))),
        (people::customer("m1", "d1"), "d1", Some((404, "not-found"))),
        (people::store("m1", "s1"), "own-1", Some((403, "forbidden"))),
        (people::support(), "d1", Some((403, "forbidden"))),
        (people::ops(), "nobody", Some((404, "not-found"))),
    ] {
        let client = app.client(person.clone()).await;
        let answer = send(&client, driver, &[fix(-1, 51.5, -0.1)]).await;
        match expected {
            None => drop(answer.expect(200)),
            Some((status, kind)) => {
                assert!(answer.is_problem(status, kind), "{person} {driver}: {answer:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_driver_leaves_no_position() {
    let (app, _, own) = started().await;
    let ops = app.ops().await;
    let many: Vec<_> = (2..202).map(|ago| fix(ago, 51.5, -0.1)).collect();
    send(&own, "d1", &many).await.expect(200);
    assert_eq!(positions(&app).await.len(), 3);
    delete(&ops, "d1").await.expect(204);
    assert!(positions(&app).await.is_empty());
    assert!(stored::items(&app, "DriversTable").await.is_empty());
    send(&own, "d1", &[fix(1, 51.5, -0.1)]).await.problem(404, "not-found");
    assert!(positions(&app).await.is_empty());
}

/// The run that an upload stores can come after the deletion.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_is_deleted_meanwhile_leaves_no_run() {
    let (app, _, own) = started().await;
    let ops = app.ops().await;
    let many: Vec<_> = (2..98).map(|ago| fix(ago, 51.5, -0.1)).collect();
    send(&own, "d1", &many).await.expect(200);
    let (fixes, sent) = ([fix(1, 51.5, -0.1)], own.clone());
    let upload = async { send(&sent, "d1", &fixes).await };
    let held = hold(&app, |call| is_drivers(call, "PutItem"));
    let end = async {
        held.reached.notified().await;
        delete(&ops, "d1").await.expect(204);
        drop(held.open);
    };
    let (answer, ()) = futures_util::join!(upload, end);
    answer.problem(404, "not-found");
    assert!(positions(&app).await.is_empty());
}

/// A device that sends nothing says why, until it sends again.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_lasts_until_the_next_fix() {
    let (app, _, own) = started().await;
    let path = "/drivers/d1/positions";
    let d1 = DriverId::parse("d1").expect("an id");
    let last =
        async || stored::db(&app).whereabouts(&d1).await.expect("an answer").expect("d1").last;
    for (body, expected) in [
        (json!({ "fixes": [fix(9, 51.5, -0.1)] }), None),
        (json!({ "outage": "low_battery" }), Some(Outage::LowBattery)),
        (json!({ "fixes": [], "outage": "app_closed" }), Some(Outage::AppClosed)),
        (json!({ "fixes": [fix(8, 51.5, -0.1)] }), None),
        (json!({ "fixes": [fix(7, 51.5, -0.1)], "outage": "no_signal" }), Some(Outage::NoSignal)),
        // Nothing new.
        (json!({ "fixes": [fix(7, 51.5, -0.1)] }), Some(Outage::NoSignal)),
    ] {
        own.post(path, &body).await.expect(200);
        assert_eq!(last().await.and_then(|last| last.outage), expected, "{body}");
    }
    let problem =
        own.post(path, &json!({ "outage": "asleep" })).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/outage", "{problem}");
    set_duty(&own, "d1", &json!({ "on_duty": false })).await.expect(200);
    own.post(path, &json!({ "outage": "low_battery" })).await.expect(200);
    assert_eq!(last().await.and_then(|last| last.outage), Some(Outage::NoSignal));
}

/// A driver sends its own positions over a connection too, and nobody else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_sends_positions_over_a_connection() {
    let (app, _, own) = started().await;
    let mut live = app.live(&own).await;
    let fixes = [fix(9, 51.5, -0.1), fix(-61, 51.5, -0.1)];
    let message = json!({ "action": "positions", "fixes": fixes });
    let expected = json!({
        "type": "positions_received",
        "accepted": 1,
        "ignored": [{ "index": 1, "reason": "in_future" }],
        "next": { "fix_every_s": 60, "send_every_s": 120 },
    });
    assert_eq!(live.say(&message).await, expected);
    assert!((last_lat(&app, "d1").await - 51.5).abs() < f64::EPSILON);
    let again = live.say(&json!({ "action": "positions", "fixes": [fixes[0], "here"] })).await;
    let reasons = again["ignored"].as_array().expect("a list").iter().map(|it| &it["reason"]);
    assert_eq!(reasons.collect::<Vec<_>>(), ["known", "malformed"], "{again}");
    assert_eq!(again["ignored"][1]["error"]["pointer"], "/fixes/1");
    let wrong = live.say(&json!({ "action": "positions", "fixes": [] })).await;
    assert_eq!(wrong["problem"]["errors"][0]["pointer"], "/fixes", "{wrong}");
    for (person, expected) in [
        (people::driver("d2"), "not-found"),
        (people::ops(), "forbidden"),
        (people::merchant("m1"), "forbidden"),
        (people::customer("m1", "d1"), "forbidden"),
    ] {
        let mut live = app.live(&app.client(person.clone()).await).await;
        let problem = live.say(&message).await["problem"]["type"].clone();
        assert_eq!(problem, format!("urn:waybill:problem:{expected}"), "{person}");
    }
}

/// The places that a driver has to go to follow the driver's orders.
#[tokio::test(flavor = "multi_thread")]
async fn a_position_has_the_stops_of_the_drivers_orders() {
    let (app, _, own) = started().await;
    let ops = app.ops().await;
    let d1 = DriverId::parse("d1").expect("an id");
    let at = |lat: f64| Location::new(lat, -0.1).expect("a location");
    let placed = async |addresses: Value| {
        let mut order = order("m1", "c1");
        order["addresses"] = addresses;
        id_of(&ops.create(&order).await.expect(201))
    };
    let both = json!({
        "pickup": { "text": "1 Mill Lane", "location": { "lat": 51.4, "lng": -0.1 } },
        "dropoff": { "text": "2 High Street", "location": { "lat": 51.6, "lng": -0.1 } },
    });
    let (located, bare) = (placed(both).await, placed(json!({ "dropoff": "3 High Street" })).await);
    let mut ago = 100;
    let mut stops = async || {
        ago -= 1;
        send(&own, "d1", &[fix(ago, 51.5, -0.1)]).await.expect(200);
        let at = stored::db(&app).whereabouts(&d1).await.expect("an answer").expect("d1");
        let stops = at.last.expect("a position").stops.into_iter();
        stops
            .map(|stop| (stop.order.to_string(), (stop.pickup, stop.dropoff)))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(stops().await, BTreeMap::new());
    ops.assign(&located, "d1").await.expect(200);
    let of_located = (located.clone(), (Some(at(51.4)), Some(at(51.6))));
    assert_eq!(stops().await, BTreeMap::from([of_located]));
    // A corrected address is read anew.
    let other = json!({ "text": "4 High Street", "location": { "lat": 51.61, "lng": -0.1 } });
    let correction = json!({ "addresses": { "dropoff": other } });
    ops.patch(&format!("/orders/{located}"), &correction).await.expect(200);
    let of_located = (located.clone(), (Some(at(51.4)), Some(at(51.61))));
    assert_eq!(stops().await, BTreeMap::from([of_located.clone()]));
    ops.assign(&bare, "d1").await.expect(200);
    let of_bare = (bare.clone(), (None, None));
    assert_eq!(stops().await, BTreeMap::from([of_located, of_bare.clone()]));
    on_duty(&app, "d2", 3).await;
    ops.replace_driver(&located, "d2").await.expect(200);
    assert_eq!(stops().await, BTreeMap::from([of_bare]));
}

/// Neither does one who is deleted while an upload is at work: before its first fix, and later.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_is_deleted_meanwhile_leaves_no_position() {
    for operation in ["TransactWriteItems", "UpdateItem"] {
        let (app, _, own) = started().await;
        let ops = app.ops().await;
        if operation == "UpdateItem" {
            send(&own, "d1", &[fix(2, 51.5, -0.1)]).await.expect(200);
        }
        let (fixes, sent) = ([fix(1, 52.5, -0.1)], own.clone());
        let upload = async { send(&sent, "d1", &fixes).await };
        let held = hold(&app, move |call| is_drivers(call, operation));
        let end = async {
            held.reached.notified().await;
            delete(&ops, "d1").await.expect(204);
            drop(held.open);
        };
        let (answer, ()) = futures_util::join!(upload, end);
        answer.problem(404, "not-found");
        assert!(positions(&app).await.is_empty(), "{operation}");
        assert!(stored::items(&app, "DriversTable").await.is_empty(), "{operation}");
    }
}
