//! Substitutes for items that a store does not have, and their prices: milk at 7.50 on line 1,
//! oil at 12.00 on line 2, rolls at 1.80 on line 3.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, grocery, id_of, people, stored, substitution};

struct Shop {
    app: App,
    clerk: Client,
    customer: Client,
    id: String,
}

impl Shop {
    /// Opens a shop in which an order is being picked.
    async fn picking(order: &Value) -> Self {
        let app = App::start().await;
        let clerk = app.client(people::store("m1", "s1")).await;
        let customer = app.client(people::customer("m1", "c1")).await;
        let id = id_of(&clerk.create(order).await.expect(201));
        for operation in ["acknowledge", "start-picking"] {
            clerk.operate(&id, operation, &Value::Null).await.expect(200);
        }
        Self { app, clerk, customer, id }
    }

    async fn propose(&self, body: &Value) -> crate::harness::Response {
        self.clerk.operate(&self.id, "substitutions", body).await
    }

    async fn answer(&self, number: u64, answer: &str) -> crate::harness::Response {
        let operation = format!("substitutions/{number}/{answer}");
        self.customer.operate(&self.id, &operation, &Value::Null).await
    }

    /// Checks the order's status, and that the prices that everybody sees add up to `total`.
    async fn check(&self, status: &str, total: i64) {
        for client in [&self.customer, &self.clerk, &self.app.ops().await] {
            let order = client.order(&self.id).await.expect(200);
            assert_eq!((&order["status"], &order["total"]), (&json!(status), &json!(total)));
            assert_eq!(order["currency"], "EUR");
            assert_eq!(added_up(&order), total, "{order}");
        }
        stored::checked(&self.app, &self.id).await;
    }
}

/// Returns the price of the lines that are not removed, by their amounts; each amount is what was
/// ordered, with the price differences of its accepted substitutions.
fn added_up(order: &Value) -> i64 {
    let list = |name: &str| order[name].as_array().cloned().unwrap_or_default();
    let number = |value: &Value| value.as_i64().expect("a whole number");
    let amount = |item: &Value| {
        let ordered = item.get("ordered").unwrap_or(item);
        let of_line = list("substitutions").into_iter().filter(|it| it["line"] == item["line"]);
        let accepted =
            of_line.filter(|it| it["answer"] == "approved" || it["answer"] == "not_needed");
        let differences = accepted.map(|it| number(&it["price_difference"]));
        let amount = number(&ordered["quantity"]) * number(&ordered["unit_price"]);
        let amount = amount + differences.sum::<i64>();
        assert_eq!(number(&item["amount"]), amount, "{order}");
        amount
    };
    list("items").iter().filter(|item| item["removed"] != true).map(amount).sum()
}

