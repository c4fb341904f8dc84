//! What stands in the tables, read by the operator and not through the API.

use aws_sdk_dynamodb::types::AttributeValue;
use shared::config::Config;
use shared::domain::{OrderId, Version, fold};
use shared::store::Store;

use super::App;

/// Checks that an order's history has exactly one item for each version, 1, 2,
/// 3 …, and folds to its head. The version that it has reached.
pub async fn checked(app: &App, id: &str) -> u64 {
    let id = OrderId::parse(id).expect("an order's id");
    let store = store(app);
    let head = store.head(id).await.expect("an answer").expect("a head").order;
    let events = store
        .history(id, head.workflow, Version(0), Version(u64::MAX >> 1))
        .await
        .expect("an answer");
    let versions: Vec<_> = events.iter().map(|event| event.version.0).collect();
    assert_eq!(versions, (1..=head.version.0).collect::<Vec<_>>());
    assert_eq!(fold(id, &events).expect("a history"), head);
    head.version.0
}

/// The store as the functions have it, with the operator's permissions.
fn store(app: &App) -> Store {
    let variable = |name| match name {
        "ORDERS_TABLE" => app.runner.table("OrdersTable").to_owned(),
        "HISTORY_TABLE" => app.runner.table("OrderHistoryTable").to_owned(),
        "DETAILS_TABLE" => app.runner.table("OrderDetailsTable").to_owned(),
        "SUBSCRIPTIONS_TABLE" => app.runner.table("SubscriptionsTable").to_owned(),
        "ORDER_SHARDS" => "1".to_owned(),
        _ => "unused".to_owned(),
    };
    let config = Config::from_variables(|name| Some(variable(name))).expect("settings");
    Store::new(app.runner.dynamodb(), &config)
}

/// Every order's id.
pub async fn order_ids(app: &App) -> Vec<String> {
    let mut pages = app
        .runner
        .dynamodb()
        .scan()
        .table_name(app.runner.table("OrdersTable"))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let mut ids = Vec::new();
    while let Some(item) = pages.next().await {
        match item.expect("an item").remove("order_id") {
            Some(AttributeValue::S(id)) => ids.push(id),
            other => panic!("no order's id: {other:?}"),
        }
    }
    ids
}
