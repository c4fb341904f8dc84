//! Data of an earlier version reads the same: `fixtures/before-0.2` holds a data folder and its
//! items as version 0.1 wrote them, with every type of event, and the responses about them: those
//! of version 0.1, with the fields that later versions added or deliberately changed. An order's head is still the fold of its history.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::types::AttributeValue;
use emulator::dynamodb::Storage;
use serde_json::{Map, Value, json};

use crate::harness::stored::{self, Item};
use crate::harness::{App, Stopped};

const TABLES: [&str; 4] =
    ["OrdersTable", "OrderHistoryTable", "OrderDetailsTable", "MerchantsTable"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/before-0.2").join(name)
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(fixture(name)).expect("a fixture");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_reads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dynamodb.sqlite");
    std::fs::copy(fixture("data-folder/dynamodb.sqlite"), &file).unwrap();
    let later = Stopped::at("2026-11-29T12:00:00Z");
    let app = App::start_with(|options| {
        options.clock = later.clock();
        options.storage = Storage::File(file);
        "waybill".clone_into(&mut options.stack);
    })
    .await;
    reads_the_same(&app).await;
    app.runner.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_histories_and_details_read_the_same() {
    let app = App::start_at(&Stopped::at("2026-11-29T12:00:00Z")).await;
    let items = read("items.json");
    for table in TABLES {
        for item in items[table].as_array().expect("items") {
            let put = app.runner.dynamodb().put_item().table_name(app.runner.table(table));
            put.set_item(Some(item_of(item))).send().await.expect("a row");
        }
    }
    reads_the_same(&app).await;
}

/// Values that today's rules reject read as they were written.
#[tokio::test(flavor = "multi_thread")]
async fn values_of_earlier_rules_read_as_they_were_written() {
    let app = App::start().await;
    let id = app.place_order().await;
    let mut items = stored::items(&app, "OrderDetailsTable").await.into_iter();
    let mut item = items.find(|item| stored::text(item, "order_id") == id).expect("the details");
    let written = [("name", "\u{200b}"), ("contact", "+44 (20) 7946-0018")];
    for (name, value) in written.into_iter().chain([("currency", "ZZZ")]) {
        item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
    }
    let put = app.runner.dynamodb().put_item().table_name(app.runner.table("OrderDetailsTable"));
    put.set_item(Some(item)).send().await.expect("a row");
    let seen = app.ops().await.order(&id).await.expect(200);
    for (name, value) in written {
        assert_eq!(seen["customer"][name], value);
    }
    assert_eq!(seen["currency"], "ZZZ");
    // Decisions read it, too.
    let prices = json!({ "items": [{ "line": 1, "quantity": 1 }] });
    let refused = app.ops().await.patch(&format!("/orders/{id}"), &prices).await;
    refused.problem(422, "invalid-fields");
}

/// Compares all responses with the expected ones.
async fn reads_the_same(app: &App) {
    let ops = app.ops().await;
    let mut found = Map::new();
    for id in stored::order_ids(app).await {
        stored::checked(app, &id).await;
        let (order, history) = futures_util::join!(ops.order(&id), ops.history(&id));
        let timeline = ops.get(&format!("/orders/{id}/timeline")).await.expect(200);
        let order = json!([order.expect(200), history.expect(200), timeline]);
        found.insert(id, order);
    }
    for list in ["/orders", "/orders?state=closed&merchant=m1", "/merchants/m1/settings"] {
        found.insert(list.to_owned(), ops.get(list).await.expect(200));
    }
    assert_eq!(Value::Object(found), read("answers.json"));
}

/// Parses an item of DynamoDB's JSON.
fn item_of(item: &Value) -> Item {
    let attributes = item.as_object().expect("an item").iter();
    attributes.map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().and_then(|it| it.iter().next()).expect("an attribute");
    let text = || value.as_str().expect("text").to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().expect("a flag")),
        "NULL" => AttributeValue::Null(true),
        "L" => AttributeValue::L(value.as_array().expect("a list").iter().map(attribute).collect()),
        "M" => AttributeValue::M(HashMap::from_iter(item_of(value))),
        other => panic!("no type of attribute: {other}"),
    }
}
