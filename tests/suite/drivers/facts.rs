//! The facts of a trip that a driver's positions tell: arrivals, estimates and gaps.

use clock::Timestamp;
use emulator::meter::Units;
use emulator::transport::Call;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{delete, hold, on_duty};
use crate::harness::{App, Client, Stopped, id_of, is_embedded, order, people, stored};
use crate::permissions::lose_a_response;

/// The distance of the drop-off from the pickup, in metres.
const DROPOFF_M: f64 = 3_000.0;

/// An app on a stopped clock, and an order that the driver `d1`, by bicycle, has.
struct Scene {
    time: Stopped,
    app: App,
    own: Client,
    id: String,
}

/// Returns the body of an order whose drop-off is north of the pickup.
fn located() -> Value {
    let place = |metres| json!({ "text": "1 Mill Lane", "location": { "lat": north(metres), "lng": -0.1 } });
    let mut body = order("m1", "c1");
    body["addresses"] = json!({ "pickup": place(0.0), "dropoff": place(DROPOFF_M) });
    body
}

fn north(metres: f64) -> f64 {
    51.5 + metres / 111_195.0
}

impl Scene {
    async fn start() -> Self {
        let time = Stopped::at("2026-11-21T12:00:00Z");
        let app = App::start_at(&time).await;
        on_duty(&app, "d1", 5).await;
        on_duty(&app, "d2", 5).await;
        let own = app.client(people::driver("d1")).await;
        let id = id_of(&app.ops().await.create(&located()).await.expect(201));
        app.ops().await.assign(&id, "d1").await.expect(200);
        Self { time, app, own, id }
    }

    /// Has the driver pick the order up a minute later.
    async fn pick_up(&self) {
        self.time.forward(60);
        self.own.operate(&self.id, "pickup", &json!({})).await.expect(200);
    }

    fn now(&self) -> Timestamp {
        self.time.clock().now()
    }

    /// A fix so many seconds ago, so many metres north of the pickup.
    fn fix(&self, seconds_ago: i64, metres: f64) -> Value {
        let at = self.now().plus_seconds(-seconds_ago);
        json!({ "at": at, "lat": north(metres), "lng": -0.1, "accuracy": 10 })
    }

    async fn send(&self, fixes: &[Value]) {
        let body = json!({ "fixes": fixes });
        self.own.post("/drivers/d1/positions", &body).await.expect(200);
    }

    /// Sends a fix so many seconds later.
    async fn goes_on(&self, seconds: i64, metres: f64) {
        self.time.forward(seconds);
        self.send(&[self.fix(0, metres)]).await;
    }

    /// Returns the types and the data of the facts in the order's history, as `client` sees them.
    async fn facts_for(&self, client: &Client) -> Vec<(String, Value)> {
        let types = ["arrived", "approaching", "eta_changed", "gps_gap", "gps_back"];
        let history = client.history(&self.id).await.expect(200);
        let events = history["events"].as_array().expect("events").iter();
        let facts = events.filter(|it| types.iter().any(|name| it["type"] == *name));
        let facts = facts.map(|event| {
            assert_eq!(event["actor"]["role"], "system");
            (event["type"].as_str().expect("a type").to_owned(), event["data"].clone())
        });
        facts.collect()
    }

    async fn facts(&self) -> Vec<(String, Value)> {
        self.facts_for(&self.app.ops().await).await
    }

    async fn names(&self) -> Vec<String> {
        self.facts().await.into_iter().map(|(name, _)| name).collect()
    }

