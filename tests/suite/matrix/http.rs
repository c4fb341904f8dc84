//! The requests that a person can make about our order over HTTP.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::crowd::Who;
use super::ledger::Ledger;
use super::situation::Situation;
use super::tables::{OFFERED, PARTIES};
use crate::harness::{Change, Response};

/// Sends the requests, and checks the responses against the tables.
pub(super) async fn check(ledger: &Ledger, who: &Who, situation: &Situation<'_>) {
    if who.sees(situation) || situation.is_turn() {
        check_order(ledger, who, situation).await;
        check_lists(ledger, who, situation).await;
    }
    if situation.is_turn() {
        check_exports(ledger, who, situation).await;
        check_refusals(ledger, who, situation).await;
    }
}

async fn check_order(ledger: &Ledger, who: &Who, situation: &Situation<'_>) {
    let order = who.client.order(situation.id).await;
    let history = who.client.history(situation.id).await;
    let timeline = who.client.get(&format!("/orders/{}/timeline", situation.id)).await;
    if who.sees(situation) {
        ledger.order("order", who, situation, &order.expect(200));
        let history = history.expect(200);
        ledger.around("order_history", &history);
        assert_eq!((&history["order_id"], &history["next"]), (&json!(situation.id), &Value::Null));
        ledger.events("history", who, situation.events, &history["events"]);
        check_timeline(ledger, who, &timeline);
    } else {
        ledger.problem("order", &order.problem(404, "not-found"));
        ledger.problem("order", &history.problem(404, "not-found"));
        ledger.problem("order", &timeline.problem(404, "not-found"));
    }
}

/// Checks the timeline, which not everybody who sees the order may read.
fn check_timeline(ledger: &Ledger, who: &Who, response: &Response) {
    if !Ledger::is_open_to("timeline", who) {
        return ledger.problem("list", &response.problem(403, "forbidden"));
    }
    let timeline = response.expect(200);
    ledger.around("timeline", &timeline);
    for stage in timeline["stages"].as_array().expect("stages") {
        let mut stage = stage.clone();
        if let Some(offers) = stage.as_object_mut().and_then(|stage| stage.remove("offers")) {
            ledger.around("stage_offers", &offers);
        }
        ledger.around("stage", &stage);
    }
    if !timeline["next_breach"].is_null() {
        ledger.around("next_breach", &timeline["next_breach"]);
    }
    ledger.meet("timeline", PARTIES[who.party]);
}

/// Returns a query for all orders of one merchant, the person's own or m1, because a query for
/// closed orders needs a merchant.
fn of_merchant(who: &Who) -> String {
    let merchant = who.person["merchant"].as_str().unwrap_or("m1");
    format!("state=all&merchant={merchant}")
}

/// Returns whether a list of that merchant shows our order, and whether it shows their order.
fn of_one_merchant(who: &Who, situation: &Situation<'_>) -> [bool; 2] {
    [who.sees(situation), who.sees_theirs && who.person["merchant"] == "m2"]
}

async fn check_lists(ledger: &Ledger, who: &Who, situation: &Situation<'_>) {
    let (ours, theirs) = (who.sees(situation), who.sees_theirs);
    let open = [ours && situation.is_open(), theirs];
    // The list of the orders that a driver has is not that of the offers.
    let is_offered = PARTIES[who.party] == OFFERED;
    let offered = if is_offered { "offered=true&" } else { "" };
    let (list, all) =
        (format!("/orders?{offered}"), format!("/orders?{offered}{}", of_merchant(who)));
    if is_offered {
        assert_eq!(who.client.get("/orders").await.expect(200)["orders"], json!([]));
    }
    for (place, path, expected) in
        [("list", &list, open), ("list-of-all", &all, of_one_merchant(who, situation))]
    {
        let list = who.client.get(path).await.expect(200);
        ledger.around("order_list", &list);
        ledger.orders(place, who, situation, expected, &list["orders"]);
    }
}

async fn check_exports(ledger: &Ledger, who: &Who, situation: &Situation<'_>) {
    for (place, format) in [("export-ndjson", "ndjson"), ("export-csv", "csv")] {
        let path = format!("/orders/export?format={format}&{}", of_merchant(who));
        let response = who.client.get(&path).await;
        if Ledger::is_open_to(place, who) {
            assert_eq!(response.status, 200, "{response:?}");
            let rows = if format == "csv" { csv(&response) } else { ndjson(&response) };
            ledger.orders(place, who, situation, of_one_merchant(who, situation), &rows);
        } else {
            ledger.problem("list", &response.problem(403, "forbidden"));
        }
    }
}

fn ndjson(response: &Response) -> Value {
    response.text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")).collect()
}

/// Returns each row as an object of its non-empty cells, by the names of the columns.
fn csv(response: &Response) -> Value {
    let mut reader = csv::Reader::from_reader(response.text.as_bytes());
    let rows = reader.deserialize().map(|row| {
        let mut row: BTreeMap<String, String> = row.expect("a row of CSV");
        row.retain(|_, cell| !cell.is_empty());
        json!(row)
    });
    rows.collect()
}

/// Sends requests that are never granted, and checks the problems.
async fn check_refusals(ledger: &Ledger, who: &Who, situation: &Situation<'_>) {
    let mut asked = vec![
        (Change::status("returned"), &[("if-match", "\"999\"")][..]),
        (Change::status("returned"), &[]),
    ];
    if ["support", "driver"].contains(&who.name) {
        asked.push((Change::status("cancelled"), &[]));
    }
    if !situation.is_open() {
        asked.push((Change::correct_details(), &[]));
    }
    for (change, headers) in asked {
        let response = change.ask_with(&who.client, situation.id, headers).await;
        assert!(response.status >= 400, "{} is let do {change:?}", who.name);
        assert_eq!(response.status == 404, !who.sees(situation), "{} {change:?}", who.name);
        ledger.problem("order", &response.json());
    }
}

/// Checks the response to a person's own change, or to the creation.
pub(super) fn check_own(
    ledger: &Ledger,
    who: &Who,
    situation: &Situation<'_>,
    response: &Response,
) {
    match response.status {
        200 => ledger.order("own-change", who, situation, &response.json()),
        201 => ledger.order("creation", who, situation, &response.json()),
        204 => assert!(response.text.is_empty() && !who.sees(situation), "{response:?}"),
        _ => ledger.problem("order", &response.json()),
    }
}
