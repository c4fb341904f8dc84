//! Lists, page by page.

use std::ops::RangeInclusive;

use emulator::dynamodb::Storage;
use serde_json::Value;

use super::question::Question;
use crate::harness::chance::Chance;
use crate::harness::{Client, Response, storage};

/// The number of attempts at a page that is too slow for the storage.
const TRIES: usize = 5;

/// More pages than any list here has: a longer walk is an endless loop.
const MOST_PAGES: usize = 1000;

/// Requests a page. `DynamoDB` Local on a busy machine needs more time for a hundred heads than
/// functions wait, so a 503 is retried, as the response suggests. The embedded database gets no
/// second attempt.
pub(super) async fn page(client: &Client, path: &str) -> Response {
    let tries = if matches!(storage(), Storage::Endpoint(_)) { TRIES } else { 1 };
    for _ in 1..tries {
        let response = client.get(path).await;
        if response.status != 503 {
            return response;
        }
    }
    client.get(path).await
}

/// Reads a list to its end, with pages of a number of orders in `limits`, or to its first error.
pub(super) async fn walk(
    client: &Client,
    question: &Question,
    chance: &mut Chance,
    limits: RangeInclusive<usize>,
) -> Result<Vec<Value>, Response> {
    let (mut orders, mut cursor) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let limit = limits.start() + chance.below(limits.clone().count());
        let path = question.page("/orders", limit, cursor.as_deref());
        let response = page(client, &path).await;
        if response.status != 200 {
            return Err(response);
        }
        let response = response.json();
        let found = response["orders"].as_array().expect("a list");
        assert!(found.len() <= limit, "{} orders of {limit}", found.len());
        orders.extend(found.iter().cloned());
        let Some(next) = response["next"].as_str() else { return Ok(orders) };
        assert_ne!(cursor.as_deref(), Some(next), "the walk stands still: {path}");
        cursor = Some(next.to_owned());
    }
    panic!("the walk goes round: {question:?}");
}
