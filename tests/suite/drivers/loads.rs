//! Whatever happens to orders and drivers at once, each roster counts exactly the open orders that
//! its driver has.
//!
//! The steps are drawn from a seed and made in groups, all of a group at once, some of them repeated
//! under one key, while transactions conflict, answers are lost and functions crash.

use std::collections::{BTreeMap, BTreeSet};

use domain::{DriverId, OrderId};
use emulator::transport::{Call, Fault};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{on_duty, set_duty};
use crate::harness::chance::{Chance, Seed, is_whole};
use crate::harness::{App, Client, id_of, order, people, stored};

const DRIVERS: [&str; 3] = ["d1", "d2", "d3"];

/// The drivers whom an order can be assigned to; the last one is never registered.
const ASSIGNABLE: [&str; 4] = ["d1", "d2", "d3", "stranger"];

const CAPACITY: u8 = 2;
const ORDERS: usize = 6;

/// The number of calls that fail when the functions crash: more than the attempts of a request.
const CALLS_OF_A_CRASH: usize = 12;

/// The number of steps that are made at once.
const AT_ONCE: usize = 4;

/// The number of cases: with operations that insist, and without.
fn cases() -> u64 {
    if is_whole() { 24 } else { 2 }
}

/// A request, by the role that makes it.
struct Request {
    by_ops: bool,
    method: Method,
    path: String,
    body: Value,
}

/// Draws a step. Without `insist`, nothing puts an order past a driver's capacity.
fn draw(chance: &mut Chance, orders: &[String], insist: bool) -> Request {
    let (id, driver) = (chance.pick(orders), chance.pick(&DRIVERS));
    let request = |by_ops, method, path: String, body| Request { by_ops, method, path, body };
    let step = |by_ops, operation: &str, body| {
        request(by_ops, Method::POST, format!("/orders/{id}/{operation}"), body)
    };
    let reason = json!({ "reason": "a flat tyre" });
    match chance.below(100) {
        0..35 => {
            let body = json!({ "driver": chance.pick(&ASSIGNABLE), "replace": true });
            step(insist, "assign", body)
        }
        35..45 => step(false, "unassign", reason),
        45..52 => step(true, "pickup", json!({})),
        52..59 => step(true, "depart", json!({})),
        59..68 => step(true, "deliver", json!({})),
        68..72 => step(true, "cancel", reason),
        72..80 if insist => step(true, "reopen", reason),
        72..90 => {
            let body = json!({ "on_duty": chance.percent(70), "force": insist });
            request(true, Method::PUT, format!("/drivers/{driver}/duty"), body)
        }
        90..95 => request(true, Method::DELETE, format!("/drivers/{driver}"), Value::Null),
        _ => {
            let body = json!({ "driver": driver, "name": "Dan", "capacity": CAPACITY });
            request(true, Method::POST, "/drivers".to_owned(), body)
        }
    }
}

async fn send(clients: &[Client; 2], request: &Request, key: &str) {
    let client = &clients[usize::from(request.by_ops)];
    let mut sent = client.request(request.method.clone(), &request.path);
    if !request.body.is_null() {
        sent = sent.json(&request.body);
    }
    if request.path.starts_with("/orders/") {
        sent = sent.header("idempotency-key", key);
    }
    let response = client.send(sent).await;
    // 503: the database did not complete one of many attempts.
    assert!(response.status < 500 || response.status == 503, "{} {response:?}", request.path);
}

/// Compares the rosters with the heads of the orders.
async fn check(app: &App, orders: &[String], insist: bool) {
    let db = stored::db(app);
    let mut carried: BTreeMap<String, BTreeSet<OrderId>> = BTreeMap::new();
    for id in orders {
        stored::checked(app, id).await;
        let head = db.head(OrderId::parse(id).unwrap()).await.expect("an answer").expect("a head");
        if let Some(driver) = head.order.carrier() {
            carried.entry(driver.to_string()).or_default().insert(head.order.id);
        }
    }
    for driver in DRIVERS {
        let roster = db.roster(&DriverId::parse(driver).unwrap()).await.expect("an answer");
        let has = roster.map(|roster| roster.orders).unwrap_or_default();
        assert_eq!(has, carried.remove(driver).unwrap_or_default(), "{driver}");
        assert!(insist || has.len() <= usize::from(CAPACITY), "{driver} has {has:?}");
    }
    assert!(carried.is_empty(), "only registered drivers carry loads: {carried:?}");
}

async fn play(seed: u64, insist: bool) {
    let mut chance = Chance::new(seed);
    let app = App::start().await;
    let clients = [app.client(people::merchant("m1")).await, app.ops().await];
    for driver in DRIVERS {
        on_duty(&app, driver, CAPACITY).await;
    }
    let mut orders = Vec::new();
    for _ in 0..ORDERS {
        orders.push(id_of(&clients[0].create(&order("m1", "c1")).await.expect(201)));
    }
    for group in 0..30 {
        let mut faults = chance.fork();
        let out_of = chance.pick(&[6, 12, 1000]);
        let mut crashed = 0;
        let faults = std::sync::Mutex::new(move |call: &Call| {
            if crashed > 0 {
                crashed -= 1;
                return Some(Fault::Unreachable);
            }
            let writes = call.operation() == "TransactWriteItems";
            let drawn = if writes { faults.below(out_of) } else { out_of };
            match drawn {
                0 => Some(Fault::transaction_conflict(call)),
                1 => Some(Fault::LoseResponse),
                2 => {
                    // Whatever was under way ends here, before or after its commit.
                    crashed = CALLS_OF_A_CRASH;
                    Some(faults.pick(&[Fault::LoseResponse, Fault::Unreachable]))
                }
                _ => None,
            }
        });
        app.faults.inject(move |call: &Call| (faults.lock().expect("a lock"))(call));
        let requests: Vec<_> = (0..AT_ONCE).map(|_| draw(&mut chance, &orders, insist)).collect();
        let twice = requests.iter().enumerate().flat_map(|(nth, request)| {
            let again = usize::from(nth == 0);
            let key = format!("{group}-{nth}");
            (0..=again).map(move |_| (request, key.clone()))
        });
        let sent = twice.map(|(request, key)| {
            let clients = &clients;
            async move { send(clients, request, &key).await }
        });
        join_all(sent).await;
        app.faults.clear();
        check(&app, &orders, insist).await;
    }
    // Every order can be closed.
    for id in &orders {
        let fail = json!({ "reason": "the end" });
        let ended = clients[1].operate(id, "fail", &fail).await;
        assert!(ended.status == 200 || ended.status == 409, "{ended:?}");
    }
    check(&app, &orders, insist).await;
    for driver in DRIVERS {
        let off = json!({ "on_duty": false });
        let ended = set_duty(&clients[1], driver, &off).await;
        assert!(ended.status == 200 || ended.status == 404, "nothing is left: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rosters_count_the_open_orders_of_their_drivers_and_never_exceed_capacity() {
    let seed = Seed::of("LOADS_SEED");
    for case in 0..cases() {
        play(seed.value().wrapping_add(case), false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rosters_count_the_open_orders_when_operations_insist() {
    let seed = Seed::of("LOADS_SEED");
    for case in 0..cases() {
        play(seed.value().wrapping_add(case), true).await;
    }
}
