//! Queries of the list, and the people who make them.

use clock::Timestamp;
use reqwest::Url;
use serde_json::Value;

use super::model::{STATUSES, is_seen_by};
use super::world::{CUSTOMERS, DRIVERS, EXTERNAL_IDS, MERCHANTS, STORES};
use crate::harness::chance::Chance;
use crate::harness::people;

/// A person's query: its parameters, without `limit` and `cursor`.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) person: Value,
    pub(super) parameters: Vec<(String, String)>,
}

impl Question {
    /// Parses the part of a URL after the `?`.
    pub(super) fn new(person: Value, query: &str) -> Self {
        let url = Url::parse(&format!("http://api/?{query}")).expect("a query");
        Self { person, parameters: url.query_pairs().into_owned().collect() }
    }

    /// Returns the value of a parameter that may be given once.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.parameters.iter().filter(move |(other, _)| *other == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// Returns the path and the query of one page.
    pub(super) fn page(&self, route: &str, limit: usize, cursor: Option<&str>) -> String {
        let mut url = Url::parse("http://api").expect("a URL");
        url.set_path(route);
        let limit = limit.to_string();
        let parameters =
            self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let paging = [("limit", limit.as_str())].into_iter().chain(cursor.map(|it| ("cursor", it)));
        url.query_pairs_mut().extend_pairs(parameters.chain(paging));
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }

    /// Draws a query that a person might make about these orders at that time, more often than
    /// not with one of their own orders in mind.
    pub(super) fn random(chance: &mut Chance, orders: &[Value], now: Timestamp) -> Self {
        let person = chance.pick(&everybody());
        let theirs: Vec<_> = orders.iter().filter(|order| is_seen_by(&person, order)).collect();
        let like = if theirs.is_empty() { Value::Null } else { chance.pick(&theirs).clone() };
        let mut parameters = Vec::new();
        let mut add = |name: &str, value: &str| parameters.push((name.into(), value.into()));
        if chance.percent(70) {
            add("state", chance.pick(&["open", "closed", "all", "all"]));
        }
        let others = STATUSES.map(|(status, _)| status);
        for n in 0..chance.pick(&[0, 0, 0, 0, 1, 1, 2, 4]) {
            let found = if n == 0 { &like["status"] } else { &Value::Null };
            let status = about(chance, found, &others);
            add("status", status);
            // A status may be named twice, without effect.
            if chance.percent(20) {
                add("status", status);
            }
        }
        if chance.percent(12) {
            add("phase", about(chance, &like["phase"], &STATUSES.map(|(_, phase)| phase)));
        }
        for (name, found, others, percent) in [
            ("merchant", &like["merchant"], &MERCHANTS, 40),
            ("store", &like["store"], &STORES, 12),
            ("customer", &like["customer"]["reference"], &CUSTOMERS, 12),
            ("driver", &like["driver"], &DRIVERS, 10),
            ("external_id", &like["external_id"], &EXTERNAL_IDS, 5),
        ] {
            if chance.percent(percent) {
                add(name, about(chance, found, others));
            }
        }
        for (name, of, percent) in [
            ("from", "created_at", 40),
            ("to", "created_at", 20),
            ("closed_from", "status_since", 15),
            ("closed_to", "status_since", 10),
        ] {
            if chance.percent(percent) {
                add(name, &time(chance, orders, of, now));
            }
        }
        if chance.percent(10) {
            add("issues", "open");
        }
        if chance.percent(60) {
            add("order", chance.pick(&["oldest", "newest"]));
        }
        Self { person, parameters }
    }
}

/// Returns the found value in 80 percent of the cases, if there is one, and otherwise another
/// value.
fn about<'v>(chance: &mut Chance, found: &'v Value, others: &[&'v str]) -> &'v str {
    let other = chance.pick(others);
    found.as_str().filter(|_| chance.percent(80)).unwrap_or(other)
}

/// Draws a time: exactly or nearly the time `of` an order, a day, or a time long ago.
pub(super) fn time(chance: &mut Chance, orders: &[Value], of: &str, now: Timestamp) -> String {
    let time = &orders[chance.below(orders.len())][of];
    let time = time.as_str().and_then(Timestamp::parse).expect("a time");
    match chance.below(6) {
        0 => time.to_string(),
        1 => time.plus_seconds(1).to_string(),
        2 => time.to_string().replace('Z', "+00:00"),
        3 => time.day(),
        4 => now.plus_seconds(24 * 60 * 60).day(),
        _ => {
            let days = chance.pick(&[10, 40, 364, 365, 366, 367]);
            now.plus_seconds(-days * 24 * 60 * 60).to_string()
        }
    }
}

/// Returns people who may see some of the orders, and people who may see none.
pub(super) fn everybody() -> [Value; 18] {
    [
        people::ops(),
        people::ops(),
        people::ops(),
        people::support(),
        people::support(),
        people::merchant("m1"),
        people::merchant("m1"),
        people::merchant("m2"),
        people::merchant("m10"),
        people::merchant("m9"),
        people::store("m1", "s1"),
        people::store("m2", "s1"),
        people::store("m1", "s9"),
        people::driver("d1"),
        people::driver("d2"),
        people::driver("d9"),
        people::customer("m1", "c1"),
        people::customer("m2", "c1"),
    ]
}
