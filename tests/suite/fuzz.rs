//! Drawn requests: texts of valid requests, and of requests that were once taken wrongly, with
//! drawn changes. No answer is a 5xx, and each is of a kind that the contract has, which clients of
//! the harness check. `FUZZ_CASES` sets the number of cases, `FUZZ_SEED` repeats them.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::Method;
use serde_json::json;

use crate::harness::chance::Seed;
use crate::harness::{App, Stopped, order, people, percent_encoded};

/// Texts that are likely to be read wrongly.
const PIECES: [&str; 32] = [
    "",
    "\0",
    "\n",
    "\u{1b}",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{200b}",
    "\"",
    "\\",
    "\\ud800",
    "{",
    "}",
    "[[[[[[[[",
    ",",
    ":",
    "#",
    "null",
    "true",
    "-1",
    "1.5",
    "1e999",
    "1e+21",
    "99999999999999999999",
    "%00",
    "%ff",
    "%",
    "&",
    "=",
    ".",
    "+",
    "/",
];

/// Returns the texts with up to four changes each.
fn changed(seeds: &[String]) -> impl Strategy<Value = String> + use<> {
    let piece = prop_oneof![
        4 => select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => any::<String>(),
    ];
    let edit = (any::<Index>(), 0..6_usize, piece);
    (select(seeds.to_vec()), prop::collection::vec(edit, 0..=4)).prop_map(|(seed, edits)| {
        edits.into_iter().fold(seed, |text, (at, taken, piece)| {
            let mut chars: Vec<char> = text.chars().collect();
            let start = at.index(chars.len() + 1);
            let end = (start + taken).min(chars.len());
            chars.splice(start..end, piece.chars());
            chars.into_iter().collect()
        })
    })
}

/// Returns the seeds themselves, and then drawn changes of them.
fn drawn(seeds: &[String], seed: &Seed) -> impl Iterator<Item = String> + use<> {
    let given = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    let bytes = seed.value().to_le_bytes().repeat(4);
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let changed = changed(seeds);
    let draw = move || changed.new_tree(&mut runner).expect("a text").current();
    let seeds = seeds.to_vec();
    seeds.into_iter().chain(std::iter::repeat_with(draw).take(given.unwrap_or(100)))
}

fn seed() -> Seed {
    Seed::of("FUZZ_SEED")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_is_answered() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let mut live = app.live(&ops).await;
    let since = "2026-11-21T09:30:00.000Z";
    let seeds = [
        json!({ "action": "subscribe", "topic": format!("order:{id}"), "after": 1 }),
        json!({ "action": "subscribe", "topic": "customer:m1:ada%40example.org" }),
        json!({ "action": "unsubscribe", "topic": "store:m1:s1" }),
        json!({ "action": "snapshot", "topic": "merchant:m1", "cursor": "a.b" }),
        json!({ "action": "recheck", "topic": "orders", "since": since }),
        json!({ "action": "fetch", "topic": "merchant:m1", "orders": [id] }),
        json!({ "action": "ping" }),
        json!([{ "action": "ping" }]),
        json!({ "action": "subscribe", "topic": "driver:auth0|5", "after": 1e21 }),
    ]
    .map(|message| message.to_string());
    for (sent, text) in drawn(&seeds, &seed()).enumerate() {
        live.send_text(&text).await;
        let message = live.next().await;
        let status = message["problem"]["status"].as_u64().unwrap_or(200);
        assert!(message["type"] != "closing" && status < 500, "{text:?}: {message}");
        // A connection may send 20 messages a second.
        if sent % 20 == 19 {
            time.forward(1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cursor_is_taken_or_refused() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    for _ in 0..3 {
        app.place_order().await;
    }
    let page = merchant.get("/orders?limit=1").await.expect(200);
    let good = page["cursor"].as_str().or(page["next"].as_str()).expect("a cursor").to_owned();
    let seeds = [good.clone(), good.to_uppercase(), good[1..].to_owned(), "e30".to_owned()];
    for text in drawn(&seeds, &seed()) {
        let encoded = percent_encoded(&text);
        let status = merchant.get(&format!("/orders?limit=1&cursor={encoded}")).await.status;
        let expected: &[u16] = if text == good { &[200] } else { &[400, 422] };
        assert!(expected.contains(&status), "{text:?}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_body_is_taken_or_refused() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut full = order("m1", "c1");
    let located = json!({ "text": "2 Mill Lane", "location": { "lat": 51.5, "lng": -0.1 } });
    full["addresses"] = json!({ "dropoff": "1 High Street\nLeeds", "pickup": located });
    full["items"] = json!([{ "sku": "a", "name": "b", "quantity": 1, "unit_price": 250 }]);
    full["currency"] = json!("EUR");
    full["metadata"] = json!({ "a": 1, "b": true, "c": "d" });
    full["handover_code"] = json!("4711");
    let twice = r#"{"merchant": "m1", "merchant": "m2"}"#.to_owned();
    let marked = format!("\u{feff}{}", order("m1", "\u{202e}c1"));
    let seeds = [order("m1", "c1").to_string(), full.to_string(), twice, marked, "[]".to_owned()];
    for text in drawn(&seeds, &seed()) {
        let request = ops.request(Method::POST, "/orders").body(text.clone());
        let request = request.header("content-type", "application/json");
        let response = ops.send(request).await;
        assert!([201, 400, 422].contains(&response.status), "{text:?}: {response:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_is_taken_or_refused() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let seeds = [
        "merchant=m1&state=all&limit=2",
        "merchant=m1&status=delivered&closed_from=2026-11-01&closed_to=2026-11-29",
        "merchant=m1&customer=ada%2Borders%40example.org&external_id=web%201017",
        "from=2026-11-21T09:30:00%2B02:00&to=2026-11-22T09:30:00Z&driver=auth0%7C5",
        "merchant=m1&merchant=m2&merchant=m1&issues=open&sort=newest",
    ]
    .map(str::to_owned);
    for text in drawn(&seeds, &seed()) {
        // Without a fragment, and with white space and controls as a client encodes them.
        let query = text.replace(['#', '\t', '\n', '\r'], "%23");
        for path in ["/orders".to_owned(), "/orders/export".to_owned(), format!("/orders/{id}")] {
            let status = ops.get(&format!("{path}?{query}")).await.status;
            assert!([200, 400, 422].contains(&status), "{path} {query:?}: {status}");
        }
    }
}
