//! Guarantee 4 by the calls to the database: it is asked the same about an order of others and
//! about one that does not exist, and nothing more than for the head, so that no latency tells the
//! two apart.

use std::sync::{Arc, Mutex};

use emulator::transport::{Call, Service};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Contract, Live, NO_ORDER, order, people, stored};

/// More keyed commits than a head remembers.
const KEYED: u64 = 9;

/// Headers that read something about the caller or the order; the key is one that the order's
/// commits used, by another caller.
const HEADERS: [&[(&str, &str)]; 6] = [
    &[],
    &[("idempotency-key", "k1")],
    &[("if-match", "\"1\"")],
    &[("if-none-match", "*")],
    &[("idempotency-key", "k1"), ("if-match", "\"1\"")],
    &[("idempotency-key", "new"), ("if-none-match", "\"1\"")],
];

/// Returns the method, the path for an order with the id `ID`, and the query of every request
/// that the OpenAPI document describes for one order: without parameters, with each of the route's
/// parameters, and with an unknown one.
fn requests() -> Vec<(Method, String)> {
    let paths = Contract::http().document["paths"].as_object().expect("paths");
    let of_one = paths.iter().filter(|(path, _)| path.contains("{id}"));
    let routes = of_one.flat_map(|(path, item)| {
        item.as_object().expect("operations").iter().map(move |it| (path, it))
    });
    let requests = routes.flat_map(|(path, (method, operation))| {
        let path = path.replace("{id}", "ID").replace("{substitution}", "1");
        let path = path.replace("{issue}", "1");
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let named =
            parameters.filter(|it| it["in"] == "query").filter_map(|it| it["name"].as_str());
        let queries = [String::new(), "?include=history".to_owned()].into_iter();
        let queries = queries.chain(named.map(|name| format!("?{name}=x"))).collect::<Vec<_>>();
        let method: Method = method.to_uppercase().parse().expect("a method");
        queries.into_iter().map(move |query| (method.clone(), format!("{path}{query}")))
    });
    requests.collect()
}

/// The calls of the functions that answer clients, with `ID` in the place of an order's id.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<(String, Value)>>>);

impl Calls {
    fn of(app: &App) -> Self {
        let calls = Self::default();
        let recorded = calls.clone();
        app.faults.inject(move |call: &Call| {
            let answers = !["relay", "outbox"].contains(&call.function.as_str());
            if call.service() == Service::DynamoDb && answers {
                let mut made = (call.operation().to_owned(), call.request.clone());
                // The token of a transaction is random.
                made.1["ClientRequestToken"] = Value::Null;
                recorded.0.lock().expect("no panic in a recorder").push(made);
            }
            None
        });
        calls
    }

    /// Returns the calls since the last time.
    fn take(&self, id: &str) -> Vec<(String, Value)> {
        let calls = std::mem::take(&mut *self.0.lock().expect("no panic in a recorder"));
        let of_id = |(operation, request): (String, Value)| {
            let request = request.to_string().replace(id, "ID");
            (operation, serde_json::from_str(&request).expect("JSON"))
        };
        calls.into_iter().map(of_id).collect()
    }
}

/// Places an order whose head has forgotten the first of its keyed commits.
async fn place(app: &App) -> String {
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["store"] = json!("s1");
    let order = ops.create(&body).await.expect(201);
    let id = order["id"].as_str().expect("an id").to_owned();
    for n in (1..=KEYED).rev() {
        let body = json!({ "driver": format!("d{n}"), "replace": true });
        let path = format!("/orders/{id}/assign");
        ops.keyed(Method::POST, &path, &format!("k{n}"), &body).await.expect(200);
    }
    id
}

