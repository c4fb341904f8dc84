//! Issues: everybody on an order can open them, and those complained of cannot resolve them.

use serde_json::{Value, json};

use crate::harness::{App, Client, id_of, issue, order, people, stored};

/// Returns everybody on an order of store s1 of m1, for c1, with d1.
fn everybody() -> [Value; 6] {
    [
        people::ops(),
        people::support(),
        people::merchant("m1"),
        people::store("m1", "s1"),
        people::driver("d1"),
        people::customer("m1", "c1"),
    ]
}

async fn place(app: &App) -> String {
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["store"] = json!("s1");
    let id = id_of(&ops.create(&body).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    id
}

async fn resolve(client: &Client, id: &str, issue: &Value) -> crate::harness::Response {
    let operation = format!("issues/{issue}/resolve");
    client.operate(id, &operation, &json!({ "resolution": "another bag" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_on_an_order_opens_and_resolves_their_issues_also_once_it_is_closed() {
    let app = App::start().await;
    for closed in [false, true] {
        let id = place(&app).await;
        if closed {
            app.ops().await.move_to(&id, "failed").await.expect(200);
        }
        let before = app.ops().await.order(&id).await.expect(200);
        for person in everybody() {
            let client = app.client(person).await;
            let opened = client.operate(&id, "issues", &issue("high")).await.expect(200);
            let number = opened["version"].clone();
            let expected = json!({ "id": number, "type": "damaged", "severity": "high" });
            assert_eq!(opened["issues"], json!([expected]), "{opened}");
            assert_eq!(opened["status"], before["status"]);
            assert_eq!(opened["status_since"], before["status_since"]);
            let resolved = resolve(&client, &id, &number).await.expect(200);
            assert!(resolved["issues"].is_null(), "{resolved}");
        }
        let reached = before["version"].as_u64().unwrap() + 12;
        assert_eq!(stored::checked(&app, &id).await, reached);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_resolved_once_and_what_is_none_never() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = place(&app).await;
    for _ in 0..2 {
        ops.operate(&id, "issues", &issue("low")).await.expect(200);
    }
    resolve(&ops, &id, &json!(3)).await.expect(200);
    for number in [0, 1, 3, 5, u64::MAX] {
        let problem = resolve(&ops, &id, &json!(number)).await.problem(409, "issue-not-open");
        assert_eq!(problem["issues"], json!([4]));
    }
    for number in ["x", "03", "-1", "18446744073709551616", "%20"] {
        let operation = format!("issues/{number}/resolve");
        let body = json!({ "resolution": "another bag" });
        ops.operate(&id, &operation, &body).await.problem(404, "not-found");
    }
    assert_eq!(stored::checked(&app, &id).await, 5);
}

/// The author, and the people who may resolve the issue; `safety` and `payment` are for
/// operations and support, whoever opens them.
#[tokio::test(flavor = "multi_thread")]
async fn those_complained_of_do_not_close_the_complaint() {
    let app = App::start().await;
    let id = place(&app).await;
    let everyone = everybody();
    let name = |at: usize| ["ops", "support", "merchant", "clerk", "driver", "customer"][at];
    for author in 0..everyone.len() {
        let client = app.client(everyone[author].clone()).await;
        for kind in ["damaged", "safety", "payment"] {
            let mut body = issue("high");
            body["type"] = json!(kind);
            let number = client.operate(&id, "issues", &body).await.expect(200)["version"].clone();
            let may = match (kind, name(author)) {
                ("damaged", "driver" | "customer") => {
                    vec!["ops", "support", "merchant", "clerk", name(author)]
                }
                ("damaged", _) => vec!["ops", "support", "merchant", "clerk"],
                _ => vec!["ops", "support"],
            };
            for (other, person) in everyone.iter().enumerate() {
                if !may.contains(&name(other)) {
                    let client = app.client(person.clone()).await;
                    let problem = resolve(&client, &id, &number).await.problem(403, "forbidden");
                    let says = problem["detail"].as_str().expect("a detail").contains(kind);
                    assert_eq!(says, kind != "damaged", "{problem}");
                }
            }
            // One of them resolves it, another one each time.
            let resolver = may[(author + kind.len()) % may.len()];
            let at = (0..everyone.len()).find(|at| name(*at) == resolver).expect("a person");
            let client = app.client(everyone[at].clone()).await;
            resolve(&client, &id, &number).await.expect(200);
        }
    }
}

/// A driver who has been replaced is another party than the one who came after.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_does_not_resolve_what_an_earlier_driver_reported() {
    let app = App::start().await;
    let id = place(&app).await;
    let [first, second] =
        [app.client(people::driver("d1")).await, app.client(people::driver("d2")).await];
    let opened = first.operate(&id, "issues", &issue("high")).await.expect(200);
    app.ops().await.replace_driver(&id, "d2").await.expect(200);
    resolve(&second, &id, &opened["version"]).await.problem(403, "forbidden");
    resolve(&first, &id, &opened["version"]).await.problem(404, "not-found");
    app.ops().await.replace_driver(&id, "d1").await.expect(200);
    resolve(&first, &id, &opened["version"]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_fills_the_room_for_the_issues_of_others() {
    let app = App::start().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let id = place(&app).await;
    for _ in 0..5 {
        customer.operate(&id, "issues", &issue("low")).await.expect(200);
    }
    customer.operate(&id, "issues", &issue("critical")).await.problem(409, "too-many");
    for person in everybody().into_iter().take(5) {
        let client = app.client(person).await;
        client.operate(&id, "issues", &issue("critical")).await.expect(200);
    }
    resolve(&customer, &id, &json!(7)).await.expect(200);
    let opened = customer.operate(&id, "issues", &issue("critical")).await.expect(200);
    assert_eq!(opened["issues"][9]["severity"], "critical");
    assert_eq!(stored::checked(&app, &id).await, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_issue_names_its_fields() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = place(&app).await;
    let body = json!({ "type": "boredom", "severity": 3, "description": " ", "colour": "red" });
    for (body, fields) in [
        (body, vec!["/type", "/severity", "/description", "/colour"]),
        (Value::Null, vec!["/type", "/severity", "/description"]),
    ] {
        let problem = ops.operate(&id, "issues", &body).await.problem(422, "invalid-fields");
        let errors = problem["errors"].as_array().unwrap().iter();
        assert_eq!(errors.map(|error| error["pointer"].clone()).collect::<Vec<_>>(), fields);
    }
    for kind in
        ["delay", "damaged", "missing_item", "wrong_item", "address", "payment", "safety", "other"]
    {
        let mut body = issue("medium");
        body["type"] = json!(kind);
        let opened = ops.operate(&id, "issues", &body).await.expect(200);
        assert_eq!(opened["issues"][0]["type"], kind);
        resolve(&ops, &id, &opened["version"]).await.expect(200);
    }
}

/// The description of an issue is shown to its author's own role, and to ops, support and the
/// merchant; the resolution is shown to everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_description_is_not_for_the_other_parties() {
    let app = App::start().await;
    let id = place(&app).await;
    let mut parties = Vec::new();
    for person in everybody() {
        let client = app.client(person.clone()).await;
        let mut live = app.live(&client).await;
        live.subscribe(&format!("order:{id}")).await;
        parties.push((person["role"].as_str().unwrap().to_owned(), client, live));
    }
    for (role, client, _) in &parties {
        let mut body = issue("low");
        body["description"] = json!(format!("told by {role}"));
        let response = client.operate(&id, "issues", &body).await;
        assert!(!response.text.contains("told by"), "{}", response.text);
        resolve(client, &id, &response.expect(200)["version"]).await.expect(200);
    }
    app.relayed().await;
    for (role, client, mut live) in parties {
        let received = json!(live.until_pong().await).to_string();
        let history = client.history(&id).await.text;
        for text in [received, history] {
            for other in ["ops", "support", "merchant", "driver", "customer"] {
                let reads = other == role || !["driver", "customer"].contains(&role.as_str());
                let is_shown = text.contains(&format!("told by {other}"));
                assert_eq!(is_shown, reads, "{other}'s to {role}: {text}");
            }
            assert_eq!(text.matches("another bag").count(), 6, "{role}: {text}");
        }
    }
}

/// Returns the ids of the listed orders.
async fn listed(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/orders?{query}")).await.expect(200);
    page["orders"].as_array().expect("a list").iter().map(id_of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_with_open_issues_are_listed_for_those_who_see_them() {
    let app = App::start().await;
    let ops = app.ops().await;
    let quiet = place(&app).await;
    let open = place(&app).await;
    let closed = place(&app).await;
    let anothers = id_of(&ops.create(&order("m2", "c2")).await.expect(201));
    for id in [&quiet, &open, &closed, &anothers] {
        ops.operate(id, "issues", &issue("high")).await.expect(200);
    }
    ops.move_to(&closed, "cancelled").await.expect(200);
    ops.operate(&open, "issues", &issue("low")).await.expect(200);
    resolve(&ops, &quiet, &json!(3)).await.expect(200);
    resolve(&ops, &open, &json!(3)).await.expect(200);
    for (person, query, expected) in [
        (people::ops(), "", &[&anothers, &closed, &open][..]),
        (people::support(), "&order=oldest", &[&open, &closed, &anothers]),
        (people::ops(), "&state=open", &[&anothers, &open]),
        (people::ops(), "&state=closed", &[&closed]),
        (people::ops(), "&status=cancelled", &[&closed]),
        (people::ops(), "&merchant=m2", &[&anothers]),
        (people::merchant("m1"), "", &[&closed, &open]),
        (people::store("m1", "s1"), "&state=open", &[&open]),
        (people::store("m1", "s2"), "", &[]),
        (people::driver("d1"), "", &[&closed, &open]),
        (people::customer("m2", "c2"), "", &[&anothers]),
    ] {
        let found = listed(&app.client(person.clone()).await, &format!("issues=open{query}")).await;
        let expected: Vec<_> = expected.iter().map(|id| (*id).clone()).collect();
        assert_eq!(found, expected, "{query} by {person}");
    }
    for id in [&open, &closed] {
        let number = ops.order(id).await.expect(200)["issues"][0]["id"].clone();
        resolve(&ops, id, &number).await.expect(200);
    }
    assert_eq!(listed(&ops, "issues=open").await, [anothers]);
    let problem = ops.get("/orders?issues=closed").await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "?issues");
}