fn pointer(problem: &Value) -> &str {
    problem["errors"][0]["pointer"].as_str().expect("a pointer")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_substitute_changes_the_price_and_a_rejected_one_removes_the_line() {
    let shop = Shop::picking(&grocery("m1", "s1", "c1")).await;
    shop.check("picking_in_progress", 2130).await;
    let both = json!({ "substitutions": [substitution(1, 50), substitution(2, -200)] });
    let asked = shop.propose(&both).await.expect(200);
    assert_eq!(asked["substitutions"][1]["id"], 2);
    shop.check("substitutions_needed", 2130).await;
    shop.answer(1, "approve").await.expect(200);
    shop.check("substitutions_needed", 2180).await;
    shop.answer(2, "reject").await.expect(200);
    shop.check("picking_in_progress", 980).await;

    // The customer approves the next substitute, which settles the rejection.
    shop.propose(&substitution(3, 20)).await.expect(200);
    shop.check("substitutions_needed", 980).await;
    shop.answer(3, "approve").await.expect(200);
    shop.check("substitutions_approved", 1000).await;
    shop.clerk.operate(&shop.id, "ready", &Value::Null).await.expect(200);
    shop.check("ready_for_pickup", 1000).await;

    let order = shop.customer.order(&shop.id).await.expect(200);
    let removed: Vec<_> = (0..3).map(|line| order["items"][line]["removed"] == true).collect();
    assert_eq!(removed, [false, true, false]);
    let history = shop.customer.history(&shop.id).await.expect(200);
    let proposed = &history["events"][4];
    assert_eq!(proposed["type"], "substitutions_proposed");
    let view = &proposed["data"]["substitutions"][0];
    assert_eq!((&view["reason"], &view["id"]), (&json!("sold out"), &json!(1)));
    let answered = &history["events"][6]["data"];
    assert_eq!(*answered, json!({ "substitution": 2, "answer": "rejected" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_before_the_last_approval_leads_back_to_picking() {
    let shop = Shop::picking(&grocery("m1", "s1", "c1")).await;
    shop.propose(&substitution(1, -750)).await.expect(200);
    // Another item is found missing before the customer has answered.
    shop.propose(&substitution(3, 0)).await.expect(200);
    shop.answer(1, "reject").await.expect(200);
    shop.check("substitutions_needed", 1380).await;
    shop.answer(2, "approve").await.expect(200);
    shop.check("picking_in_progress", 1380).await;
    shop.clerk.operate(&shop.id, "ready", &Value::Null).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_which_nothing_is_left_is_cancelled() {
    let shop = Shop::picking(&grocery("m1", "s1", "c1")).await;
    let all = [substitution(3, 1), substitution(2, 2), substitution(1, 3)];
    shop.propose(&json!({ "substitutions": all })).await.expect(200);
    for (number, status, total) in
        [(2, "substitutions_needed", 930), (1, "substitutions_needed", 750), (3, "cancelled", 0)]
    {
        shop.answer(number, "reject").await.expect(200);
        shop.check(status, total).await;
    }
    let order = shop.customer.order(&shop.id).await.expect(200);
    assert_eq!(
        (&order["cancelled_at"], &order["phase"]),
        (&order["updated_at"], &json!("cancelled"))
    );
    shop.answer(1, "approve").await.problem(409, "transition-not-allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_substitution_has_one_answer_and_a_line_one_question_at_a_time() {
    let shop = Shop::picking(&grocery("m1", "s1", "c1")).await;
    shop.propose(&json!({ "substitutions": [substitution(1, 0), substitution(2, 0)] }))
        .await
        .expect(200);
    shop.answer(1, "approve").await.expect(200);
    let again = shop.answer(1, "reject").await.problem(409, "answered");
    assert_eq!(again["answer"], "approved");
    let taken = shop.propose(&substitution(2, 0)).await.problem(409, "line-taken");
    assert_eq!(taken["line"], 2);
    let twice = json!({ "substitutions": [substitution(3, 0), substitution(3, 1)] });
    shop.propose(&twice).await.problem(409, "line-taken");
    for number in ["0", "3", "01", "-1", "x", "1.0", "18446744073709551616", "%31%2f"] {
        let operation = format!("substitutions/{number}/approve");
        let none = shop.customer.operate(&shop.id, &operation, &Value::Null).await;
        none.problem(404, "not-found");
    }
    shop.check("substitutions_needed", 2130).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_substitution_that_no_line_can_take_names_the_field() {
    let mut order = grocery("m1", "s1", "c1");
    order["items"][2].as_object_mut().unwrap().remove("unit_price");
    let shop = Shop::picking(&order).await;
    let order = shop.customer.order(&shop.id).await.expect(200);
    assert!(order["total"].is_null(), "a line without a price has no sum: {order}");
    for (body, field) in [
        (substitution(0, 0), "/line"),
        (substitution(4, 0), "/line"),
        (substitution(1, -751), "/price_difference"),
        (substitution(1, 1_000_000_000_001), "/price_difference"),
        (substitution(3, 1), "/price_difference"),
        (
            json!({ "substitutions": [substitution(2, 0), substitution(9, 0)] }),
            "/substitutions/1/line",
        ),
        (json!({ "substitutions": [] }), "/substitutions"),
        (json!({ "substitutions": vec![substitution(1, 0); 101] }), "/substitutions"),
        (json!({ "line": 1 }), "/reason"),
        (json!({ "line": 1, "substitute": null, "reason": "sold out" }), "/substitute"),
        (json!({ "line": 4, "reason": "sold out" }), "/line"),
        (json!({ "line": 1, "quantity": -1, "reason": "sold out" }), "/quantity"),
        (json!({ "line": 2, "quantity": 1, "reason": "sold out" }), "/substitutions"),
        (json!({ "line": 1, "price_difference": 0, "reason": "sold out" }), "/price_difference"),
        (
            json!({ "line": 1, "quantity": 1, "substitute": {"sku": "b", "name": "B" }, "reason": "x" }),
            "/quantity",
        ),
        (json!({ "line": 1.5, "substitute": 1, "reason": "sold out" }), "/line"),
    ] {
        let problem = shop.propose(&body).await.problem(422, "invalid-fields");
        assert_eq!(pointer(&problem), field, "{body}: {problem}");
    }
    assert_eq!(stored::checked(&shop.app, &shop.id).await, 4);
    shop.propose(&substitution(3, 0)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_at_most_two_substitutions_per_line() {
    let mut order = grocery("m1", "s1", "c1");
    order["items"] = json!(vec![order["items"][0].clone(); 11]);
    let shop = Shop::picking(&order).await;
    let all: Vec<_> = (1..=11).map(|line| substitution(line, 1)).collect();
    for round in 0..2 {
        shop.propose(&json!({ "substitutions": all })).await.expect(200);
        for number in 1..=11 {
            shop.answer(11 * round + number, "approve").await.expect(200);
        }
    }
    shop.propose(&substitution(11, 1)).await.problem(409, "too-many");
    shop.check("substitutions_approved", 11 * 750 + 22).await;
    // A line can always be reported as missing.
    shop.propose(&shortage(11, 0)).await.expect(200);
    shop.check("substitutions_approved", 10 * 752).await;
}

fn shortage(line: u64, quantity: u64) -> Value {
    json!({ "line": line, "quantity": quantity, "reason": "none left" })
}

/// The rolls are two at 0.90.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_short_or_missing_needs_no_answer() {
    let mut order = grocery("m1", "s1", "c1");
    order["items"][2]["quantity"] = json!(3);
    let shop = Shop::picking(&order).await;
    let before = shop.customer.order(&shop.id).await.expect(200)["total"].as_i64().unwrap();
    let unit = order["items"][2]["unit_price"].as_i64().unwrap();
    shop.propose(&shortage(3, 1)).await.expect(200);
    shop.check("picking_in_progress", before - 2 * unit).await;
    // The customer approves a substitute, and the store finds another line missing.
    shop.propose(&substitution(1, 50)).await.expect(200);
    shop.answer(2, "approve").await.expect(200);
    shop.check("substitutions_approved", before - 2 * unit + 50).await;
    shop.propose(&json!({ "line": 2, "reason": "none left" })).await.expect(200);
    shop.check("substitutions_approved", before - 2 * unit + 50 - 1200).await;
    // A question leads back to the customer, and an answer goes on from there.
    shop.propose(&json!({ "substitutions": [substitution(3, 0)] })).await.expect(200);
    shop.answer(4, "approve").await.expect(200);
    // The substitute is missing too.
    shop.propose(&shortage(3, 0)).await.expect(200);
    shop.check("substitutions_approved", 800).await;
    let order = shop.customer.order(&shop.id).await.expect(200);
    let left: Vec<_> = (0..3).map(|line| order["items"][line]["removed"] != true).collect();
    assert_eq!(left, [true, false, false]);
    assert_eq!(order["items"][0]["sku"], "other-1");
    let answers = order["substitutions"].as_array().unwrap().iter().map(|it| it["answer"].clone());
    let expected = ["not_needed", "approved", "not_needed", "approved", "not_needed"];
    assert_eq!(answers.collect::<Vec<_>>(), expected);
    // Nothing is left of an order whose last line is missing.
    shop.propose(&shortage(1, 0)).await.expect(200);
    shop.check("cancelled", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_can_have_its_customers_asked_about_shortages() {
    let shop = Shop::picking(&grocery("m1", "s1", "c1")).await;
    let ops = shop.app.ops().await;
    let path = "/merchants/m1/settings";
    let set = ops.request(Method::PUT, path).json(&json!({ "shortages": "ask" }));
    assert_eq!(ops.send(set).await.expect(200)["shortages"], "ask");
    // An order keeps the terms that it was created with.
    shop.propose(&shortage(3, 0)).await.expect(200);
    shop.check("picking_in_progress", 1950).await;
    let id = id_of(&shop.clerk.create(&grocery("m1", "s1", "c1")).await.expect(201));
    for operation in ["acknowledge", "start-picking"] {
        shop.clerk.operate(&id, operation, &Value::Null).await.expect(200);
    }
    let asked = Shop { id, ..shop };
    asked.propose(&shortage(3, 0)).await.expect(200);
    asked.check("substitutions_needed", 2130).await;
    asked.answer(1, "approve").await.expect(200);
    asked.check("substitutions_approved", 1950).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_answers_that_race_one_holds() {
    let shop = Shop::picking(&grocery("m1", "s1", "c1")).await;
    shop.propose(&json!({ "substitutions": [substitution(1, 50), substitution(2, 0)] }))
        .await
        .expect(200);
    let responses = (0..16).map(|n| shop.answer(1, if n % 2 == 0 { "approve" } else { "reject" }));
    let responses = join_all(responses).await;
    let accepted: Vec<_> = responses.iter().filter(|response| response.status == 200).collect();
    assert_eq!(accepted.len(), 1, "{responses:?}");
    let held = &accepted[0].json()["substitutions"][0]["answer"];
    for refused in responses.iter().filter(|response| response.status != 200) {
        assert_eq!(refused.problem(409, "answered")["answer"], *held);
    }
    let total = if held == "approved" { 2180 } else { 1380 };
    shop.check("substitutions_needed", total).await;
}
