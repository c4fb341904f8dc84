//! Guarantee 9: every call that a function makes is allowed by its policy, and
//! every permission that it has is used.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clock::Clock;
use domain::{
    Context, DriverId, Known, Needs, Order, OrderId, Party, Principal, PrincipalId, Step, decide,
};
use emulator::transport::{Call, Fault};
use futures_util::FutureExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    App, Change, Live, Stopped, eventually, grocery, id_of, order, people, stored,
};
use crate::{drivers, stores, webhooks};

/// Makes the functions use every permission. An unused permission is one that no function needs,
/// or one whose use is missing here.
async fn use_everything(app: &App, time: &Stopped) {
    let id = create(app).await;
    change(app, &id).await;
    correct(app, &id).await;
    erase(app).await;
    hand_over(app).await;
    set(app).await;
    query(app, &id).await;
    listen(app, &id).await;
    relay_to_the_gone(app).await;
    relay_what_is_throttled(app).await;
    relay_what_does_not_read(app, &id).await;
    sweep(app, time).await;
    call_off(app, time).await;
    lose_connections(app, time).await;
    outlive_the_token(app, time).await;
    stores::use_every_permission(app).await;
    drivers::use_every_permission(app, time).await;
    webhooks::use_every_permission(app, time).await;
}

/// Creates an order, and repeats the request after the order has changed.
async fn create(app: &App) -> String {
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["external_id"] = json!("shop-1");
    let create = async || ops.keyed(Method::POST, "/orders", "create", &body).await;
    let id = create().await.expect(201)["id"].as_str().expect("an id").to_owned();
    ops.operate(&id, "dispatch", &json!({ "drivers": ["d0"] })).await.expect(200);
    ops.assign(&id, "d0").await.expect(200);
    create().await.expect(201);
    id
}

/// Makes more keyed changes than a head remembers, repeats the first one, and makes one whose
/// response is lost.
async fn change(app: &App, id: &str) {
    let ops = app.ops().await;
    let assign = async |n: u32| {
        let (path, key) = (format!("/orders/{id}/assign"), format!("k{n}"));
        let body = json!({ "driver": format!("d{n}"), "replace": true });
        ops.keyed(Method::POST, &path, &key, &body).await.expect(200)
    };
    for n in 1..=9 {
        assign(n).await;
    }
    assign(1).await;
    let change = async { drop(ops.replace_driver(id, "d10").await.expect(200)) };
    lose_a_response(app, id, "transition-order", change, "d11").await;
}

/// Makes a correction, repeats it, and makes one whose response is lost.
async fn correct(app: &App, id: &str) {
    let ops = app.ops().await;
    let (path, body) = (format!("/orders/{id}"), json!({ "addresses": { "dropoff": "here" } }));
    for _ in 0..2 {
        ops.keyed(Method::PATCH, &path, "correct", &body).await.expect(200);
    }
    let change = async { drop(ops.patch(&path, &body).await.expect(200)) };
    lose_a_response(app, id, "order-details", change, "d12").await;
    let groceries = id_of(&ops.create(&grocery("m1", "s1", "c1")).await.expect(201));
    let fewer = json!({ "items": [{ "line": 1, "quantity": 1 }] });
    ops.patch(&format!("/orders/{groceries}"), &fewer).await.expect(200);
}

async fn erase(app: &App) {
    let ops = app.ops().await;
    let id = app.place_order().await;
    ops.move_to(&id, "cancelled").await.expect(200);
    Change::erase_details().ask(&ops, &id).await.expect(200);
}

async fn hand_over(app: &App) {
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["handover_code"] = json!("4711");
    let id = id_of(&ops.create(&body).await.expect(201));
    for status in ["picked_up", "in_transit"] {
        ops.move_to(&id, status).await.expect(200);
    }
    let proof = json!({ "proof": { "code": "4711" } });
    ops.operate(&id, "deliver", &proof).await.expect(200);
}

/// Creates an order, and repeats the request after the merchant has changed a setting that would
/// now refuse it.
async fn set(app: &App) {
    let ops = app.ops().await;
    let (path, body) = ("/merchants/m3/settings", order("m3", "c1"));
    let create = async || ops.keyed(Method::POST, "/orders", "set", &body).await;
    create().await.expect(201);
    let request = ops.request(Method::PUT, path).json(&json!({ "default_workflow": "grocery" }));
    ops.send(request).await.expect(200);
    ops.get(path).await.expect(200);
    create().await.expect(201);
}

