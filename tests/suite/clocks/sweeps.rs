//! Sweeps over many orders, some of which fail.

use aws_sdk_dynamodb::types::AttributeValue;
use emulator::transport::{Call, Fault};
use futures_util::future::join_all;
use serde_json::json;

use super::Shop;
use crate::harness::{Template, stored};

/// More orders than fit on a page: changes to one page must not hide the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_goes_through_every_page() {
    let shop = Shop::open().await;
    let ids = shop.orders(250).await;
    assert_eq!(shop.sweep_after(600).await, 250);
    assert_eq!(shop.sweep_after(0).await, 0);
    for id in &ids {
        assert_eq!(shop.happened(id).await.len(), 1);
    }
}

/// Asserts that a sweep fails because of one order. It fails after it has processed the others,
/// so that an alarm is raised.
async fn assert_fails_with_one(shop: &Shop) {
    let swept = shop.app.runner.invoke("sweep", &json!({})).await;
    let error = swept.expect_err("an order that is not swept").to_string();
    assert!(error.contains("orders not processed: 1;"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_does_not_read_stops_no_other() {
    let shop = Shop::open().await;
    let ids = join_all((0..5).map(|_| shop.order())).await;
    let orders = stored::items(&shop.app, "OrdersTable").await;
    let mut bad = orders.into_iter().find(|it| stored::text(it, "order_id") == ids[2]);
    let bad = bad.as_mut().expect("an order");
    bad.insert("status".to_owned(), AttributeValue::S("nowhere".to_owned()));
    let put = shop.app.runner.dynamodb().put_item().set_item(Some(bad.clone()));
    put.table_name(shop.app.runner.table("OrdersTable")).send().await.expect("a write");
    shop.time.forward(600);
    for _ in 0..2 {
        assert_fails_with_one(&shop).await;
    }
    for id in [&ids[..2], &ids[3..]].concat() {
        assert_eq!(shop.happened(&id).await.len(), 1);
    }
}

/// An order whose commit DynamoDB fails is processed by the next sweep.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_swept_is_swept_the_next_time() {
    let shop = Shop::open().await;
    let ids = join_all((0..3).map(|_| shop.order())).await;
    let refused = ids[0].clone();
    shop.app.faults.inject(move |call: &Call| {
        let is_theirs =
            call.operation() == "TransactWriteItems" && call.request.to_string().contains(&refused);
        is_theirs.then(Fault::internal_server_error)
    });
    shop.time.forward(600);
    assert_fails_with_one(&shop).await;
    shop.app.faults.clear();
    assert_eq!(shop.sweep_after(60).await, 1);
    for id in &ids {
        assert_eq!(shop.happened(id).await.len(), 1);
    }
}

/// A sweep leaves orders that it has no time for to the next one, and does not fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_ends_before_its_time_out() {
    let shop = Shop::open_with(&Template::load().with_timeout("Sweep", 20)).await;
    let id = shop.order().await;
    shop.time.forward(600);
    let swept = shop.app.sweep().await;
    assert_eq!(swept, json!({ "acted": 0, "unchanged": 0, "is_cut": true }));
    assert_eq!(shop.happened(&id).await.len(), 0);
}
