//! Reads the tables with the operator's permissions, not through the API.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use db::{Db, Shards};
use domain::{OrderId, Version, fold};

use super::App;

pub type Item = HashMap<String, AttributeValue>;

/// Checks that an order's history has exactly one item for each version, 1, 2, 3 …, and folds to
/// its head. Returns the version of the head.
pub async fn checked(app: &App, id: &str) -> u64 {
    let id = OrderId::parse(id).expect("an order's id");
    let db = db(app);
    let head = db.head(id).await.expect("an answer").expect("a head").order;
    let events = db
        .history(id, head.placed.workflow, Version(0), Version(u64::MAX >> 1))
        .await
        .expect("an answer");
    let versions: Vec<_> = events.iter().map(|event| event.version.0).collect();
    assert_eq!(versions, (1..=head.version.0).collect::<Vec<_>>());
    assert_eq!(fold(id, &events).expect("a history"), head);
    head.version.0
}

/// Returns the tables in the form that functions use, with the operator's permissions.
pub fn db(app: &App) -> Db {
    Db::new(app.runner.dynamodb(), app.runner.tables(), Shards::ONE)
}

/// True if the order has personal data.
pub async fn has_details(app: &App, id: &str) -> bool {
    let id = OrderId::parse(id).expect("an order's id");
    db(app).details(id).await.expect("an answer").is_some()
}

/// Returns the ids of all orders.
pub async fn order_ids(app: &App) -> Vec<String> {
    ids_in(app, "OrdersTable").await
}

/// Returns the `order_id` of every item of a table.
pub async fn ids_in(app: &App, table: &str) -> Vec<String> {
    items(app, table).await.iter().map(|item| text(item, "order_id")).collect()
}

/// Returns every item of a table.
pub async fn items(app: &App, table: &str) -> Vec<Item> {
    let pages = app.runner.dynamodb().scan().table_name(app.runner.table(table));
    let mut items = pages.consistent_read(true).into_paginator().items().send();
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item.expect("an item"));
    }
    all
}

/// Returns an attribute of type string.
pub fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap_or_else(|_| panic!("no text at {name}: {item:?}")).clone()
}

const GHOST: &str = "ghost=";

/// Copies the rows of the open connections to a connection that does not exist; the connection's
/// own row only if `complete` is set.
pub async fn leave_a_ghost(app: &App, complete: bool) {
    for mut row in items(app, "SubscriptionsTable").await {
        let id = text(&row, "connection_id");
        // The row of a ticket, or of a principal.
        if id == "-" {
            continue;
        }
        let topic = text(&row, "topic").replace(&id, GHOST);
        if topic.contains(GHOST) && !complete {
            continue;
        }
        row.insert("topic".to_owned(), AttributeValue::S(topic));
        row.insert("connection_id".to_owned(), AttributeValue::S(GHOST.to_owned()));
        let put = app.runner.dynamodb().put_item().set_item(Some(row));
        put.table_name(app.runner.table("SubscriptionsTable")).send().await.expect("a row");
    }
}

/// Returns the number of rows of that connection.
pub async fn ghosts(app: &App) -> usize {
    let rows = items(app, "SubscriptionsTable").await;
    rows.iter().filter(|row| text(row, "connection_id") == GHOST).count()
}
