//! The fields that each role can set when it creates an order.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{App, Client, id_of, people, stored};

/// For each field of the body: `+` if the role can set it, `.` if not, and `own` if it can only
/// name what its token names.
const FIELDS: &str = "
    field                ops merchant clerk customer
    merchant             +   own      own   own
    customer.name        +   +        +     +
    customer.contact     +   +        +     +
    customer.reference   +   +        +     own
    external_id          +   +        +     .
    store                +   +        own   +
    workflow             +   +        +     .
    autopilot            +   +        +     .
    unanswered           +   +        +     +
    metadata             +   +        +     .
    addresses.pickup     +   +        +     .
    addresses.dropoff    +   +        +     +
    currency             +   +        +     .
    items.sku            +   +        +     +
    items.name           +   +        +     +
    items.quantity       +   +        +     +
    items.unit_price     +   +        +     .
    handover_code        +   +        +     +
";

fn words(line: &'static str) -> Vec<&'static str> {
    line.split_whitespace().collect()
}

/// Returns the rows of [`FIELDS`] below its heading: a field and the cells of the roles.
fn rows() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    FIELDS.trim().lines().skip(1).map(|line| {
        let [field, cells @ ..] = &words(line)[..] else { panic!("{line}") };
        (*field, cells.to_vec())
    })
}

/// Returns a body that every role can send to m1, whose default workflow is `grocery`.
fn body() -> Value {
    json!({
        "merchant": "m1",
        "store": "s1",
        "customer": { "name": "Ada", "contact": "+44 20 7946 0000", "reference": "c1" },
        "items": [{ "sku": "tea", "name": "Tea", "quantity": 1 }],
    })
}

/// Returns the body with the field set; `another` names a merchant, store or customer that the
/// token does not name.
fn with(field: &str, another: bool) -> Value {
    let mut body = body();
    match field {
        "merchant" => body["merchant"] = json!(if another { "m2" } else { "m1" }),
        "store" => body["store"] = json!(if another { "s2" } else { "s1" }),
        "customer.reference" => {
            body["customer"]["reference"] = json!(if another { "c2" } else { "c1" });
        }
        "external_id" => body["external_id"] = json!("web-1"),
        "workflow" => body["workflow"] = json!("courier"),
        "autopilot" => {
            body["workflow"] = json!("parcel");
            body["autopilot"] = json!({ "step_seconds": 60 });
        }
        "unanswered" => body["unanswered"] = json!({ "answer": "cancel_line" }),
        "metadata" => body["metadata"] = json!({ "paid": "yes" }),
        "addresses.pickup" => body["addresses"] = json!({ "pickup": "1 Mill Lane" }),
        "addresses.dropoff" => body["addresses"] = json!({ "dropoff": "2 High Street" }),
        "currency" => body["currency"] = json!("GBP"),
        "items.unit_price" => {
            body["currency"] = json!("GBP");
            body["items"][0]["unit_price"] = json!(0);
        }
        "handover_code" => body["handover_code"] = json!("4711"),
        // Every body has them.
        "customer.name" | "customer.contact" | "items.sku" | "items.name" | "items.quantity" => {}
        other => panic!("no value for {other}"),
    }
    body
}

