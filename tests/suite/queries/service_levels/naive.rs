//! A simple computation of a report: all stays of all orders in one vector, sorted. It shares
//! only the parsing of times with the product.

use clock::Timestamp;
use serde_json::{Value, json};

/// The default time limits in seconds, by workflow and status.
const LIMITS: [(&str, &str, i64); 17] = [
    ("grocery", "store_notified", 600),
    ("grocery", "store_rejected", 600),
    ("grocery", "store_acknowledged", 900),
    ("grocery", "picking_in_progress", 2_700),
    ("grocery", "substitutions_needed", 600),
    ("grocery", "substitutions_approved", 1_800),
    ("grocery", "ready_for_pickup", 600),
    ("grocery", "driver_assigned", 1_800),
    ("grocery", "driver_pickup_complete", 900),
    ("grocery", "in_transit", 3_600),
    ("grocery", "delivery_failed", 14_400),
    ("grocery", "returning", 86_400),
    ("parcel", "pending", 86_400),
    ("parcel", "processing", 172_800),
    ("parcel", "shipped", 604_800),
    ("parcel", "delivery_failed", 172_800),
    ("parcel", "returning", 1_209_600),
];

const CLOSED: [&str; 4] = ["delivered", "returned", "cancelled", "failed"];

/// The series E24 of IEC 60063.
const E24: [f64; 24] = [
    1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0, 3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6,
    6.2, 6.8, 7.5, 8.2, 9.1,
];

/// An order's stay in a status.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    workflow: String,
    status: String,
    seconds: i64,
    has_ended: bool,
    is_late: bool,
}

/// Returns the stays of an order with this history and these limits of its merchant.
pub(super) fn stays(history: &[Value], limits: &Value, now: Timestamp) -> Vec<Stay> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let at = |event: &Value| Timestamp::parse(&text(&event["at"])).expect("a time").epoch_seconds();
    let workflow = text(&history[0]["data"]["workflow"]);
    let comes = |event: &&Value| event["status"] != event["previous_status"];
    let arrivals: Vec<_> = history.iter().filter(comes).collect();
    let mut stays = Vec::new();
    for (n, arrival) in arrivals.iter().enumerate() {
        let (status, entered) = (text(&arrival["status"]), at(arrival));
        if CLOSED.contains(&status.as_str()) {
            continue;
        }
        let left = arrivals.get(n + 1).map(|next| at(next));
        let until = left.unwrap_or(now.epoch_seconds());
        let by_default = LIMITS.iter().find(|it| it.0 == workflow && it.1 == status);
        let limit = limits[&workflow][&status].as_i64().or(by_default.map(|it| it.2));
        // Each question restarts the customer's time limit.
        let is_question = |event: &&Value| {
            event["type"] == "substitutions_proposed" && (entered..=until).contains(&at(event))
        };
        let questions = history.iter().filter(is_question).filter(|it| it["status"] == *status);
        let from = questions.map(at).max().unwrap_or(entered);
        stays.push(Stay {
            workflow: workflow.clone(),
            status,
            seconds: until - entered,
            has_ended: left.is_some(),
            is_late: limit.filter(|limit| *limit > 0).is_some_and(|limit| until - from > limit),
        });
    }
    stays
}

/// Returns the row of a report for each status with a stay, in any order.
pub(super) fn rows(stays: &[Stay]) -> Vec<Value> {
    let place = |stay: &Stay| (stay.workflow.clone(), stay.status.clone());
    let places: std::collections::BTreeSet<_> = stays.iter().map(place).collect();
    let row = |(workflow, status): (String, String)| {
        let here = |stay: &&Stay| stay.workflow == workflow && stay.status == status;
        let here: Vec<_> = stays.iter().filter(here).collect();
        let mut ended: Vec<_> =
            here.iter().filter(|stay| stay.has_ended).map(|stay| stay.seconds).collect();
        ended.sort_unstable();
        json!({
            "workflow": workflow,
            "status": status,
            "count": ended.len(),
            "p50_seconds": percentile(&ended, 50),
            "p95_seconds": percentile(&ended, 95),
            "breaches": here.iter().filter(|stay| stay.is_late).count(),
            "standing": here.iter().filter(|stay| !stay.has_ended).count(),
        })
    };
    places.into_iter().map(row).collect()
}

/// Returns the smallest value that at least `percent` percent of the values do not exceed,
/// rounded up.
pub(super) fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let is_enough = |n: &usize| n * 100 >= sorted.len() * percent;
    let rank = (1..=sorted.len()).find(is_enough)?;
    Some(rounded_up(sorted[rank - 1]))
}

fn rounded_up(seconds: i64) -> i64 {
    if seconds < 10 {
        return seconds;
    }
    let tens = (1..12).map(|power| 10_f64.powi(power));
    let mut series = tens.flat_map(|ten| E24.map(|value| format!("{:.0}", value * ten)));
    let found = series.find_map(|it| it.parse().ok().filter(|value| *value >= seconds));
    found.expect("a value of the series")
}
