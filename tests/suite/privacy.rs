//! Guarantee 4 for strangers: an order of others looks as if it did not exist, whatever a
//! stranger requests. Of the stored data, only the details are personal.

use std::collections::BTreeSet;

use emulator::transport::Call;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::marked::{self, MARK, PERSONAL};
use crate::harness::template::Route;
use crate::harness::{App, Change, Client, NO_ORDER, Response, Template, people, stored};

/// The version at which a marked order has an issue.
const ISSUE: u64 = 6;

/// A request about an order.
#[derive(Debug)]
struct Asked {
    method: Method,
    route: String,
    /// The path for an order with the id `ID`.
    path: String,
    body: String,
}

/// Returns every request about an order: each change with a valid body, with an invalid one, and
/// with one that is not JSON.
fn requests() -> Vec<Asked> {
    let reads =
        ["", "/allowed", "/history", "/location", "/timeline", "/track"].map(|route| Asked {
            method: Method::GET,
            route: route.to_owned(),
            path: format!("/orders/ID{route}"),
            body: String::new(),
        });
    let changes = Change::all().into_iter().flat_map(|change| {
        let subresource = if change.route.contains("{issue}") { ISSUE } else { 1 };
        let change = change.of_subresource(subresource);
        let bodies = [marked::said(&change.body).to_string(), r#"{"colour":7}"#.into(), "{".into()];
        bodies.map(|body| Asked {
            method: change.method.clone(),
            route: format!("/{}", change.route).trim_end_matches('/').to_owned(),
            path: change.path("ID"),
            body,
        })
    });
    reads.into_iter().chain(changes).collect()
}

/// Headers that may make a difference; the last two are invalid.
const HEADERS: [&[(&str, &str)]; 7] = [
    &[],
    &[("if-match", "\"6\"")],
    &[("if-match", "\"1\"")],
    &[("idempotency-key", "k")],
    &[("idempotency-key", "k"), ("if-match", "\"1\"")],
    &[("if-match", "5")],
    &[("idempotency-key", "")],
];

/// Returns everything that a client sees of a response, except the date and the request's id,
/// which always differ.
fn seen(response: &Response) -> String {
    let mut headers = response.headers.clone();
    headers.remove("date");
    headers.remove("apigw-requestid");
    format!("{} {headers:?} {}", response.status, response.text)
}

#[test]
fn no_route_about_an_order_is_left_out() {
    let routes = Template::load().routes().into_iter();
    let routes = routes.filter_map(|Route { method, path, .. }| {
        Some((method, path.strip_prefix("/orders/{id}")?.to_owned()))
    });
    let asked = requests().into_iter().map(|it| (it.method.to_string(), it.route));
    assert_eq!(asked.collect::<BTreeSet<_>>(), routes.collect());
}

async fn ask(client: &Client, id: &str, asked: &Asked, headers: &[(&str, &str)]) -> Response {
    let request = client
        .request(asked.method.clone(), &asked.path.replace("ID", id))
        .header("content-type", "application/json")
        .body(asked.body.clone());
    client.send(headers.iter().fold(request, |it, (name, value)| it.header(*name, *value))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn to_a_stranger_an_order_is_not_there() {
    let app = App::start().await;
    let id = marked::place(&app.ops().await).await;
    let strangers = people::strangers().map(async |person| {
        let stranger = app.client(person.clone()).await;
        for asked in requests() {
            for headers in HEADERS {
                let response = ask(&stranger, &id, &asked, headers).await;
                let none = ask(&stranger, NO_ORDER, &asked, headers).await;
                let case = format!("{asked:?} {headers:?} by {person}");
                assert_eq!(seen(&response), seen(&none), "{case}");
                // A request that cannot be parsed is rejected before the order is looked up.
                let reads = asked.method == Method::GET
                    || asked.body != "{" && !headers.iter().any(|it| ["5", ""].contains(&it.1));
                assert_eq!(response.status, if reads { 404 } else { 400 }, "{case}");
                assert!(!seen(&response).contains(MARK), "{case}");
            }
        }
        let list = stranger.get("/orders").await;
        assert_eq!(list.expect(200), json!({ "orders": [], "next": null }));
    });
    join_all(strangers).await;
    assert_eq!(stored::checked(&app, &id).await, ISSUE, "nobody has changed it");
}

/// The stream of orders contains nothing but the functions' writes to the table of orders.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_details_hold_personal_data() {
    let app = App::start().await;
    let (writes, written) = std::sync::mpsc::channel();
    app.faults.inject(move |call: &Call| {
        let request = call.request.clone();
        let several = request["TransactItems"].as_array().cloned().unwrap_or_default();
        for write in several.into_iter().chain([request]) {
            let _ = writes.send(write);
        }
        None
    });
    let ops = app.ops().await;
    let mut live = app.live(&ops).await;
    live.subscribe("merchant:m1").await;
    let id = marked::place(&ops).await;
    app.relayed().await;
    live.until_pong().await;
    let correction = json!({ "addresses": { "dropoff": "marked-person-corrected" } });
    ops.patch(&format!("/orders/{id}"), &correction).await.expect(200);
    for status in ["in_transit", "delivered"] {
        ops.move_to(&id, status).await.expect(200);
    }
    let details = app.runner.table("OrderDetailsTable").to_owned();
    let personal = written.try_iter().filter(|write| {
        let is_theirs = ["Put", "Update"].iter().any(|it| write[*it]["TableName"] == details);
        let elsewhere = write["TransactItems"].is_null() && !is_theirs;
        assert!(!(elsewhere && write.to_string().contains(PERSONAL)), "{write}");
        is_theirs && write.to_string().contains(PERSONAL)
    });
    assert_eq!(personal.count(), 2, "the details are written once, and corrected");
    for (table, marks, is_personal) in [
        ("OrdersTable", true, false),
        ("OrderHistoryTable", true, false),
        ("SubscriptionsTable", false, false),
        ("MerchantsTable", false, false),
        ("StoresTable", false, false),
        ("OrderDetailsTable", true, true),
    ] {
        let items = format!("{:?}", stored::items(&app, table).await);
        assert_eq!(items.contains(MARK), marks, "{table}: {items}");
        assert_eq!(items.contains(PERSONAL), is_personal, "{table}: {items}");
    }
}
