//! Exports: the pages of an export together contain the list.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use random::random_uuid;
use serde_json::{Value, json};

use super::question::Question;
use super::walk::{page, walk};
use super::world::World;
use crate::harness::chance::Seed;
use crate::harness::{App, Change, Client, Response, grocery, id_of, order, people, stored};

/// The maximum size of a page, in bytes.
const MAX_BYTES: usize = 4_000_000;

/// Returns the pages of an export, in order.
pub(super) async fn export(client: &Client, format: &str, query: &str) -> Vec<Response> {
    let mut path = format!("/orders/export?format={format}&{query}");
    let mut pages = Vec::new();
    loop {
        let page = page(client, &path).await;
        assert_eq!(page.status, 200, "{path}: {page:?}");
        let link = page.header("link").to_owned();
        pages.push(page);
        if link.is_empty() {
            return pages;
        }
        let next = link.strip_prefix('<').and_then(|it| it.strip_suffix(">; rel=\"next\""));
        next.unwrap_or_else(|| panic!("no link: {link}")).clone_into(&mut path);
    }
}

pub(super) fn together(pages: &[Response]) -> String {
    pages.iter().map(|page| page.text.as_str()).collect()
}

pub(super) fn lines(file: &str) -> Vec<Value> {
    file.split_terminator('\n').map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Returns the rows of a CSV file, each as an object of its non-empty cells, as text.
fn rows(file: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        let cells = columns.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(column, cell)| (column.to_owned(), json!(cell))).collect()
    };
    reader.records().map(|record| row(record.expect("a record"))).collect()
}

/// Converts an order of a list to a CSV row, without nested fields, which only the other format
/// has.
fn as_row(order: &Value) -> Value {
    let cells = order.as_object().expect("an order").iter().filter_map(|(column, value)| {
        let value = if column == "customer" { &value["reference"] } else { value };
        let cell = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((column.clone(), json!(cell)))
    });
    Value::Object(cells.collect())
}

