//! A cursor is valid only for the person and the query that it was given to; any other use is a
//! 400.

use clock::Clock;
use serde_json::{Value, json};

use crate::harness::{App, Client, Response, people};

/// A person's query that has a second page.
struct Place {
    client: Client,
    path: String,
}

impl Place {
    async fn of(app: &App, person: Value, path: impl Into<String>) -> Self {
        Self { client: app.client(person).await, path: path.into() }
    }

    async fn at(&self, cursor: Option<&str>) -> Response {
        let and = if self.path.contains('?') { '&' } else { '?' };
        let cursor = cursor.map(|cursor| format!("{and}cursor={cursor}")).unwrap_or_default();
        self.client.get(&format!("{}{cursor}", self.path)).await
    }

    /// Returns the cursor of the second page, which an export has only in its `Link`.
    async fn cursor(&self) -> String {
        let page = self.at(None).await;
        assert_eq!(page.status, 200, "{}: {page:?}", self.path);
        let link = page.header("link").rsplit_once("cursor=").map(|(_, link)| link);
        let in_link = link.and_then(|link| link.strip_suffix(">; rel=\"next\""));
        let in_body = || page.json()["next"].as_str().expect("a second page").to_owned();
        in_link.map_or_else(in_body, str::to_owned)
    }

    async fn refuses(&self, cursor: &str) {
        let response = self.at(Some(cursor)).await;
        assert!(response.is_problem(400, "invalid-cursor"), "{} {cursor}: {response:?}", self.path);
    }
}

/// Creates an order whose history has more than a page; returns the path of the history.
async fn long_history(app: &App, ops: &Client) -> String {
    let id = app.place_order().await;
    for n in 0..200 {
        let body = json!({ "addresses": { "dropoff": format!("{n} High Street") } });
        ops.patch(&format!("/orders/{id}"), &body).await.expect(200);
    }
    format!("/orders/{id}/history")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_for_whom_and_for_what_it_was_given() {
    let app = App::start_with(|options| "4".clone_into(&mut options.order_shards)).await;
    let ops = app.ops().await;
    let another = format!("/orders/{}/history", app.place_order().await);
    let history = long_history(&app, &ops).await;
    // One page does not go through this many days without an order.
    let from = Clock::system().now().plus_seconds(-365 * 24 * 60 * 60).day();
    let days = format!("state=all&order=oldest&from={from}");
    let ops = people::ops;
    let places = [
        Place::of(&app, ops(), "/orders?limit=1").await,
        Place::of(&app, json!({ "role": "ops", "id": "otto" }), "/orders?limit=1").await,
        Place::of(&app, people::support(), "/orders?limit=1").await,
        Place::of(&app, people::merchant("m1"), "/orders?limit=1").await,
        Place::of(&app, people::customer("m1", "c1"), "/orders?limit=1").await,
        Place::of(&app, ops(), "/orders?limit=1&order=oldest").await,
        Place::of(&app, ops(), "/orders?limit=1&merchant=m1").await,
        Place::of(&app, ops(), "/orders?limit=1&merchant=m1&customer=c1").await,
        Place::of(&app, ops(), "/orders?limit=1&status=created").await,
        Place::of(&app, ops(), format!("/orders?{days}")).await,
        Place::of(&app, ops(), format!("/orders/export?{days}")).await,
        Place::of(&app, ops(), format!("/reports/service-levels?from={from}")).await,
        Place::of(&app, people::merchant("m1"), history.clone()).await,
        Place::of(&app, ops(), history).await,
    ];
    for given in &places {
        let cursor = given.cursor().await;
        assert_eq!(given.at(Some(&cursor)).await.status, 200, "{}", given.path);
        for other in places.iter().filter(|other| !std::ptr::eq(*other, given)) {
            other.refuses(&cursor).await;
        }
        // These have no second page of their own.
        for path in [&another, "/orders?limit=1&merchant=m2", "/orders/export"] {
            Place::of(&app, ops(), path).await.refuses(&cursor).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_nobody_was_given_is_refused_whatever_its_bytes() {
    let app = App::start().await;
    for _ in 0..2 {
        app.place_order().await;
    }
    let place = Place::of(&app, people::merchant("m1"), "/orders?limit=1").await;
    let cursor = place.cursor().await;
    for at in 0..cursor.len() {
        let other = if cursor[at..].starts_with('A') { "B" } else { "A" };
        place.refuses(&format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])).await;
        place.refuses(&cursor[..at]).await;
        place.refuses(&cursor[at + 1..]).await;
    }
    for wrong in ["AAAA", "%00", "%F0%9F%9A%B2", "a b", &"A".repeat(4000)] {
        place.refuses(wrong).await;
        place.refuses(&format!("{cursor}{wrong}")).await;
    }
    place.refuses(&format!("{cursor}=")).await;
    place.refuses(&format!("{cursor}{cursor}")).await;
}
