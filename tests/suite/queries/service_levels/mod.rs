//! The report of service levels equals the one that anybody can compute from an export and its
//! histories, wherever its pages end.

mod estimates;
mod naive;

use std::collections::HashMap;

use clock::Timestamp;
use domain::{Filter, MerchantId, OrderState, ServiceLevels};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use self::naive::Stay;
use super::export::{export, lines, together};
use super::model::instant;
use super::question::time;
use super::walk::page;
use super::world::{MERCHANTS, World};
use crate::harness::chance::{Chance, Seed, share};
use crate::harness::{App, Client, id_of, people, stored};

const PATH: &str = "/reports/service-levels";

/// The number of times that merchants change their limits, and the number of orders created after
/// each change.
const EPOCHS: usize = 8;
const ORDERS: usize = 24;

/// The number of reports that are requested.
const QUESTIONS: usize = 80;

/// The days after each epoch: together less than a year, and more than one page goes through.
const DAYS: [i64; 6] = [0, 1, 3, 10, 30, 40];

/// The statuses whose limits merchants set: some of their names occur in several workflows.
const STATUSES: [(&str, &[&str]); 3] = [
    ("courier", &["created", "driver_assigned", "picked_up", "in_transit", "delivery_failed"]),
    ("grocery", &["store_notified", "picking_in_progress", "ready_for_pickup", "in_transit"]),
    ("parcel", &["pending", "processing", "shipped", "returning"]),
];

/// Draws limits for some of the statuses; 0 means no limit.
fn limits(chance: &mut Chance) -> Value {
    let mut limits = json!({});
    for (workflow, statuses) in STATUSES {
        for status in statuses {
            if chance.percent(60) {
                limits[workflow][*status] = chance.pick(&[0, 60, 3_600, 7_200, 86_400]).into();
            }
        }
    }
    limits
}

/// A world, and the limits that applied when each of its orders was created.
struct Past {
    world: World,
    limits: HashMap<String, Value>,
}

impl Past {
    async fn of(app: &App, chance: &mut Chance, mut world: World) -> Self {
        let mut limits_of = HashMap::new();
        for epoch in 1..=share(3 * EPOCHS).min(EPOCHS) {
            let set = set_limits(app, chance).await;
            let known = world.orders.len();
            world.grow(app, chance, epoch * ORDERS).await;
            for order in &world.orders[known..] {
                let limits = set[order["merchant"].as_str().expect("a merchant")].clone();
                limits_of.insert(id_of(order), limits);
            }
            world.time.forward(chance.pick(&DAYS) * 24 * 60 * 60 + 17);
        }
        Self { world, limits: limits_of }
    }

    /// Returns every order's stays, by its id.
    async fn stays(&self, ops: &Client) -> HashMap<String, Vec<Stay>> {
        let now = self.world.time.clock().now();
        let stays = self.world.orders.iter().map(async |order| {
            let id = id_of(order);
            let history = ops.history(&id).await.expect(200);
            assert_eq!(history["next"], Value::Null);
            let events = history["events"].as_array().expect("events");
            let stays = naive::stays(events, &self.limits[&id], now);
            (id, stays)
        });
        join_all(stays).await.into_iter().collect()
    }
}

/// Sets new limits of the merchants and returns them; the first merchant never has any.
async fn set_limits(app: &App, chance: &mut Chance) -> HashMap<&'static str, Value> {
    let ops = app.ops().await;
    let mut set = HashMap::from([(MERCHANTS[0], json!({}))]);
    for merchant in &MERCHANTS[1..3] {
        let limits = limits(chance);
        let path = format!("/merchants/{merchant}/settings");
        let body = json!({ "limits": limits });
        ops.send(ops.request(Method::PUT, &path).json(&body)).await.expect(200);
        set.insert(merchant, limits);
    }
    set
}

/// A request for a report.
#[derive(Debug)]
struct Question {
    person: Value,
    query: String,
}

impl Question {
    fn random(chance: &mut Chance, world: &World) -> Self {
        let now = world.time.clock().now();
        let person = chance.pick(&[
            people::ops(),
            people::ops(),
            people::merchant("m1"),
            people::merchant("m2"),
            people::merchant("m9"),
            people::store("m1", "s1"),
            people::store("m2", "s2"),
        ]);
        let (mut parameters, mut start) = (Vec::new(), None);
        if person["role"] == "ops" && chance.percent(40) {
            parameters.push(format!("merchant={}", chance.pick(&MERCHANTS)));
        }
        let needs_from = person["role"] == "ops" && parameters.is_empty();
        if needs_from || chance.percent(50) {
            let year_ago = now.plus_seconds(-360 * 24 * 60 * 60);
            let drawn = time(chance, &world.orders, "created_at", now);
            let is_far = Timestamp::parse(&drawn).is_some_and(|drawn| drawn < year_ago);
            let from = if is_far || chance.percent(40) { year_ago.day() } else { drawn };
            parameters.push(format!("from={}", from.replace('+', "%2B")));
            start = Some(instant(&from));
        }
        if chance.percent(40) {
            let to = time(chance, &world.orders, "created_at", now);
            // An empty range is rejected.
            if start.is_none_or(|start| start < instant(&to)) {
                parameters.push(format!("to={}", to.replace('+', "%2B")));
            }
        }
        Self { person, query: parameters.join("&") }
    }
}