/// Makes a change by `function` whose commit loses its response. The function cannot read the
/// order until another change has followed, which assigns it to `driver`.
pub async fn lose_a_response(
    app: &App,
    id: &str,
    function: &'static str,
    change: impl Future<Output = ()>,
    driver: &str,
) {
    let before = stored::checked(app, id).await;
    let (lost, gone_on) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (is_lost, may_read) = (Arc::clone(&lost), Arc::clone(&gone_on));
    app.faults.inject(move |call: &Call| match call.operation() {
        _ if call.function != function => None,
        "TransactWriteItems" if !lost.swap(true, Ordering::SeqCst) => Some(Fault::LoseResponse),
        "GetItem" if lost.load(Ordering::SeqCst) && !gone_on.load(Ordering::SeqCst) => {
            Some(Fault::Unreachable)
        }
        _ => None,
    });
    let others = async {
        eventually("the change is made", async || is_lost.load(Ordering::SeqCst)).await;
        Box::pin(go_on(app, id, before, driver)).await;
        may_read.store(true, Ordering::SeqCst);
    };
    futures_util::join!(change, others);
    app.faults.clear();
}

/// Assigns the order to another driver, directly in the tables, once its version is above
/// `before`.
async fn go_on(app: &App, id: &str, before: u64, driver: &str) {
    let store = stored::db(app);
    let id = OrderId::parse(id).expect("an id");
    let principal = Principal { id: PrincipalId::parse("olga").expect("an id"), party: Party::Ops };
    let context = Context::new(Clock::system().now(), &principal);
    eventually("the change is written", async || {
        let head = store.head(id).await.expect("an answer").expect("a head");
        head.order.version.0 > before
    })
    .await;
    let head = store.head(id).await.expect("an answer").expect("a head");
    let driver = DriverId::parse(driver).expect("an id");
    let assign = || Step::Assign { driver: driver.clone(), replace: true };
    let decide = |order: &Order, _: &Known| decide(order, assign().into(), &context);
    let gone_on = store.change(head, None, |_| Needs::default(), decide).await;
    gone_on.expect("a commit");
}

async fn query(app: &App, id: &str) {
    app.anonymous().get("/health").await.expect(200);
    let everybody = [
        people::ops(),
        people::merchant("m1"),
        people::store("m1", "s1"),
        people::customer("m1", "c1"),
        people::driver("d12"),
    ];
    for person in everybody {
        app.client(person).await.get("/orders").await.expect(200);
    }
    let ops = app.ops().await;
    Change::open_issue().ask(&ops, id).await.expect(200);
    for query in [
        "issues=open",
        "state=all&merchant=m1",
        "state=all&merchant=m1&customer=c1",
        "state=closed&status=cancelled",
        &format!("state=all&from={}", Clock::system().now().plus_seconds(-24 * 60 * 60).day()),
        "merchant=m1&closed_from=2020-01-01",
        "merchant=m1&external_id=shop-1",
    ] {
        let list = ops.get(&format!("/orders?{query}")).await.expect(200);
        assert_ne!(list["orders"], json!([]), "{query}");
    }
    ops.order(id).await.expect(200);
    ops.history(id).await.expect(200);
    ops.get(&format!("/orders/{id}/timeline")).await.expect(200);
    ops.get("/reports/service-levels?merchant=m1").await.expect(200);
}

/// Connects with a ticket, subscribes to an order, resumes it, unsubscribes and closes; then
/// requests snapshots of topics and fetches an order.
async fn listen(app: &App, id: &str) {
    let driver = app.client(people::driver("d12")).await;
    let ticket = driver.post("/live/tickets", &Value::Null).await.expect(201);
    let ticket = ticket["ticket"].as_str().expect("a ticket");
    let url = format!("{}?ticket={ticket}", app.runner.live_url());
    let mut live = Live::connect(&url, None).await.expect("a connection");
    let topic = format!("order:{id}");
    live.subscribe(&topic).await;
    live.say(&json!({ "action": "subscribe", "topic": topic, "after": 3 })).await;
    live.until_pong().await;
    live.ask("unsubscribe", &topic).await;
    live.close().await;
    let mut live = app.live(&app.ops().await).await;
    for topic in ["orders", "merchant:m1", "store:m1:s1", "customer:m1:c1", "driver:d12"] {
        assert_eq!(live.ask("snapshot", topic).await["type"], "snapshot");
    }
    let fetch = json!({ "action": "fetch", "topic": "orders", "orders": [id] });
    assert_eq!(live.say(&fetch).await["type"], "fetched");
    live.close().await;
    eventually("goodbye is heard", async || {
        let rows = stored::items(app, "SubscriptionsTable").await;
        rows.iter().all(|row| stored::text(row, "topic").starts_with("principal#"))
    })
    .await;
}

async fn relay_to_the_gone(app: &App) {
    let mut live = app.live(&app.ops().await).await;
    live.subscribe("orders").await;
    stored::leave_a_ghost(app, true).await;
    app.place_order().await;
    live.events(1).await;
    eventually("the ghost is gone", async || stored::ghosts(app).await == 0).await;
    live.close().await;
}

/// Lets API Gateway throttle the first post of a change.
async fn relay_what_is_throttled(app: &App) {
    let mut live = app.live(&app.ops().await).await;
    live.subscribe("orders").await;
    let is_first = AtomicBool::new(true);
    app.faults.inject(move |call: &Call| {
        let is_throttled =
            call.operation() == "PostToConnection" && is_first.swap(false, Ordering::Relaxed);
        is_throttled.then(Fault::limit_exceeded)
    });
    app.place_order().await;
    live.events(1).await;
    app.faults.clear();
    live.close().await;
}

