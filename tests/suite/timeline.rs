//! An order's timeline: its stages, compared with their time limits.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Change, Client, Stopped, grocery, id_of, order, people, substitution};

async fn timeline(client: &Client, id: &str) -> Value {
    client.get(&format!("/orders/{id}/timeline")).await.expect(200)
}

/// Returns the status of each stage, its seconds, its limit, and the seconds over the limit.
fn stages(timeline: &Value) -> Vec<Value> {
    let stage = |it: &Value| {
        json!([it["status"], it["seconds"], it["limit_seconds"], it["over_by_seconds"]])
    };
    timeline["stages"].as_array().expect("stages").iter().map(stage).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_what_was_late_and_what_will_be() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let began = time.clock().now();
    let after = |seconds: i64| json!(began.plus_seconds(seconds));
    let settings = json!({ "limits": { "grocery": { "picking_in_progress": 90 } } });
    let set =
        |body: &Value| ops.send(ops.request(Method::PUT, "/merchants/m1/settings").json(body));
    set(&settings).await.expect(200);
    let id = id_of(&ops.create(&grocery("m1", "s1", "c1")).await.expect(201));
    // The limits at the order's creation apply.
    set(&json!({})).await.expect(200);
    let step = async |seconds: i64, change: Change| {
        time.forward(seconds);
        change.ask(&ops, &id).await.expect(200);
    };
    step(630, Change::operation("acknowledge")).await;
    step(30, Change::operation("start-picking")).await;
    time.forward(30);
    let found = timeline(&ops, &id).await;
    assert_eq!(
        stages(&found),
        [
            json!(["submitted", 0, null, 0]),
            json!(["store_notified", 630, 600, 30]),
            json!(["store_acknowledged", 30, 900, 0]),
            json!(["picking_in_progress", 30, 90, 0]),
        ]
    );
    assert_eq!(
        found["stages"][3],
        json!({
            "status": "picking_in_progress",
            "phase": "preparing",
            "entered_at": after(660),
            "left_at": null,
            "seconds": 30,
            "limit_seconds": 90,
            "due_at": after(750),
            "over_by_seconds": 0,
            "alerts": 0,
        })
    );
    let breach = json!({ "status": "picking_in_progress", "at": after(750), "in_seconds": 60 });
    assert_eq!(found["next_breach"], breach);
    time.forward(61);
    let late = timeline(&ops, &id).await;
    assert_eq!(stages(&late)[3], json!(["picking_in_progress", 91, 90, 1]));
    assert_eq!(late["next_breach"], Value::Null);
}

/// Each question restarts the customer's time limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_question_puts_the_limit_off() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let id = id_of(&ops.create(&grocery("m1", "s1", "c1")).await.expect(201));
    for operation in ["acknowledge", "start-picking"] {
        ops.operate(&id, operation, &Value::Null).await.expect(200);
    }
    for line in [1, 2] {
        time.forward(400);
        ops.operate(&id, "substitutions", &substitution(line, 0)).await.expect(200);
    }
    let asked_again = time.clock().now();
    time.forward(590);
    let found = timeline(&ops, &id).await;
    assert_eq!(stages(&found)[4], json!(["substitutions_needed", 990, 600, 0]));
    assert_eq!(found["next_breach"]["at"], json!(asked_again.plus_seconds(600)));
    time.forward(17);
    let late = timeline(&ops, &id).await;
    assert_eq!(stages(&late)[4], json!(["substitutions_needed", 1007, 600, 7]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_counted_where_it_was_raised() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let id = id_of(&app.ops().await.create(&grocery("m1", "s1", "c1")).await.expect(201));
    for seconds in [600, 300] {
        time.forward(seconds);
        app.runner.invoke("sweep", &json!({})).await.expect("an answer");
    }
    app.ops().await.operate(&id, "acknowledge", &Value::Null).await.expect(200);
    let stages = timeline(&app.ops().await, &id).await["stages"].clone();
    let alerts: Vec<_> = (0..3).map(|n| stages[n]["alerts"].as_u64()).collect();
    assert_eq!(alerts, [Some(0), Some(2), Some(0)]);
    assert_eq!(stages[1]["over_by_seconds"], 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn timelines_are_for_those_who_answer_for_them() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["store"] = json!("s1");
    let id = id_of(&ops.create(&body).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    for (person, status) in [
        (people::ops(), 200),
        (people::support(), 200),
        (people::merchant("m1"), 200),
        (people::store("m1", "s1"), 200),
        (people::driver("d1"), 403),
        (people::customer("m1", "c1"), 403),
        (people::driver("d2"), 404),
        (people::customer("m1", "c2"), 404),
        (people::customer("m2", "c1"), 404),
        (people::merchant("m2"), 404),
        (people::store("m1", "s2"), 404),
    ] {
        let client = app.client(person.clone()).await;
        let response = client.get(&format!("/orders/{id}/timeline")).await;
        match status {
            200 => drop(response.expect(200)),
            403 => drop(response.problem(403, "forbidden")),
            _ => drop(response.problem(404, "not-found")),
        }
    }
    app.anonymous().get(&format!("/orders/{id}/timeline")).await.expect(401);
    ops.get(&format!("/orders/{id}/timeline?colour=red")).await.problem(422, "invalid-fields");
    let nobodys = "/orders/0195b3c0-7b1e-7000-8000-0123456789ab/timeline";
    ops.get(nobodys).await.problem(404, "not-found");
}
