//! The records of a merchant's stores.

mod management;
mod pages;
mod permissions;
mod pickup;
mod refusals;

pub use permissions::use_every_permission;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Response};

const ALL: &str = "/merchants/m1/stores";
const ONE: &str = "/merchants/m1/stores/s1";

/// Returns the body of a record with every field.
fn full() -> Value {
    json!({
        "name": "High Street",
        "address": located("1 High Street\nLondon", 51.5),
        "phone": "+44 20 7946 0018",
        "hours": {
            "time_zone": "Europe/London",
            "weekly": [
                { "days": ["mon", "fri"], "opens": "09:00", "closes": "17:30" },
                { "days": ["sat"], "opens": "20:00", "closes": "02:00" },
            ],
        },
    })
}

/// Returns the body of the smallest record.
fn bare(name: &str) -> Value {
    json!({ "name": name, "address": format!("{name}, London") })
}

fn located(text: &str, lat: f64) -> Value {
    json!({ "text": text, "location": { "lat": lat, "lng": -0.136_272 } })
}

/// Returns the view of a store of m1 with this record.
fn view(store: &str, record: &Value) -> Value {
    let mut view = json!({ "merchant": "m1", "store": store });
    for (name, value) in record.as_object().expect("a record") {
        view[name] = value.clone();
    }
    view
}

async fn put(client: &Client, path: &str, body: &Value) -> Response {
    client.send(client.request(Method::PUT, path).json(body)).await
}

async fn put_on(client: &Client, path: &str, tag: &str, body: &Value) -> Response {
    let request = client.request(Method::PUT, path).header("if-match", tag);
    client.send(request.json(body)).await
}

async fn delete(client: &Client, path: &str) -> Response {
    client.send(client.request(Method::DELETE, path)).await
}

async fn delete_on(client: &Client, path: &str, tag: &str) -> Response {
    client.send(client.request(Method::DELETE, path).header("if-match", tag)).await
}
