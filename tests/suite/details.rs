//! An order's personal data: corrected while it is open, erased once it is closed.

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::harness::marked::{self, PERSONAL};
use crate::harness::{App, Client, Response, id_of, order, people, stored};

/// Part of every corrected value, and of nothing else.
const CORRECTED: &str = "corrected-";

fn correction() -> Value {
    json!({
        "customer": { "contact": "corrected-contact@example.org" },
        "addresses": { "pickup": "corrected-pickup", "dropoff": "corrected-dropoff" },
    })
}

async fn correct(client: &Client, id: &str, body: &Value) -> Response {
    client.patch(&format!("/orders/{id}"), body).await
}

async fn erase(client: &Client, id: &str) -> Response {
    let path = format!("/orders/{id}/details");
    client.send(client.request(reqwest::Method::DELETE, &path)).await
}

async fn table(app: &App, name: &str) -> String {
    format!("{:?}", stored::items(app, name).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_an_event_that_names_the_fields_and_not_their_values() {
    let app = App::start().await;
    let ops = app.ops().await;
    let merchant = app.client(people::merchant("m1")).await;
    let mut live = app.live(&ops).await;
    live.subscribe("merchant:m1").await;
    let id = id_of(&merchant.create(&marked::order()).await.expect(201));
    let before = ops.order(&id).await.expect(200);
    let corrected = correct(&merchant, &id, &correction()).await;
    assert_eq!((corrected.status, corrected.header("etag")), (200, "\"2\""));

    let seen = ops.order(&id).await.expect(200);
    assert_eq!(seen["customer"]["contact"], "corrected-contact@example.org");
    let addresses = json!({ "pickup": "corrected-pickup", "dropoff": "corrected-dropoff" });
    assert_eq!(seen["addresses"], addresses);
    for field in ["items", "external_id", "metadata", "currency", "status", "status_since"] {
        assert_eq!(seen[field], before[field], "{field}");
    }
    assert_eq!(seen["customer"]["name"], before["customer"]["name"]);

    let history = ops.history(&id).await;
    let event = &history.expect(200)["events"][1];
    assert_eq!(event["type"], "details_corrected");
    assert_eq!(event["data"], json!({ "fields": ["contact", "pickup", "dropoff"] }));
    app.relayed().await;
    let received = json!(live.until_pong().await).to_string();
    assert!(received.contains("details_corrected"), "{received}");
    let list = ops.get("/orders").await.text;
    for text in [
        corrected.text,
        history.text,
        received,
        list,
        table(&app, "OrdersTable").await,
        table(&app, "OrderHistoryTable").await,
    ] {
        assert!(!text.contains(CORRECTED), "{text}");
    }
    let kept = table(&app, "OrderDetailsTable").await;
    assert!(
        kept.contains("corrected-contact") && !kept.contains("marked-person-contact"),
        "{kept}"
    );
    assert_eq!(stored::checked(&app, &id).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_stays_as_it_was() {
    let app = App::start().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let id = id_of(&app.ops().await.create(&marked::order()).await.expect(201));
    let body = json!({ "addresses": { "dropoff": "corrected-dropoff" }, "message": "we moved" });
    correct(&customer, &id, &body).await.expect(200);
    let seen = customer.order(&id).await.expect(200);
    assert_eq!(seen["customer"]["contact"], "marked-person-contact@example.org");
    let addresses = json!({ "pickup": "marked-person-pickup", "dropoff": "corrected-dropoff" });
    assert_eq!(seen["addresses"], addresses);
    let event = &customer.history(&id).await.expect(200)["events"][1];
    assert_eq!(event["data"], json!({ "fields": ["dropoff"] }));
    assert_eq!(event["message"], "we moved");
}

/// Returns an address with a location.
fn at(text: &str, lat: f64, lng: f64) -> Value {
    json!({ "text": text, "location": { "lat": lat, "lng": lng } })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_replaced_together_with_its_location() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    let pickup = at("1 Mill Lane", 90.0, -180.0);
    // Of the second, six decimals are kept.
    body["addresses"] =
        json!({ "pickup": pickup, "dropoff": at("2 High Street", 51.5, 0.1 + 0.2) });
    let created = ops.create(&body).await.expect(201);
    let kept = at("2 High Street", 51.5, 0.3);
    assert_eq!(created["addresses"], json!({ "pickup": pickup, "dropoff": kept }));
    let id = id_of(&created);
    for (given, seen) in [
        (json!("3 High Street"), json!("3 High Street")),
        (at("3 High Street", 0.0, 0.0), at("3 High Street", 0.0, 0.0)),
        (json!({ "text": "3 High Street" }), json!("3 High Street")),
        (json!({ "text": "4 High Street", "location": null }), json!("4 High Street")),
    ] {
        correct(&ops, &id, &json!({ "addresses": { "dropoff": given } })).await.expect(200);
        let addresses = json!({ "pickup": pickup, "dropoff": seen });
        assert_eq!(ops.order(&id).await.expect(200)["addresses"], addresses);
    }
    stored::checked(&app, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_that_is_not_on_the_earth_is_refused() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let dropoff = |location: Value| json!({ "text": "here", "location": location });
    for (given, pointer) in [
        (dropoff(json!({ "lat": 90.000_000_1, "lng": 0 })), "/addresses/dropoff/location/lat"),
        (dropoff(json!({ "lat": 0, "lng": "0" })), "/addresses/dropoff/location/lng"),
        (dropoff(json!({ "lat": 0 })), "/addresses/dropoff/location/lng"),
        (dropoff(json!([0, 0])), "/addresses/dropoff/location"),
        (json!({ "location": { "lat": 0, "lng": 0 } }), "/addresses/dropoff/text"),
        (json!([dropoff(Value::Null)]), "/addresses/dropoff"),
    ] {
        let body = json!({ "addresses": { "dropoff": given } });
        let mut new = order("m1", "c1");
        new["addresses"] = body["addresses"].clone();
        for response in [correct(&ops, &id, &body).await, ops.create(&new).await] {
            let problem = response.problem(422, "invalid-fields");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        }
    }
    // JSON has no such numbers.
    for number in ["NaN", "1e400", "Infinity", "+1", "0x1"] {
        let location = format!(r#"{{"lat": {number}, "lng": 0}}"#);
        let dropoff = format!(r#"{{"text": "here", "location": {location}}}"#);
        let body = format!(r#"{{"addresses": {{"dropoff": {dropoff}}}}}"#);
        let request = ops.request(reqwest::Method::PATCH, &format!("/orders/{id}"));
        let request = request.header("content-type", "application/json").body(body);
        ops.send(request).await.problem(400, "invalid-json");
    }
    assert_eq!(stored::checked(&app, &id).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_correction_names_its_fields() {
    let app = App::start().await;
    let ops = app.ops().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let id = id_of(&ops.create(&marked::order()).await.expect(201));
    let pickup = json!({ "addresses": { "pickup": "another door" } });
    for (client, body, fields) in [
        (&ops, json!({}), vec!["/customer"]),
        (&ops, json!({ "note": "n" }), vec!["/customer"]),
        (
            &ops,
            json!({ "customer": {}, "addresses": { "pickup": null } }),
            vec!["/customer/contact", "/addresses/pickup"],
        ),
        (&ops, json!({ "customer": { "name": "Eve" } }), vec!["/customer/name"]),
        (&ops, json!({ "customer": { "contact": "x" } }), vec!["/customer/contact"]),
        (&ops, json!({ "addresses": "here", "customer": 3 }), vec!["/customer", "/addresses"]),
        (
            &ops,
            json!({ "items": [{ "line": 0 }], "handover_code": "1234" }),
            vec!["/items/0/line", "/items/0/quantity", "/handover_code"],
        ),
    ] {
        let problem = correct(client, &id, &body).await.problem(422, "invalid-fields");
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        for field in fields {
            assert!(named.contains(&field), "{body}: {problem}");
        }
    }
    correct(&customer, &id, &pickup).await.problem(403, "forbidden");
    assert_eq!(stored::checked(&app, &id).await, 1);
    correct(&ops, &id, &pickup).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_leaves_history_whole_and_nothing_personal() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = marked::place(&ops).await;
    correct(&ops, &id, &correction()).await.expect(200);
    let driver = app.client(people::driver("d1")).await;
    driver.move_to(&id, "in_transit").await.expect(200);
    erase(&ops, &id).await.problem(409, "order-open");
    driver.move_to(&id, "delivered").await.expect(200);
    correct(&ops, &id, &correction()).await.problem(409, "order-closed");
    let before = ops.history(&id).await.expect(200);
    let Value::Array(events) = &before["events"] else { panic!("{before}") };

    let erased = erase(&ops, &id).await;
    let version = events.len() as u64 + 1;
    assert_eq!((erased.status, erased.header("etag")), (200, format!("\"{version}\"").as_str()));
    assert_eq!(erase(&ops, &id).await.expect(200)["version"], version, "twice is once");
    assert!(!stored::has_details(&app, &id).await);
    for name in ["OrdersTable", "OrderHistoryTable", "OrderDetailsTable", "SubscriptionsTable"] {
        let table = table(&app, name).await;
        assert!(!table.contains(PERSONAL) && !table.contains(CORRECTED), "{name}: {table}");
    }
    let seen = ops.order(&id).await.expect(200);
    assert_eq!(seen["customer"], json!({ "reference": "c1" }));
    assert!(seen["addresses"].is_null() && seen["items"].is_null(), "{seen}");
    assert_eq!((&seen["status"], &seen["phase"]), (&json!("delivered"), &json!("delivered")));
    let after = ops.history(&id).await.expect(200);
    let Value::Array(now) = &after["events"] else { panic!("{after}") };
    assert_eq!(&now[..events.len()], events);
    assert_eq!(now[events.len()]["type"], "details_erased");
    assert_eq!(now.len(), events.len() + 1);
    assert_eq!(stored::checked(&app, &id).await, version);

    for person in [people::merchant("m1"), people::customer("m1", "c1"), people::driver("d1")] {
        let client = app.client(person).await;
        client.order(&id).await.expect(200);
        client.operate(&id, "issues", &crate::harness::issue("low")).await.expect(200);
    }
}

/// An accepted correction was made while the order was open, and is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_races_with_the_closing_is_whole_or_not_there() {
    let app = App::start().await;
    let ops = app.ops().await;
    let race = async |n: usize| {
        let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
        let body = json!({ "customer": { "contact": "corrected-contact@example.org" } });
        let (close, change) = (ops.move_to(&id, "cancelled"), correct(&ops, &id, &body));
        let (closed, corrected) = if n.is_multiple_of(2) {
            futures_util::join!(close, change)
        } else {
            let (corrected, closed) = futures_util::join!(change, close);
            (closed, corrected)
        };
        let closed = closed.expect(200);
        let contact = ops.order(&id).await.expect(200)["customer"]["contact"].clone();
        if corrected.status == 200 {
            assert_eq!((&corrected.json()["version"], &closed["version"]), (&json!(2), &json!(3)));
            assert_eq!(contact, "corrected-contact@example.org");
        } else {
            corrected.problem(409, "order-closed");
            assert_eq!(contact, "+442079460000");
        }
        stored::checked(&app, &id).await;
    };
    stream::iter(0..40).map(race).buffer_unordered(16).collect::<Vec<_>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_corrections_that_race_the_last_one_is_kept() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let corrections = (0..8).map(async |n| {
        let contact = format!("+44207946010{n}");
        let body = json!({ "customer": { "contact": contact } });
        (correct(&ops, &id, &body).await, contact)
    });
    let mut accepted: Vec<_> = join_all(corrections)
        .await
        .into_iter()
        .filter(|(response, _)| response.status == 200)
        .map(|(response, contact)| (response.json()["version"].as_u64(), contact))
        .collect();
    accepted.sort_unstable();
    let (version, contact) = accepted.pop().expect("one that is accepted");
    assert_eq!(ops.order(&id).await.expect(200)["customer"]["contact"], contact);
    assert_eq!(Some(stored::checked(&app, &id).await), version);
}