/// Returns the JSON Pointer of a field of [`FIELDS`].
fn pointer(field: &str) -> String {
    format!("/{}", field.replace("items.", "items.0.").replace('.', "/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_sets_the_fields_that_its_column_says() {
    let app = App::start().await;
    let ops = app.ops().await;
    let settings = json!({ "default_workflow": "grocery" });
    for merchant in ["m1", "m2"] {
        let path = format!("/merchants/{merchant}/settings");
        ops.send(ops.request(reqwest::Method::PUT, &path).json(&settings)).await.expect(200);
    }
    let creators: [Client; 4] = [
        ops.clone(),
        app.client(people::merchant("m1")).await,
        app.client(people::store("m1", "s1")).await,
        app.client(people::customer("m1", "c1")).await,
    ];
    for (field, cells) in rows() {
        for ((by, cell), n) in creators.iter().zip(cells).zip(1..) {
            let mut body = with(field, false);
            if field == "external_id" {
                body[field] = json!(format!("web-{n}"));
            }
            let response = by.create(&body).await;
            if cell == "." {
                let problem = response.problem(422, "invalid-fields");
                let errors = problem["errors"].as_array().expect("errors").iter();
                let mut found = errors.map(|error| error["pointer"].as_str().unwrap_or_default());
                assert!(found.any(|found| found == pointer(field)), "{field}: {problem}");
            } else {
                response.expect(201);
            }
            if cell == "own" {
                by.create(&with(field, true)).await.problem(403, "forbidden");
            }
        }
    }
}

/// A new field of the body must have a row.
#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_the_contract_has_a_row() {
    let app = App::start().await;
    let document = app.anonymous().get("/openapi.json").await.expect(200);
    let mut fields = BTreeSet::new();
    let schema = &document["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]
        ["schema"];
    leaves(&document, schema, "", &mut fields);
    let expected: BTreeSet<_> = rows().map(|(field, _)| field.to_owned()).collect();
    assert_eq!(fields, expected);
}

/// Adds the paths of the fields that a schema describes. Objects that belong together are one
/// field.
fn leaves(document: &Value, schema: &Value, path: &str, fields: &mut BTreeSet<String>) {
    let referred = schema["$ref"].as_str().and_then(|it| document.pointer(&it[1..]));
    // An optional object is either an object or null.
    if let Some(schema) = referred.or(schema["anyOf"].get(0)).or(schema.get("items")) {
        return leaves(document, schema, path, fields);
    }
    let is_whole = ["autopilot", "unanswered", "metadata"].contains(&path);
    match schema["properties"].as_object() {
        Some(properties) if !is_whole => {
            for (name, schema) in properties {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(document, schema, &path, fields);
            }
        }
        _ => {
            fields.insert(path.to_owned());
        }
    }
}

/// A customer orders without prices; the merchant sets them, and everybody sees the sum.
#[tokio::test(flavor = "multi_thread")]
async fn the_merchant_sets_the_prices_of_a_customer_s_order() {
    let app = App::start().await;
    let ops = app.ops().await;
    let [merchant, customer] =
        [app.client(people::merchant("m1")).await, app.client(people::customer("m1", "c1")).await];
    let settings = json!({ "default_workflow": "grocery" });
    let set = ops.request(reqwest::Method::PUT, "/merchants/m1/settings").json(&settings);
    ops.send(set).await.expect(200);
    let mut order = body();
    order["items"] = json!([
        { "sku": "tea", "name": "Tea", "quantity": 2 },
        { "sku": "milk", "name": "Milk", "quantity": 1 },
    ]);
    let id = id_of(&customer.create(&order).await.expect(201));
    let path = format!("/orders/{id}");
    let prices = |first: u64, second: u64| {
        json!({
            "currency": "GBP",
            "items": [{ "line": 1, "unit_price": first }, { "line": 2, "unit_price": second }],
        })
    };
    let theirs = customer.patch(&path, &prices(0, 0)).await;
    theirs.problem(403, "forbidden");
    let corrected = merchant.patch(&path, &prices(350, 120)).await.expect(200);
    assert_eq!((&corrected["total"], &corrected["currency"]), (&json!(820), &json!("GBP")));
    let fewer = json!({ "items": [{ "line": 1, "quantity": 1 }] });
    assert_eq!(merchant.patch(&path, &fewer).await.expect(200)["total"], 470);
    let seen = customer.order(&id).await.expect(200);
    assert_eq!(seen["items"][0]["quantity"], 1);
    assert_eq!(seen["items"][0]["amount"], 350);
    let history = customer.history(&id).await.expect(200);
    let event = &history["events"][2];
    let lines = json!([{ "line": 1, "amount": 700 }, { "line": 2, "amount": 120 }]);
    assert_eq!(event["data"], json!({ "fields": ["items"], "lines": lines }));
    for (body, field) in [
        (json!({ "items": [{ "line": 3, "quantity": 1 }] }), "/items"),
        (json!({ "items": [{ "line": 1 }] }), "/items/0/quantity"),
        (json!({ "items": [fewer["items"][0], fewer["items"][0]] }), "/items"),
        (json!({ "currency": "EUR", "items": fewer["items"] }), "/currency"),
        (json!({ "currency": "GBP" }), "/customer"),
        (json!({ "items": [] }), "/items"),
    ] {
        let problem = merchant.patch(&path, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], field, "{body}: {problem}");
    }
    stored::checked(&app, &id).await;
}

/// All lines of the largest order are priced at once.
#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_largest_order_is_corrected_at_once() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let mut order = crate::harness::order("m1", "c1");
    order["items"] = json!(vec![body()["items"][0].clone(); 100]);
    let id = id_of(&merchant.create(&order).await.expect(201));
    let line = |line| json!({ "line": line, "quantity": 3, "unit_price": 1_000_000 });
    let prices = json!({ "currency": "GBP", "items": (1..=100).map(line).collect::<Vec<_>>() });
    let path = format!("/orders/{id}");
    for _ in 0..2 {
        merchant.patch(&path, &prices).await.expect(200);
    }
    assert_eq!(merchant.order(&id).await.expect(200)["total"], 300_000_000);
    // Another currency is for prices that are all set anew.
    let one = json!({ "currency": "EUR", "items": [{ "line": 1, "unit_price": 5 }] });
    merchant.patch(&path, &one).await.problem(422, "invalid-fields");
    let anew = |line| json!({ "line": line, "unit_price": 5 });
    let all = json!({ "currency": "EUR", "items": (1..=100).map(anew).collect::<Vec<_>>() });
    merchant.patch(&path, &all).await.expect(200);
    let order = merchant.order(&id).await.expect(200);
    assert_eq!((&order["currency"], &order["total"]), (&json!("EUR"), &json!(1500)));
}