    /// Returns the units that the function `drivers` has consumed since the last call.
    fn units(&self) -> Units {
        self.app.runner.meter().take().units_of("drivers")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trip_is_told_by_uploads() {
    let scene = Scene::start().await;
    let (ops, customer) =
        (scene.app.ops().await, scene.app.client(people::customer("m1", "c1")).await);
    scene.goes_on(10, -1_000.0).await;
    scene.goes_on(310, -40.0).await;
    scene.goes_on(15, -10.0).await;
    scene.pick_up().await;
    scene.goes_on(15, 20.0).await;
    let order = customer.order(&scene.id).await.expect(200);
    let arrives_at = order["eta"]["arrives_at"].as_str().expect("an estimate").to_owned();
    scene.goes_on(730, 2_300.0).await;
    scene.goes_on(200, DROPOFF_M).await;
    scene.goes_on(15, DROPOFF_M).await;
    scene.own.operate(&scene.id, "depart", &json!({})).await.expect(200);
    scene.own.operate(&scene.id, "deliver", &json!({})).await.expect(200);
    let facts = scene.facts().await;
    let names: Vec<_> = facts.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["eta_changed", "arrived", "eta_changed", "approaching", "arrived"];
    assert_eq!(names, expected, "{facts:?}");
    let basis = json!({ "distance_m": 4_000, "detour": 1.35, "speed_mps": 4.2 });
    assert_eq!(facts[0].1["basis"], basis);
    let arrived = json!({
        "stop": "pickup",
        "measured_at": "2026-11-21T12:05:35.000Z",
        "distance_m": 10,
        "accuracy_m": 10,
    });
    assert_eq!(facts[1].1, arrived);
    assert_eq!(facts[2].1["arrives_at"], arrives_at.as_str());
    assert_eq!(facts[4].1["stop"], "dropoff");

    // Its customer hears of everything but the driver and what was measured.
    let theirs = scene.facts_for(&customer).await;
    let arrived = json!({ "stop": "pickup", "measured_at": "2026-11-21T12:05:35.000Z" });
    assert_eq!(theirs[1].1, arrived);
    assert_eq!(theirs[2].1, json!({ "arrives_at": arrives_at }));
    assert_eq!(theirs.len(), facts.len());
    let order = ops.order(&scene.id).await.expect(200);
    assert_eq!((&order["status"], order.get("eta")), (&json!("delivered"), None));
    stored::checked(&scene.app, &scene.id).await;
}

/// Fixes that come late, twice, and with several uploads at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_arrives_once() {
    let scene = Scene::start().await;
    scene.goes_on(60, -1_000.0).await;
    scene.goes_on(60, 900.0).await;
    assert_eq!(scene.names().await, ["eta_changed"]);
    // The device was at the pickup in between, and says so late.
    let late: Vec<_> = (20..40).map(|ago| scene.fix(ago, 10.0)).collect();
    join_all(late.chunks(4).map(|fixes| scene.send(fixes))).await;
    assert_eq!(scene.names().await, ["eta_changed", "arrived"]);
    scene.send(&late).await;
    scene.goes_on(10, 0.0).await;
    scene.goes_on(10, 0.0).await;
    assert_eq!(scene.names().await, ["eta_changed", "arrived"]);

    scene.pick_up().await;
    scene.time.forward(60);
    let fixes: Vec<_> = (0..40).map(|ago| scene.fix(ago, DROPOFF_M)).collect();
    join_all(fixes.chunks(5).map(|fixes| scene.send(fixes))).await;
    scene.send(&fixes).await;
    let names = scene.names().await;
    let arrivals = names.iter().filter(|name| *name == "arrived").count();
    assert_eq!(arrivals, 2, "{names:?}");
    stored::checked(&scene.app, &scene.id).await;
}

/// True if an upload commits facts.
fn is_commit(call: &Call) -> bool {
    let is_of_order = call.request.to_string().contains("order-history")
        || call.request.to_string().contains("OrderHistory");
    call.function == "drivers" && call.operation() == "TransactWriteItems" && is_of_order
}

/// Decides on facts, while something else happens to the order before the commit.
async fn meanwhile(scene: &Scene, metres: f64, event: impl Future<Output = ()>) {
    let held = hold(&scene.app, is_commit);
    let fixes = [scene.fix(5, metres), scene.fix(0, metres)];
    let upload = scene.send(&fixes);
    let event = async {
        held.reached.notified().await;
        scene.app.faults.clear();
        event.await;
        drop(held.open);
    };
    join(upload, event).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_reassigned_meanwhile_has_no_facts_of_the_former_driver() {
    let scene = Scene::start().await;
    let ops = scene.app.ops().await;
    scene.time.forward(60);
    meanwhile(&scene, 0.0, async {
        drop(ops.replace_driver(&scene.id, "d2").await.expect(200));
    })
    .await;
    assert_eq!(scene.names().await, [""; 0]);
    stored::checked(&scene.app, &scene.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_delivered_meanwhile_has_no_facts() {
    let scene = Scene::start().await;
    scene.pick_up().await;
    scene.time.forward(60);
    meanwhile(&scene, DROPOFF_M, async {
        scene.own.operate(&scene.id, "depart", &json!({})).await.expect(200);
        scene.own.operate(&scene.id, "deliver", &json!({})).await.expect(200);
    })
    .await;
    assert_eq!(scene.names().await, [""; 0]);
    stored::checked(&scene.app, &scene.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_told_once_and_ends_once() {
    let scene = Scene::start().await;
    scene.goes_on(10, 10.0).await;
    scene.pick_up().await;
    scene.goes_on(10, 20.0).await;
    let gone = scene.now();
    let told = async || {
        let facts = scene.facts().await.into_iter();
        facts.filter(|(name, _)| name.starts_with("gps")).collect::<Vec<_>>()
    };
    scene.time.forward(180);
    scene.app.sweep().await;
    assert_eq!(told().await, []);
    let known = json!({ "at": gone, "lat": north(20.0), "lng": -0.1 });
    let outage = json!({ "fixes": [known], "outage": "low_battery" });
    scene.own.post("/drivers/d1/positions", &outage).await.expect(200);
    scene.time.forward(1);
    for _ in 0..2 {
        scene.app.sweep().await;
        let gap = json!({ "since": gone, "reason": "low_battery" });
        assert_eq!(told().await, [("gps_gap".to_owned(), gap)]);
    }
    let ops = scene.app.ops().await;
    assert_eq!(ops.get("/orders?delayed=true").await.expect(200)["orders"], json!([]));
    scene.goes_on(30, 30.0).await;
    scene.goes_on(30, 40.0).await;
    let back = ("gps_back".to_owned(), json!({ "since": gone }));
    assert_eq!(told().await[1..], [back]);
    scene.time.forward(400);
    scene.app.sweep().await;
    assert_eq!(told().await.len(), 3);
    stored::checked(&scene.app, &scene.id).await;
}

/// An order to be picked up, an order without positions, and an order that is delivered.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_missed_who_is_not_on_the_way_with_positions() {
    let scene = Scene::start().await;
    scene.goes_on(10, 10.0).await;
    scene.time.forward(1_000);
    scene.app.sweep().await;
    assert_eq!(scene.names().await, ["eta_changed"]);
    let ops = scene.app.ops().await;
    for driver in ["d2", "unregistered"] {
        let id = id_of(&ops.create(&located()).await.expect(201));
        ops.assign(&id, driver).await.expect(200);
        ops.operate(&id, "pickup", &json!({})).await.expect(200);
        scene.time.forward(1_000);
        scene.app.sweep().await;
        assert_eq!(stored::checked(&scene.app, &id).await, 3, "{driver}");
    }
}

/// Has a driver arrive, with uploads over HTTP and over a connection whose answers are lost, and then be
/// missed.
pub async fn use_every_permission(app: &App, time: &Stopped) {
    let ops = app.ops().await;
    on_duty(app, "roster-4", 5).await;
    let own = app.client(people::driver("roster-4")).await;
    let mut live = app.live(&own).await;
    let fix = |seconds_ago: i64| {
        let at = time.clock().now().plus_seconds(-seconds_ago);
        json!({ "at": at, "lat": north(0.0), "lng": -0.1 })
    };
    let path = "/drivers/roster-4/positions";
    own.post(path, &json!({ "fixes": [fix(0)] })).await.expect(200);
    for function in ["drivers", "live-message"] {
        let id = id_of(&ops.create(&located()).await.expect(201));
        ops.assign(&id, "roster-4").await.expect(200);
        time.forward(60);
        let fixes = json!([fix(5), fix(0)]);
        let arrive = async {
            if function == "drivers" {
                own.post(path, &json!({ "fixes": fixes })).await.expect(200);
            } else {
                live.say(&json!({ "action": "positions", "fixes": fixes })).await;
            }
        };
        lose_a_response(app, &id, function, arrive, "d20").await;
    }
    let id = id_of(&ops.create(&located()).await.expect(201));
    ops.assign(&id, "roster-4").await.expect(200);
    ops.operate(&id, "pickup", &json!({})).await.expect(200);
    time.forward(1);
    own.post(path, &json!({ "fixes": [fix(0)] })).await.expect(200);
    time.forward(200);
    app.sweep().await;
    assert_eq!(ops.history(&id).await.expect(200)["events"][4]["type"], "gps_gap");
    for status in ["returning", "returned"] {
        ops.move_to(&id, status).await.expect(200);
    }
    delete(&ops, "roster-4").await.expect(204);
}

/// Runs on the embedded database only, which counts units as `DynamoDB` does.
#[tokio::test(flavor = "multi_thread")]
async fn a_fact_costs_four_units_and_uploads_without_one_read_no_order() {
    if !is_embedded() {
        return;
    }
    let scene = Scene::start().await;
    scene.send(&[scene.fix(0, -20_000.0)]).await;
    scene.units();
    // The driver comes as expected, within one cell: at 4.2 m/s over a way that is 1.35 as long.
    scene.goes_on(60, -20_000.0 + 187.0).await;
    let on = scene.units();
    assert_eq!((on.writes, on.reads), (1.0, 2.5));
    // The driver stands: the head is read.
    scene.goes_on(60, -20_000.0 + 187.0).await;
    let stands = scene.units();
    assert_eq!((stands.writes, stands.reads), (1.0, 3.5));
    scene.pick_up().await;
    scene.goes_on(60, -20_000.0 + 187.0).await;
    assert_eq!(scene.names().await, ["eta_changed", "eta_changed"]);
    assert!((scene.units().writes - 5.0).abs() < 0.1);
}

/// Runs on the embedded database only, as the test above.
#[tokio::test(flavor = "multi_thread")]
async fn a_usual_trip_has_six_facts_of_24_units() {
    if !is_embedded() {
        return;
    }
    let scene = Scene::start().await;
    scene.units();
    scene.goes_on(60, -1_000.0).await;
    scene.goes_on(60, -10.0).await;
    scene.goes_on(60, 0.0).await;
    let way = scene.app.runner.meter().take();
    scene.pick_up().await;
    scene.units();
    scene.goes_on(60, 10.0).await;
    scene.goes_on(400, 15.0).await;
    scene.goes_on(700, 2_500.0).await;
    scene.goes_on(200, DROPOFF_M).await;
    scene.goes_on(60, DROPOFF_M).await;
    let usages = [way, scene.app.runner.meter().take()];
    let names = scene.names().await;
    let expected =
        ["eta_changed", "arrived", "eta_changed", "eta_changed", "approaching", "arrived"];
    assert_eq!(names, expected);
    let tables = ["OrdersTable", "OrderHistoryTable"].map(|name| scene.app.runner.table(name));
    let writes = usages.iter().flat_map(|usage| &usage.capacity);
    let writes = writes.filter(|(it, _)| tables.contains(&it.table.as_str()));
    let writes: f64 = writes
        .filter(|(it, _)| it.request.function == "drivers")
        .map(|(_, units)| units.writes)
        .sum();
    assert!((writes - 24.0).abs() < 0.1, "{writes}");
}
