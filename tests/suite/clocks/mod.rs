//! The deadline sweep, which changes orders that nobody moves. Time stands still until a test
//! moves it, and only the test runs sweeps.

mod autopilot;
mod delayed;
mod limits;
mod races;
mod substitutions;
mod sweeps;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Stopped, Template, grocery, id_of, people, stored};

/// A system with a stopped clock, and the merchant m1.
struct Shop {
    app: App,
    time: Stopped,
    boss: Client,
}

impl Shop {
    async fn open() -> Self {
        Self::open_with(&Template::load()).await
    }

    /// Opens with a template of the test.
    async fn open_with(template: &Template) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("template.yaml");
        std::fs::write(&path, template.text()).expect("a file");
        let time = Stopped::now();
        let app = App::start_with(|options| {
            options.template = path;
            options.clock = time.clock();
        });
        let app = app.await;
        let mut boss = people::merchant("m1");
        // Longer than the time that any test lets pass between two requests.
        boss["expires_in"] = json!(7 * 24 * 60 * 60);
        let boss = app.client(boss).await;
        Self { app, time, boss }
    }

    /// Replaces the merchant's settings.
    async fn set(&self, settings: &Value) {
        let request = self.boss.request(Method::PUT, "/merchants/m1/settings");
        self.boss.send(request.json(settings)).await.expect(200);
    }

    /// Creates an order, of which its store is notified.
    async fn order(&self) -> String {
        self.place(&grocery("m1", "s1", "c1")).await
    }

    /// Creates `count` orders, as many at once as a slow database processes within its timeout.
    async fn orders(&self, count: usize) -> Vec<String> {
        let orders = stream::iter(0..count).map(|_| self.order());
        orders.buffer_unordered(16).collect().await
    }

    async fn place(&self, order: &Value) -> String {
        id_of(&self.boss.create(order).await.expect(201))
    }

    /// Sweeps after `seconds` more have passed; returns the number of orders that the sweep
    /// changed.
    async fn sweep_after(&self, seconds: i64) -> u64 {
        self.time.forward(seconds);
        let swept = self.app.sweep().await;
        swept["acted"].as_u64().expect("a number")
    }

    /// Returns a summary of each event since an order's creation: its type, actor and status, or
    /// the severity and type of an alert and its actor.
    async fn happened(&self, id: &str) -> Vec<String> {
        stored::checked(&self.app, id).await;
        let history = self.boss.history(id).await.expect(200);
        let events = history["events"].as_array().expect("events").iter().skip(2);
        events.map(summary).collect()
    }

    async fn status(&self, id: &str) -> Value {
        self.boss.order(id).await.expect(200)["status"].clone()
    }

    async fn operate(&self, id: &str, operations: &[&str]) {
        for operation in operations {
            self.boss.operate(id, operation, &Value::Null).await.expect(200);
        }
    }
}

fn summary(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, actor) = (text(&event["type"]), text(&event["actor"]["id"]));
    match &event["data"]["alert"] {
        Value::Null => format!("{kind} by {actor}: {}", text(&event["status"])),
        alert => format!("{} {} by {actor}", text(&alert["severity"]), text(&alert["type"])),
    }
}

/// Returns the time `seconds` after an order entered its status, as text.
fn at(order: &Value, seconds: i64) -> Value {
    let since = order["status_since"].as_str().expect("a time");
    let since = clock::Timestamp::parse(since).expect("a time");
    json!(since.plus_seconds(seconds).to_string())
}