async fn ask(client: &Client, id: &str, request: &(Method, String), headers: &[(&str, &str)]) {
    let (method, path) = request;
    let sent = client.request(method.clone(), &path.replace("ID", id));
    let sent = if method == Method::GET { sent } else { sent.json(&json!({})) };
    let sent = headers.iter().fold(sent, |it, (name, value)| it.header(*name, *value));
    client.send(sent).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_others_costs_the_calls_of_one_that_does_not_exist() {
    let app = App::start().await;
    let id = place(&app).await;
    let calls = Calls::of(&app);
    let requests = requests();
    assert!(requests.len() > 50, "{}", requests.len());
    for person in people::strangers() {
        let stranger = app.client(person.clone()).await;
        for request in &requests {
            for headers in HEADERS {
                let case = format!("{request:?} {headers:?} by {person}");
                ask(&stranger, &id, request, headers).await;
                let foreign = calls.take(&id);
                ask(&stranger, NO_ORDER, request, headers).await;
                assert_eq!(foreign, calls.take(NO_ORDER), "{case}");
                let is_head = matches!(&foreign[..], [(operation, _)] if operation == "GetItem");
                assert!(is_head, "{foreign:?}: {case}");
            }
        }
    }
    assert_eq!(stored::checked(&app, &id).await, KEYED + 1, "nobody has changed it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_of_others_costs_the_calls_of_an_unknown_one() {
    let app = App::start().await;
    let mut body = order("m1", "c1");
    (body["store"], body["external_id"]) = (json!("s1"), json!("web-1"));
    app.ops().await.create(&body).await.expect(201);
    let calls = Calls::of(&app);
    for person in [people::store("m1", "s2"), people::driver("d2"), people::customer("m1", "c2")] {
        let stranger = app.client(person.clone()).await;
        let ask = async |id: &str| {
            let path = format!("/orders?merchant=m1&external_id={id}");
            assert_eq!(stranger.get(&path).await.expect(200)["orders"], json!([]), "{person}");
            let calls = calls.take(id);
            calls.into_iter().map(|(operation, _)| operation).collect::<Vec<_>>()
        };
        let foreign = ask("web-1").await;
        assert_eq!(foreign, ask("web-2").await, "{person}");
        assert_eq!(foreign, ["GetItem", "GetItem"], "{person}");
    }
}

/// Sends a message and returns the response, with `ID` in the place of the order's id.
async fn send(live: &mut Live, message: &Value, id: &str) -> String {
    live.send(&serde_json::from_str(&message.to_string().replace("ID", id)).expect("JSON")).await;
    live.next().await.to_string().replace(id, "ID")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_of_others_costs_the_calls_of_one_that_does_not_exist() {
    let app = App::start().await;
    let id = place(&app).await;
    let calls = Calls::of(&app);
    for person in people::strangers() {
        let own = match person["role"].as_str() {
            Some("driver") => format!("driver:{}", person["id"].as_str().expect("an id")),
            Some("customer") => {
                let [merchant, reference] = ["merchant", "reference"].map(|it| &person[it]);
                format!("customer:{merchant}:{reference}").replace('"', "")
            }
            _ => match person["store"].as_str() {
                Some(store) => format!("store:{}:{store}", person["merchant"]).replace('"', ""),
                None => format!("merchant:{}", person["merchant"]).replace('"', ""),
            },
        };
        let stranger = app.client(person.clone()).await;
        let mut live = app.live(&stranger).await;
        calls.take(&id);
        for message in [
            json!({ "action": "subscribe", "topic": "order:ID" }),
            json!({ "action": "subscribe", "topic": "order:ID", "after": 1 }),
            json!({ "action": "unsubscribe", "topic": "order:ID" }),
            json!({ "action": "snapshot", "topic": "order:ID" }),
            json!({ "action": "fetch", "topic": own, "orders": ["ID"] }),
        ] {
            let foreign = send(&mut live, &message, &id).await;
            let of_foreign = calls.take(&id);
            let none = send(&mut live, &message, NO_ORDER).await;
            let case = format!("{message} by {person}: {foreign}");
            assert_eq!(foreign, none, "{case}");
            assert_eq!(of_foreign, calls.take(NO_ORDER), "{case}");
        }
    }
}
