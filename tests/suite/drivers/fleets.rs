//! Registering, changing, listing and deleting drivers, and who may.

use reqwest::Method;
use serde_json::{Value, json};

use super::{delete, on_duty, register, set_duty};
use crate::harness::{App, Client, Stopped, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_is_registered_changed_and_deleted() {
    let time = Stopped::at("2026-11-21T09:00:00.000Z");
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let body = json!({
        "driver": "d1",
        "name": "Dan Smith",
        "phone": "+442079460021",
        "plate": "AB12 CDE",
        "photo_url": "https://cdn.example.com/d1.jpg",
        "vehicle": { "kind": "car", "label": "blue estate" },
        "capacity": 5,
    });
    let registered = register(&ops, &body).await;
    let mut expected = body.clone();
    let fresh = json!({ "on_duty": false, "available": false, "orders": [] });
    expected.as_object_mut().unwrap().extend(fresh.as_object().unwrap().clone());
    assert_eq!((registered.expect(201), registered.header("etag")), (expected.clone(), "\"1\""));
    assert_eq!(ops.get("/drivers/d1").await.expect(200), expected);
    register(&ops, &body).await.problem(409, "driver-exists");

    let begun = set_duty(&ops, "d1", &json!({ "on_duty": true })).await.expect(200);
    assert_eq!(begun["on_duty_since"], "2026-11-21T09:00:00.000Z");
    assert_eq!((&begun["on_duty"], &begun["available"]), (&json!(true), &json!(true)));
    time.forward(60);
    let again = set_duty(&ops, "d1", &json!({ "on_duty": true })).await.expect(200);
    assert_eq!(again, begun, "a repetition begins no other duty");

    let path = "/drivers/d1";
    let changed = ops.patch(path, &json!({ "capacity": 2, "vehicle": { "kind": "foot" } })).await;
    assert_eq!(changed.header("etag"), "\"3\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["capacity"], &changed["name"]), (&json!(2), &json!("Dan Smith")));
    assert_eq!(changed["vehicle"], json!({ "kind": "foot" }));
    assert_eq!(changed["photo_url"], "https://cdn.example.com/d1.jpg");
    let stale = ops.request(Method::PATCH, path).header("if-match", "\"1\"");
    let stale = ops.send(stale.json(&json!({ "capacity": 3 }))).await;
    stale.problem(412, "precondition-failed");

    delete(&ops, "d1").await.expect(204);
    ops.get(path).await.problem(404, "not-found");
    delete(&ops, "d1").await.problem(404, "not-found");
}

/// The drivers of others are not there, and a clerk changes none.
#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_managed_by_operations_and_its_merchant() {
    let app = App::start().await;
    let (ops, owner) = (app.ops().await, app.client(people::merchant("m1")).await);
    register(&ops, &json!({ "driver": "platform-1" })).await.expect(201);
    let own = register(&owner, &json!({ "driver": "own-1" })).await.expect(201);
    assert_eq!(own["merchant"], "m1");
    let foreign = json!({ "driver": "own-2", "merchant": "m2" });
    register(&owner, &foreign).await.problem(403, "forbidden");

    let clerk = app.client(people::store("m1", "s1")).await;
    clerk.get("/drivers/own-1").await.expect(200);
    for response in attempts(&clerk, "own-1").await {
        response.problem(403, "forbidden");
    }
    register(&clerk, &json!({ "driver": "own-3" })).await.problem(403, "forbidden");
    let support = app.client(people::support()).await;
    support.get("/drivers/platform-1").await.expect(200);
    for response in attempts(&support, "platform-1").await {
        response.problem(403, "forbidden");
    }

    let strangers = [
        (people::merchant("m1"), "platform-1"),
        (people::merchant("m2"), "own-1"),
        (people::store("m2", "s1"), "own-1"),
        (people::customer("m1", "c1"), "own-1"),
        (people::driver("own-2"), "own-1"),
        (people::driver("own-1"), "platform-1"),
    ];
    for (stranger, driver) in strangers {
        let client = app.client(stranger.clone()).await;
        let read = client.get(&format!("/drivers/{driver}")).await;
        assert!(read.is_problem(404, "not-found"), "{stranger} {driver}: {read:?}");
        for response in attempts(&client, driver).await {
            assert!(response.is_problem(404, "not-found"), "{stranger} {driver}: {response:?}");
        }
    }
}

async fn attempts(client: &Client, driver: &str) -> [crate::harness::Response; 3] {
    [
        client.patch(&format!("/drivers/{driver}"), &json!({ "capacity": 9 })).await,
        set_duty(client, driver, &json!({ "on_duty": true })).await,
        delete(client, driver).await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_reads_itself_and_changes_its_duty_and_vehicle() {
    let app = App::start().await;
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "d1" })).await.expect(201);
    let own = app.client(people::driver("d1")).await;
    assert_eq!(own.get("/drivers/d1").await.expect(200)["name"], "Dan Smith");
    set_duty(&own, "d1", &json!({ "on_duty": true })).await.expect(200);
    let vehicle = json!({ "vehicle": { "kind": "van", "label": "white" } });
    assert_eq!(own.patch("/drivers/d1", &vehicle).await.expect(200)["vehicle"]["kind"], "van");
    let photo = json!({ "photo_url": "https://cdn.example.com/d1.jpg" });
    for change in [json!({ "capacity": 20 }), json!({ "name": "Danny" }), photo] {
        own.patch("/drivers/d1", &change).await.problem(403, "forbidden");
    }
    let force = json!({ "on_duty": false, "force": true });
    set_duty(&own, "d1", &force).await.problem(403, "forbidden");
    delete(&own, "d1").await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_listed_by_duty_and_by_room() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (driver, capacity) in [("d1", 1), ("d2", 2)] {
        on_duty(&app, driver, capacity).await;
    }
    register(&ops, &json!({ "driver": "d3" })).await.expect(201);
    register(&ops, &json!({ "driver": "own-1", "merchant": "m1" })).await.expect(201);
    let order = app.place_order().await;
    ops.assign(&order, "d1").await.expect(200);
    let owner = app.client(people::merchant("m1")).await;
    for (client, query, expected) in [
        (&ops, "", vec!["d1", "d2", "d3"]),
        (&ops, "?on_duty=true", vec!["d1", "d2"]),
        (&ops, "?available=true", vec!["d2"]),
        (&ops, "?merchant=m1", vec!["own-1"]),
        (&owner, "", vec!["own-1"]),
        (&owner, "?on_duty=true", vec![]),
    ] {
        let listed = client.get(&format!("/drivers{query}")).await.expect(200);
        let drivers = listed["drivers"].as_array().unwrap().iter();
        let ids: Vec<_> = drivers.map(|it| it["driver"].as_str().unwrap()).collect();
        assert_eq!((ids, &listed["next"]), (expected, &Value::Null), "{query}");
    }
    owner.get("/drivers?merchant=m2").await.problem(404, "not-found");
    app.client(people::driver("d1")).await.get("/drivers").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_driver_names_its_fields() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (body, pointer) in [
        (json!({ "name": "Dan" }), "/driver"),
        (json!({ "driver": "d 1", "name": "Dan" }), "/driver"),
        (json!({ "driver": "d1" }), "/name"),
        (json!({ "driver": "d1", "name": "Dan", "capacity": 0 }), "/capacity"),
        (json!({ "driver": "d1", "name": "Dan", "capacity": 21 }), "/capacity"),
        (json!({ "driver": "d1", "name": "Dan", "vehicle": {} }), "/vehicle/kind"),
        (
            json!({ "driver": "d1", "name": "Dan", "vehicle": { "kind": "sledge" } }),
            "/vehicle/kind",
        ),
        (json!({ "driver": "d1", "name": "Dan", "phone": "12" }), "/phone"),
        (json!({ "driver": "d1", "name": "Dan", "photo_url": "http://e/1.jpg" }), "/photo_url"),
        (json!({ "driver": "d1", "name": "Dan", "orders": [] }), "/orders"),
    ] {
        let problem = ops.post("/drivers", &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    register(&ops, &json!({ "driver": "d1" })).await.expect(201);
    for (body, pointer) in [(json!({}), "/on_duty"), (json!({ "on_duty": "yes" }), "/on_duty")] {
        let problem = set_duty(&ops, "d1", &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    for query in ["?on_duty=false", "?available=1", "?merchant=a+b"] {
        ops.get(&format!("/drivers{query}")).await.problem(422, "invalid-fields");
    }
}

/// Pages of a long list cover it.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_fleet_is_listed_in_pages() {
    let app = App::start().await;
    let ops = app.ops().await;
    let ids: Vec<_> = (0..105).map(|n| format!("d{n:03}")).collect();
    for id in &ids {
        on_duty(&app, id, 1).await;
    }
    for query in ["", "on_duty=true&"] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ops.get(&format!("/drivers?{query}{cursor}")).await.expect(200);
            let drivers = page["drivers"].as_array().unwrap().iter();
            found.extend(drivers.map(|it| it["driver"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("cursor={next}");
        }
        assert_eq!(found, ids, "{query}");
    }
}
