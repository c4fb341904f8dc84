//! Keys that `BatchGetItem` leaves unprocessed are requested again.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>

use std::sync::atomic::{AtomicUsize, Ordering};

use emulator::dynamodb::Reply;
use emulator::transport::{Call, Fault};
use serde_json::json;

use crate::harness::{App, id_of};

/// Reads nothing, and returns keys as unprocessed: all of them, or every other one.
fn left_unread(call: &Call, all: bool) -> Fault {
    let mut unread = call.request["RequestItems"].clone();
    for of_table in unread.as_object_mut().expect("tables").values_mut() {
        let keys = of_table["Keys"].as_array_mut().expect("keys");
        let mut left = false;
        keys.retain(|_| {
            left = !left;
            all || left
        });
    }
    let body = json!({ "Responses": {}, "UnprocessedKeys": unread }).to_string();
    Fault::Refuse(Reply { status: 200, body: body.into() })
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_were_left_unread_are_in_the_list() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut placed = Vec::new();
    for _ in 0..7 {
        placed.push(app.place_order().await);
    }
    placed.reverse();
    let reads = AtomicUsize::new(0);
    app.faults.inject(move |call| match call.operation() {
        "BatchGetItem" => match reads.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Some(left_unread(call, true)),
            // The other half is neither returned nor unprocessed: the list reads it once more.
            2 => Some(left_unread(call, false)),
            _ => None,
        },
        _ => None,
    });
    let list = ops.get("/orders").await.expect(200);
    let listed: Vec<_> = list["orders"].as_array().expect("a list").iter().map(id_of).collect();
    assert_eq!(listed, placed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_unread_is_for_another_time() {
    let app = App::start().await;
    let ops = app.ops().await;
    app.place_order().await;
    app.faults.inject(|call| (call.operation() == "BatchGetItem").then(|| left_unread(call, true)));
    let response = ops.get("/orders").await;
    response.problem(503, "unavailable");
    assert!(!response.header("retry-after").is_empty());
}