/// Returns the last page of a report, and the number of its pages.
async fn report(client: &Client, query: &str) -> (Value, usize) {
    let (mut path, mut orders) = (format!("{PATH}?{query}"), 0);
    for pages in 1..100 {
        let response = page(client, &path).await;
        let page = response.expect(200);
        let counted = page["orders"].as_u64().expect("a count");
        assert!(counted >= orders, "{query}: less was counted than before");
        orders = counted;
        let Some(next) = page["next"].as_str() else { return (page, pages) };
        assert!(next.len() <= 6_000, "{query}: a cursor of {} characters", next.len());
        let link = response.header("link").strip_prefix('<');
        let link = link.and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect("a link");
        assert!(link.ends_with(&format!("cursor={next}")), "{link}");
        link.clone_into(&mut path);
    }
    panic!("the walk goes round: {query}");
}

fn by_place(rows: &[Value]) -> HashMap<String, &Value> {
    rows.iter().map(|row| (format!("{} {}", row["workflow"], row["status"]), row)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_what_anybody_computes_from_the_export() {
    let seed = Seed::of("QUERIES_SEED");
    let (mut chance, world) = (seed.chance(), World::new());
    let app = App::start_at(&world.time).await;
    let past = Past::of(&app, &mut chance, world).await;
    let stays = past.stays(&app.ops().await).await;
    let (mut most, mut rows) = (0, 0);
    for _ in 0..QUESTIONS {
        let question = Question::random(&mut chance, &past.world);
        let client = app.client(question.person.clone()).await;
        let state_all = format!("state=all&{}", question.query);
        let orders = lines(&together(&export(&client, "ndjson", &state_all).await));
        let of_orders = orders.iter().flat_map(|order| stays[&id_of(order)].clone());
        let expected = naive::rows(&of_orders.collect::<Vec<_>>());
        let (found, pages) = report(&client, &question.query).await;
        let stages = found["stages"].as_array().expect("stages");
        assert_eq!(by_place(stages), by_place(&expected), "{question:?}");
        assert_eq!(stages.len(), expected.len(), "{question:?}");
        assert_eq!((&found["orders"], &found["unread"]), (&json!(orders.len()), &json!(0)));
        (most, rows) = (most.max(pages), rows + expected.len());
    }
    assert!(most > 2, "no report had three pages");
    assert!(rows > QUESTIONS, "{rows} rows are too few to compare");
}

/// A report does not depend on where its pages end.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_does_not_depend_on_where_its_pages_end() {
    let seed = Seed::of("QUERIES_SEED");
    let (mut chance, world) = (seed.chance(), World::new());
    let app = App::start_at(&world.time).await;
    let past = Past::of(&app, &mut chance, world).await;
    let (store, now) = (stored::db(&app), past.world.time.clock().now());
    let merchant = Some(MerchantId::parse("m1").expect("an id"));
    let filter = Filter { state: OrderState::All, merchant, ..Filter::default() };
    let walk = async |chance: &mut Chance, limits: &[usize]| {
        let (mut levels, mut position, mut orders) = (ServiceLevels::default(), None, 0);
        loop {
            let limit = chance.pick(limits);
            let found = store.timelines(&filter, position.as_ref(), limit, now).await;
            let found = found.expect("an answer");
            assert!(found.read.len() <= limit && found.unread.is_empty());
            for timeline in &found.read {
                orders += 1;
                let (workflow, estimate) =
                    (timeline.order.placed.workflow, timeline.estimate.as_ref());
                levels.add(workflow, &timeline.stages, estimate, now);
            }
            position = found.next;
            if position.is_none() {
                return (levels, orders);
            }
        }
    };
    let whole = walk(&mut chance, &[1_000]).await;
    assert!(whole.1 > 50, "{} orders are too few", whole.1);
    for limits in [&[1][..], &[2, 3, 7], &[1, 10, 50]] {
        assert_eq!(walk(&mut chance, limits).await, whole, "by {limits:?}");
    }
}