/// A line that is short, and one with a substitute, get their prices afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_with_a_substitution_can_be_priced() {
    let app = App::start().await;
    let clerk = app.client(people::store("m1", "s1")).await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let mut order = body();
    order["workflow"] = json!("grocery");
    order["items"] = json!([
        { "sku": "tea", "name": "Tea", "quantity": 3 },
        { "sku": "milk", "name": "Milk", "quantity": 2 },
    ]);
    let id = id_of(&clerk.create(&order).await.expect(201));
    for operation in ["acknowledge", "start-picking"] {
        clerk.operate(&id, operation, &Value::Null).await.expect(200);
    }
    let short = json!({ "line": 1, "quantity": 1, "reason": "sold out" });
    clerk.operate(&id, "substitutions", &short).await.expect(200);
    let oat = json!({ "sku": "oat", "name": "Oat milk" });
    let substitute = json!({ "line": 2, "substitute": oat, "reason": "sold out" });
    clerk.operate(&id, "substitutions", &substitute).await.expect(200);
    let path = format!("/orders/{id}");
    let prices = json!({
        "currency": "GBP",
        "items": [{ "line": 1, "unit_price": 350 }, { "line": 2, "unit_price": 120 }],
    });
    let taken = clerk.patch(&path, &prices).await.problem(409, "line-taken");
    assert_eq!(taken["line"], 2, "the customer is asked about it");
    customer.operate(&id, "substitutions/2/approve", &Value::Null).await.expect(200);
    assert_eq!(clerk.patch(&path, &prices).await.expect(200)["total"], 350 + 240);
    let items = clerk.order(&id).await.expect(200)["items"].clone();
    assert_eq!((&items[0]["amount"], &items[1]["amount"]), (&json!(350), &json!(240)));
    let more = json!({ "items": [{ "line": 1, "quantity": 2 }] });
    clerk.patch(&path, &more).await.problem(409, "line-taken");
    // The same prices again are no change.
    let again = json!({ "items": prices["items"] });
    assert_eq!(clerk.patch(&path, &again).await.expect(200)["version"], 8);
    stored::checked(&app, &id).await;
}