/// Sends the relay a record that cannot be parsed, and a replay of an order's history.
async fn relay_what_does_not_read(app: &App, id: &str) {
    let missed = json!({ "replay": [{ "order_id": id }] });
    for event in [json!({ "Records": [{}] }), missed] {
        let response = app.runner.invoke("relay", &event).await.expect("an answer");
        assert_eq!(response["batchItemFailures"], json!([]));
    }
}

/// Raises an alert, lists the delayed orders, and raises another alert whose response is lost.
async fn sweep(app: &App, time: &Stopped) {
    let ops = app.ops().await;
    let limits = json!({ "limits": { "courier": { "created": 60 } } });
    let settings = ops.request(Method::PUT, "/merchants/m4/settings").json(&limits);
    ops.send(settings).await.expect(200);
    let id = id_of(&ops.create(&order("m4", "c1")).await.expect(201));
    time.forward(60);
    assert_eq!(app.sweep().await["acted"], 1);
    assert_ne!(ops.get("/orders?delayed=true").await.expect(200)["orders"], json!([]));
    time.forward(300);
    let again = async { assert_eq!(app.sweep().await["acted"], 1) };
    lose_a_response(app, &id, "sweep", again, "d13").await;
}

/// Cancels two orders with an external id: one by a request, and one that no store acknowledges,
/// after another store has rejected it.
async fn call_off(app: &App, time: &Stopped) {
    let mut body = grocery("m1", "s1", "c1");
    for external_id in ["shop-2", "shop-3"] {
        body["external_id"] = json!(external_id);
        let ops = app.ops().await;
        let id = id_of(&ops.create(&body).await.expect(201));
        if external_id == "shop-2" {
            ops.move_to(&id, "cancelled").await.expect(200);
        } else {
            let another = json!({ "reason": "full", "reassign_to": "s2" });
            ops.operate(&id, "reject", &another).await.expect(200);
        }
    }
    for minutes in [10, 5, 5] {
        time.forward(minutes * 60);
        app.sweep().await;
    }
}

/// Leaves to the sweep a connection of which only the count is left, and one that API Gateway does
/// not know.
async fn lose_connections(app: &App, time: &Stopped) {
    let driver = app.client(people::driver("d14")).await;
    let rows = async |of: &str| {
        let rows = stored::items(app, "SubscriptionsTable").await;
        rows.into_iter()
            .filter(|row| stored::text(row, "topic").starts_with(of))
            .collect::<Vec<_>>()
    };
    let others = rows("connection#").await.len();
    app.faults.inject(|call: &Call| {
        let is_lost = call.function == "live-connect" && call.operation() == "UpdateItem";
        is_lost.then_some(Fault::Unreachable)
    });
    for is_uncounted_only in [true, false] {
        app.faults.lose_disconnects(move |_| !is_uncounted_only);
        app.live(&driver).await.close().await;
        eventually("it is gone", async || {
            !is_uncounted_only || rows("connection#").await.len() == others
        })
        .await;
        time.forward(60);
        eventually("a sweep takes it out of the count", async || {
            app.sweep().await;
            rows("principal#driver#d14").await.iter().all(|row| !row.contains_key("connections"))
        })
        .await;
    }
    app.faults.clear();
}

/// Lets the token of three connections expire: the relay closes the first, `live-message` closes
/// the second, which sends a request, and the sweep closes the third.
async fn outlive_the_token(app: &App, time: &Stopped) {
    let mut brief = people::ops();
    brief["expires_in"] = json!(60);
    let brief = app.client(brief).await;
    let (mut listens, mut asks) = (app.live(&brief).await, app.live(&brief).await);
    let mut is_silent = app.live(&brief).await;
    listens.subscribe("orders").await;
    time.forward(60);
    app.place_order().await;
    asks.send(&json!({ "action": "ping" })).await;
    for live in [&mut listens, &mut asks] {
        assert_closed(live).await;
    }
    app.sweep().await;
    assert_closed(&mut is_silent).await;
}

async fn assert_closed(live: &mut Live) {
    assert_eq!(live.next().await["type"], "closing");
    live.next_or_close().await.expect_err("a close");
}

fn lines(all: &[impl ToString]) -> String {
    let lines: Vec<_> = all.iter().map(ToString::to_string).collect();
    lines.join("\n  ")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_allowed_and_every_permission_is_used() {
    let time = Stopped::now();
    let app = App::start_with(|options| {
        options.clock = time.clock();
        options.connections_per_principal = 1;
    })
    .await;
    let done = AssertUnwindSafe(Box::pin(use_everything(&app, &time))).catch_unwind().await;
    let denials = app.runner.iam().denials();
    assert!(denials.is_empty(), "template.yaml allows too little:\n  {}", lines(&denials));
    done.expect("everything is done");
    let unused = app.runner.iam().unused();
    assert!(unused.is_empty(), "template.yaml allows too much:\n  {}", lines(&unused));
}
