//! Orders of several merchants, workflows and days, in every status, each as the API last
//! returned it.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::chance::Chance;
use crate::harness::{App, Change, Client, Response, Stopped, grocery, id_of, order, substitution};

/// Two of these begin alike; the last one has no orders, and so it is in the lists below.
pub(super) const MERCHANTS: [&str; 4] = ["m1", "m2", "m10", "m9"];
/// Each merchant has the same names.
pub(super) const STORES: [&str; 4] = ["s1", "s2", "s10", "s9"];
/// Each merchant has the same names.
pub(super) const CUSTOMERS: [&str; 4] = ["c1", "c2", "c10", "c9"];
pub(super) const DRIVERS: [&str; 4] = ["d1", "d2", "d10", "d9"];
/// Each merchant has the same names.
pub(super) const EXTERNAL_IDS: [&str; 4] = ["e0", "e1", "e2", "e999999"];

/// The number of orders that are created at one time; up to twice as many are changed.
const AT_ONCE: usize = 24;

/// The operations that may come next, by the order's status; a name that is given twice is drawn
/// more often. An issue is opened, or the open one is resolved.
const STEPS: [(&str, &[&str]); 19] = [
    ("created", &["assign", "assign", "pickup", "cancelled", "failed", "issues"]),
    ("driver_assigned", &["assign", "unassign", "pickup", "pickup", "cancelled"]),
    ("picked_up", &["in_transit", "in_transit", "delivery-failed", "return"]),
    ("driver_pickup_complete", &["in_transit"]),
    ("in_transit", &["deliver", "deliver", "delivery-failed", "return", "failed"]),
    ("delivery_failed", &["retry", "return", "cancelled"]),
    ("returning", &["returned", "returned", "failed"]),
    ("store_notified", &["acknowledge", "acknowledge", "acknowledge", "reject", "cancelled"]),
    ("store_rejected", &["reassign", "cancelled"]),
    ("store_acknowledged", &["start-picking"]),
    ("picking_in_progress", &["ready", "ready", "substitutions"]),
    ("substitutions_needed", &["substitutions/{substitution}/approve"]),
    ("substitutions_approved", &["ready"]),
    ("ready_for_pickup", &["assign"]),
    ("pending", &["processing", "processing", "cancelled"]),
    ("processing", &["pickup", "pickup", "cancelled"]),
    ("shipped", &["deliver", "delivery-failed", "return"]),
    ("delivered", &["issues"]),
    ("cancelled", &["issues"]),
];

/// The orders of a test, and its clock.
pub(super) struct World {
    pub(super) time: Stopped,
    pub(super) orders: Vec<Value>,
}

impl World {
    pub(super) fn new() -> Self {
        Self { time: Stopped::now(), orders: Vec::new() }
    }

    /// Creates orders until there are at least `count`, while time passes and other orders
    /// change.
    pub(super) async fn grow(&mut self, app: &App, chance: &mut Chance, count: usize) {
        while self.orders.len() < count {
            let while_away = self.a_while(chance);
            self.time.forward(while_away);
            let ops = app.ops().await;
            let known = self.orders.len();
            let bodies: Vec<_> = (known..known + AT_ONCE).map(|n| body(chance, n)).collect();
            let steps = self.steps(chance);
            let (created, moved) = futures_util::join!(
                join_all(bodies.iter().map(|body| ops.create(body))),
                join_all(steps.iter().map(|(at, step)| step.take(&ops, &self.orders[*at]))),
            );
            for ((at, _), response) in steps.iter().zip(moved) {
                self.orders[*at] = response.expect(200);
            }
            self.orders.extend(created.iter().map(|response| response.expect(201)));
        }
    }

    /// Draws seconds: none, few, hours, or until the next day begins or nearly.
    fn a_while(&self, chance: &mut Chance) -> i64 {
        let day = 24 * 60 * 60;
        let until_midnight = day - self.time.clock().now().epoch_seconds().rem_euclid(day);
        chance.pick(&[0, 1, 40, 2 * 60 * 60, 7 * 60 * 60, until_midnight - 1, until_midnight])
    }

    /// Draws steps for some of the open orders.
    fn steps(&self, chance: &mut Chance) -> Vec<(usize, Step)> {
        let drawn: std::collections::BTreeSet<_> = match self.orders.len() {
            0 => return Vec::new(),
            known => (0..2 * AT_ONCE).map(|_| chance.below(known)).collect(),
        };
        let step = |at: usize| Some((at, Step::random(chance, &self.orders[at])?));
        drawn.into_iter().filter_map(step).collect()
    }
}

fn body(chance: &mut Chance, number: usize) -> Value {
    let merchant = chance.pick(&["m1", "m1", "m1", "m1", "m2", "m10"]);
    let (store, reference) = (chance.pick(&STORES[..3]), chance.pick(&CUSTOMERS[..3]));
    let mut body = order(merchant, reference);
    match chance.below(5) {
        0 | 1 => body = grocery(merchant, store, reference),
        2 => body["workflow"] = json!("parcel"),
        3 => body["store"] = json!(store),
        _ => {}
    }
    if chance.percent(20) {
        body["customer"].as_object_mut().expect("an object").remove("reference");
    }
    // The first three orders always have an external id, because queries ask for e0, e1 and e2.
    if chance.percent(50) || number < 3 {
        body["external_id"] = json!(format!("e{number}"));
    }
    body
}

/// A change of one order.
struct Step(Change);

impl Step {
    /// Draws a step, or `None` if none comes next.
    fn random(chance: &mut Chance, order: &Value) -> Option<Self> {
        let (_, steps) = STEPS.iter().find(|(status, _)| order["status"] == *status)?;
        let name = chance.pick(steps);
        let mut another = |names: &[&str], than: &Value| {
            let others: Vec<_> = names[..3].iter().filter(|name| *than != **name).collect();
            chance.pick(&others).to_string()
        };
        Some(Self(match name {
            "assign" => {
                let driver = another(&DRIVERS, &order["driver"]);
                Change {
                    body: json!({ "driver": driver, "replace": true }),
                    ..Change::operation(name)
                }
            }
            "reassign" => {
                let store = another(&STORES, &order["store"]);
                Change { body: json!({ "store": store }), ..Change::operation(name) }
            }
            "issues" => match order["issues"][0]["id"].as_u64() {
                Some(issue) => Change::resolve_issue().of_subresource(issue),
                None => Change::open_issue(),
            },
            "substitutions" => Change { body: substitution(1, 0), ..Change::operation(name) },
            "cancelled" | "failed" | "in_transit" | "processing" => Change::status(name),
            operation => Change::operation(operation),
        }))
    }

    async fn take(&self, ops: &Client, order: &Value) -> Response {
        self.0.ask(ops, &id_of(order)).await
    }
}
