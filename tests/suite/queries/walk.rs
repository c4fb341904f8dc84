//! Lists, page by page.

use std::ops::RangeInclusive;

use emulator::dynamodb::Storage;
use serde_json::Value;

use super::question::Question;
use crate::harness::chance::Chance;
use crate::harness::{Client, Response, storage};

/// How often a page is asked for that storage is too slow for.
const TRIES: usize = 5;

/// More pages than any list here has: a walk that goes on so long goes round.
const MOST_PAGES: usize = 1000;

/// Asks for a page. `DynamoDB` Local, on a busy machine, reads a hundred heads in more
/// time than functions wait: whoever is answered 503 comes back, as the answer says.
/// The embedded database has no such excuse.
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

/// Walks a list to its end with pages of so many orders, or to its refusal.
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
