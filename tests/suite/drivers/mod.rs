//! Drivers: rosters, duties and loads.

mod assignments;
mod customers_view;
mod facts;
mod fleets;
mod live_positions;
mod loads;
mod near;
mod offers;
mod outdated;
mod permissions;
mod positions;
mod races;
mod rides;
mod rounds;
mod tracks;

pub use permissions::use_every_permission;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use emulator::transport::{Call, Fault};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use crate::harness::{App, Client, Response, people};

/// Registers a driver of the platform, and begins the duty.
pub async fn on_duty(app: &App, driver: &str, capacity: u8) {
    register_on_duty(&app.ops().await, &json!({ "driver": driver, "capacity": capacity })).await;
}

/// Registers a driver as [`register`] does, and begins the duty.
async fn register_on_duty(ops: &Client, fields: &Value) {
    register(ops, fields).await.expect(201);
    let driver = fields["driver"].as_str().expect("an id");
    set_duty(ops, driver, &json!({ "on_duty": true })).await.expect(200);
}

/// Registers a driver with these fields, and a name if they have none.
async fn register(client: &Client, fields: &Value) -> Response {
    let mut body = fields.clone();
    if body.get("name").is_none() {
        body["name"] = "Dan Smith".into();
    }
    client.post("/drivers", &body).await
}

async fn set_duty(client: &Client, driver: &str, body: &Value) -> Response {
    let request = client.request(Method::PUT, &format!("/drivers/{driver}/duty"));
    client.send(request.json(body)).await
}

async fn delete(client: &Client, driver: &str) -> Response {
    client.send(client.request(Method::DELETE, &format!("/drivers/{driver}"))).await
}

/// Returns the orders that the driver's roster counts.
async fn orders_of(app: &App, driver: &str) -> Vec<String> {
    let client = app.client(people::ops()).await;
    let driver = client.get(&format!("/drivers/{driver}")).await.expect(200);
    let orders = driver["orders"].as_array().expect("orders").iter();
    orders.map(|id| id.as_str().expect("an id").to_owned()).collect()
}

/// A request that is held back, or is to be, until `open` is dropped.
struct Held {
    reached: Arc<Notify>,
    open: watch::Sender<bool>,
}

/// Holds back the first request that `is_it`.
fn hold(app: &App, is_it: impl Fn(&Call) -> bool + Send + Sync + 'static) -> Held {
    let (open, opened) = watch::channel(false);
    let (reached, is_reached) = (Arc::new(Notify::new()), AtomicBool::new(false));
    let notify = Arc::clone(&reached);
    app.faults.inject(move |call: &Call| {
        let is_first = is_it(call) && !is_reached.swap(true, Ordering::SeqCst);
        is_first.then(|| {
            notify.notify_one();
            Fault::Wait(opened.clone())
        })
    });
    Held { reached, open }
}