/// Compares both exports with the list; returns the number of pages of the longer one.
async fn check(client: &Client, person: &Value, query: &str) -> usize {
    let (seed, question) = (Seed::of("QUERIES_SEED"), Question::new(person.clone(), query));
    let list = walk(client, &question, &mut seed.chance(), 100..=100).await.expect("a list");
    let (files, tables) =
        (export(client, "ndjson", query).await, export(client, "csv", query).await);
    for page in &files {
        assert_eq!(page.header("content-type"), "application/x-ndjson");
        let name = "attachment; filename=\"orders.ndjson\"";
        assert_eq!(page.header("content-disposition"), name);
    }
    for page in &tables {
        assert_eq!(page.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(page.header("content-disposition"), "attachment; filename=\"orders.csv\"");
    }
    assert_eq!(lines(&together(&files)), list, "{query}");
    let expected: Vec<_> = list.iter().map(as_row).collect();
    assert_eq!(rows(&together(&tables)), expected, "{query}");
    files.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_an_export_make_the_list() {
    let seed = Seed::of("QUERIES_SEED");
    let (mut chance, mut world) = (seed.chance(), World::new());
    let app = App::start_with(|options| {
        options.clock = world.time.clock();
        "4".clone_into(&mut options.order_shards);
    })
    .await;
    world.grow(&app, &mut chance, 300).await;
    let from = |days: i64| world.time.clock().now().plus_seconds(-days * 24 * 60 * 60).day();
    let mut most = 0;
    for (person, query) in [
        (people::ops(), ""),
        (people::ops(), &format!("state=all&from={}", from(60))),
        // One page does not go through this many days without an order.
        (people::ops(), &format!("state=all&from={}&order=oldest", from(365))),
        (people::ops(), "state=closed&status=delivered&status=cancelled"),
        (people::merchant("m1"), "state=all"),
        (people::merchant("m1"), "state=closed&store=s1"),
        (people::store("m1", "s1"), "state=all"),
        (people::merchant("m9"), "state=all"),
    ] {
        most = most.max(check(&app.client(person.clone()).await, &person, query).await);
    }
    assert!(most > 1, "no export had two pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_an_order_stands_in_its_export() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("-m.~_", "-1");
    body["store"] = json!("-2.5");
    body["external_id"] = json!("-e1");
    body["metadata"] = json!({
        "=1+1,\"x\";": "=HYPERLINK(\"https://example.org\",'a')",
        "spaces": "one\u{a0}two\u{3000}three\\n",
        "commas, \"quotes\"": ",\",\"\",",
        "blank": " ",
        "🚲": "عائشة",
    });
    let created = ops.create(&body).await.expect(201);
    assert_eq!(check(&ops, &people::ops(), "").await, 1);
    let file = export(&ops, "ndjson", "").await;
    assert_eq!(lines(&together(&file))[0]["metadata"], body["metadata"]);
    let row = &rows(&together(&export(&ops, "csv", "").await))[0];
    for (column, expected) in [
        ("id", &created["id"]),
        ("merchant", &body["merchant"]),
        ("store", &body["store"]),
        ("customer", &body["customer"]["reference"]),
        ("external_id", &body["external_id"]),
    ] {
        assert_eq!(row[column], *expected, "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_and_merchants_export() {
    let app = App::start().await;
    app.place_order().await;
    for (person, status) in [
        (people::ops(), 200),
        (people::merchant("m1"), 200),
        (people::store("m1", "s1"), 200),
        (people::support(), 403),
        (people::driver("d1"), 403),
        (people::customer("m1", "c1"), 403),
    ] {
        let client = app.client(person.clone()).await;
        let response = client.get("/orders/export").await;
        assert_eq!(response.status, status, "{person}");
        assert!(status == 200 || response.is_problem(403, "forbidden"), "{person}: {response:?}");
    }
    app.anonymous().get("/orders/export").await.expect(401);
    let ops = app.ops().await;
    for wrong in ["format=xml", "format=", "limit=10", "format=csv&format=csv", "colour=red"] {
        ops.get(&format!("/orders/export?{wrong}")).await.problem(422, "invalid-fields");
    }
}

/// Creates an order that has as much of everything as an order can have.
async fn heaviest(app: &App) -> Value {
    let ops = &app.ops().await;
    let (id, name, sku) = ("x".repeat(64), "🚲".repeat(200), "🚲".repeat(64));
    let mut body = grocery(&id, &id, &id);
    let item = json!({ "sku": sku, "name": name, "quantity": 1, "unit_price": 1_000_000 });
    body["items"] = json!(vec![item; 10]);
    body["external_id"] = json!(id);
    body["handover_code"] = json!("4711");
    let pairs = (0..20).map(|n| (format!("{n:02}"), json!("\"".repeat(100))));
    body["metadata"] = Value::Object(pairs.collect());
    let id = id_of(&ops.create(&body).await.expect(201));
    let substitution = |line: u64| {
        json!({ "line": line, "substitute": { "sku": sku, "name": name }, "reason": "r",
                "price_difference": -1_000_000 })
    };
    let proposal = json!({ "substitutions": (1..=10).map(substitution).collect::<Vec<_>>() });
    for change in [Change::operation("acknowledge"), Change::operation("start-picking")] {
        change.ask(ops, &id).await.expect(200);
    }
    ops.operate(&id, "substitutions", &proposal).await.expect(200);
    for n in 1..=10 {
        let approve = Change::operation("substitutions/{substitution}/approve").of_subresource(n);
        approve.ask(ops, &id).await.expect(200);
    }
    ops.operate(&id, "ready", &Value::Null).await.expect(200);
    let [first, second] = ["c".repeat(64), "d".repeat(64)];
    ops.assign(&id, &first).await.expect(200);
    open_issues(app, &id, people::driver(&first)).await;
    ops.replace_driver(&id, &second).await.expect(200);
    let x = "x".repeat(64);
    for person in [
        people::ops(),
        people::support(),
        json!({ "role": "merchant", "id": "maria", "merchant": x }),
        json!({ "role": "customer", "id": "ada", "merchant": x, "reference": x }),
        people::driver(&second),
    ] {
        open_issues(app, &id, person).await;
    }
    ops.operate(&id, "pickup", &Value::Null).await.expect(200);
    ops.change_status(&id, "in_transit").await.expect(200);
    ops.operate(&id, "delivery-failed", &json!({ "reason": "r" })).await.expect(200);
    ops.operate(&id, "return", &Value::Null).await.expect(200);
    ops.operate(&id, "returned", &Value::Null).await.expect(200)
}

/// Opens as many issues as one author can have.
async fn open_issues(app: &App, id: &str, person: Value) {
    let client = app.client(person).await;
    for _ in 0..5 {
        Change::open_issue().ask(&client, id).await.expect(200);
    }
}

/// Writes copies of an order's head, with ids of their own.
async fn copy(app: &App, id: &str, copies: usize) {
    let [head] = &stored::items(app, "OrdersTable").await[..] else { panic!("one order") };
    let (db, table) = (app.runner.dynamodb(), app.runner.table("OrdersTable"));
    for _ in 0..copies {
        let (mut head, copy) = (head.clone(), random_uuid().to_string());
        for name in ["order_id", "created", "since"] {
            let value = stored::text(&head, name).replace(id, &copy);
            head.insert(name.to_owned(), AttributeValue::S(value));
        }
        db.put_item().table_name(table).set_item(Some(head)).send().await.expect("a head");
    }
}

/// A page has as many orders as fit, and the runner sends no more than Lambda does.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_heaviest_orders_is_one_that_lambda_sends() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = id_of(&heaviest(&app).await);
    let line = export(&ops, "ndjson", "state=closed&status=returned").await[0].text.len();
    println!("the heaviest order is {line} bytes");
    let orders = MAX_BYTES / line + 10;
    copy(&app, &id, orders - 1).await;
    let pages = export(&ops, "ndjson", "state=closed&status=returned").await;
    assert_eq!(pages.len(), 2);
    assert!((MAX_BYTES - line..=MAX_BYTES).contains(&pages[0].text.len()));
    let exported: BTreeSet<_> = lines(&together(&pages)).iter().map(id_of).collect();
    assert_eq!((exported.len(), lines(&together(&pages)).len()), (orders, orders));
}
