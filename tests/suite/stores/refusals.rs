//! Records that are refused, with the fields that are wrong.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ALL, ONE, bare, full, put, view};
use crate::harness::{App, people};

/// Returns the full record with this value at a JSON Pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = full();
    *body.pointer_mut(pointer).expect("a field") = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_record_names_its_fields() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let opening = json!({ "days": ["mon"], "opens": "09:00", "closes": "17:00" });
    for (body, pointer) in [
        (json!([]), ""),
        (json!({}), "/name"),
        (json!({ "name": "A" }), "/address"),
        (json!({ "name": "A", "address": null }), "/address"),
        (with("/name", json!("\u{202e}A")), "/name"),
        (with("/name", json!("A\nB")), "/name"),
        (with("/name", json!("x".repeat(201))), "/name"),
        (with("/address", json!({ "text": null, "location": null })), "/address/text"),
        (with("/address", json!([[null]])), "/address"),
        (with("/address/location", json!("51.5,-0.1")), "/address/location"),
        (with("/address/location/lat", json!(90.000_000_1)), "/address/location/lat"),
        (with("/address/location/lat", Value::Null), "/address/location/lat"),
        (with("/address/location/lng", json!(-180.000_000_1)), "/address/location/lng"),
        (with("/address/location/lng", json!("0")), "/address/location/lng"),
        (with("/phone", json!("ada@example.com")), "/phone"),
        (with("/phone", json!(442_079_460_018_u64)), "/phone"),
        (with("/hours", json!([opening])), "/hours"),
        (with("/hours", json!({})), "/hours/time_zone"),
        (with("/hours/time_zone", json!("+02:00")), "/hours/time_zone"),
        (with("/hours/weekly", json!([])), "/hours/weekly"),
        (with("/hours/weekly", Value::Null), "/hours/weekly"),
        (with("/hours/weekly", json!(vec![&opening; 29])), "/hours/weekly"),
        (with("/hours/weekly/1", json!(null)), "/hours/weekly/1"),
        (with("/hours/weekly/1/days", json!([])), "/hours/weekly/1/days"),
        (with("/hours/weekly/1/days", json!(vec!["mon"; 8])), "/hours/weekly/1/days"),
        (with("/hours/weekly/1/days/0", json!("Mon")), "/hours/weekly/1/days/0"),
        (with("/hours/weekly/0/opens", json!("24:00")), "/hours/weekly/0/opens"),
        (with("/hours/weekly/0/opens", json!("9:00")), "/hours/weekly/0/opens"),
        (with("/hours/weekly/0/closes", Value::Null), "/hours/weekly/0/closes"),
        (view("s1", &full()), "/merchant"),
    ] {
        let problem = put(&merchant, ONE, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    for text in [
        r#"{"name": "A", "address": {"text": "B", "location": {"lat": 1e400, "lng": 0}}}"#,
        r#"{"name": "A", "address": {"text": "B", "location": {"lat": NaN, "lng": 0}}}"#,
        r#"{"name": "A", "name": "B", "address": "C"}"#,
    ] {
        let request = merchant.request(Method::PUT, ONE).body(text);
        let request = request.header("content-type", "application/json");
        merchant.send(request).await.problem(400, "invalid-json");
    }
    merchant.get(ONE).await.problem(404, "not-found");
    for store in ["a%23b", "a:b", "%00", "..%2fs1", &"s".repeat(65)] {
        let path = format!("{ALL}/{store}");
        merchant.get(&path).await.problem(404, "not-found");
        put(&merchant, &path, &bare("A")).await.problem(404, "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_at_its_bounds_is_kept() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let opening = json!({ "days": days, "opens": "00:00", "closes": "00:00" });
    let location = json!({ "lat": -90.0, "lng": 180.0 });
    let body = json!({
        "name": "é".repeat(200),
        "address": { "text": "é".repeat(500), "location": location },
        "hours": { "time_zone": "Etc/GMT+12", "weekly": vec![opening; 28] },
    });
    assert_eq!(put(&merchant, ONE, &body).await.expect(201), view("s1", &body));
    assert_eq!(merchant.get(ONE).await.expect(200), view("s1", &body));
    // A day that is given twice is one, and days are in the order of the week.
    let twice = with("/hours/weekly/0/days", json!(["sun", "mon", "sun"]));
    let kept = put(&merchant, ONE, &twice).await.expect(200);
    assert_eq!(kept["hours"]["weekly"][0]["days"], json!(["mon", "sun"]));
    let nothing = json!({ "name": "A", "address": "B", "phone": null, "hours": null });
    let kept = put(&merchant, ONE, &nothing).await.expect(200);
    assert_eq!(kept, view("s1", &json!({ "name": "A", "address": "B" })));
}
