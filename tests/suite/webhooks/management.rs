//! Creating, changing and deleting webhooks, and who may.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ALL, Receiver, Webhook};
use crate::harness::{App, Client, Stopped, id_of, order, people};

fn body(url: &str) -> Value {
    json!({ "url": url })
}

async fn patch(
    client: &Client,
    path: &str,
    if_match: &str,
    body: &Value,
) -> crate::harness::Response {
    let request = client.request(Method::PATCH, path).header("if-match", if_match);
    client.send(request.json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_created_changed_and_deleted() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let created = merchant.post(ALL, &body("https://example.com/hook")).await;
    let mut webhook = created.expect(201);
    let secret = webhook.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(secret.as_str().unwrap().starts_with("whsec_"));
    assert!(webhook.as_object_mut().unwrap().remove("effective_at").is_some());
    assert_eq!(created.header("etag"), "\"1\"");
    let path = format!("{ALL}/{}", webhook["id"].as_str().unwrap());
    let read = merchant.get(&path).await;
    assert_eq!(read.expect(200), webhook, "without the secret");
    assert_eq!(merchant.get(ALL).await.expect(200), json!({ "webhooks": [webhook] }));

    let change = json!({ "events": ["order.created"], "enabled": false });
    let changed = patch(&merchant, &path, "\"1\"", &change).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let mut changed = changed.expect(200);
    assert!(changed.as_object_mut().unwrap().remove("effective_at").is_some());
    assert_eq!(changed["events"], json!(["order.created"]));
    let disabled = (&changed["enabled"], &changed["disabled_reason"]);
    assert_eq!(disabled, (&json!(false), &json!("requested")));
    patch(&merchant, &path, "\"1\"", &change).await.problem(412, "precondition-failed");
    let again = patch(&merchant, &path, "\"2\"", &change).await;
    assert_eq!((again.header("etag"), again.expect(200)), ("\"2\"", changed));
    let nothing = json!({ "description": "A shop", "enabled": null, "url": null });
    assert_eq!(merchant.patch(&path, &nothing).await.expect(200)["enabled"], false);
    let enabled = merchant.patch(&path, &json!({ "enabled": true })).await.expect(200);
    assert_eq!((&enabled["enabled"], &enabled["disabled_reason"]), (&json!(true), &Value::Null));

    merchant.send(merchant.request(Method::DELETE, &path)).await.expect(204);
    merchant.get(&path).await.problem(404, "not-found");
    assert_eq!(merchant.get(ALL).await.expect(200), json!({ "webhooks": [] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_creation_returns_the_same_webhook_and_secret() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let new = body("https://example.com/hook");
    let create = async |key: &str, body: &Value| merchant.keyed(Method::POST, ALL, key, body).await;
    let (first, again) = (create("k", &new).await, create("k", &new).await);
    assert_eq!(
        (again.expect(201), again.header("idempotent-replayed")),
        (first.expect(201), "true")
    );
    create("k", &body("https://example.com/other")).await.problem(422, "key-reused");
    let other = create("other", &new).await.expect(201);
    assert_ne!((&other["id"], &other["secret"]), (&first.json()["id"], &first.json()["secret"]));
    assert_ne!(other["secret"], first.json()["secret"]);

    let rotate = format!("{ALL}/{}/rotate", other["id"].as_str().unwrap());
    let rotated = async |key: &str| merchant.keyed(Method::POST, &rotate, key, &json!({})).await;
    let (once, twice) = (rotated("r").await, rotated("r").await);
    assert_eq!(
        (twice.expect(200), twice.header("idempotent-replayed")),
        (once.expect(200), "true")
    );
    assert_ne!(once.json()["secret"], other["secret"]);
    // A late repetition of an earlier rotation does not bring back the secret that it made.
    let next = rotated("s").await.expect(200);
    assert_ne!(next["secret"], once.json()["secret"]);
    let late = rotated("r").await;
    assert_eq!((late.expect(200), late.header("idempotent-replayed")), (next.clone(), "true"));
    // A repeated creation returns the secret that signs.
    let again = create("other", &new).await.expect(201);
    assert_eq!(again["secret"], next["secret"]);
}

/// For a day after a rotation, receivers with the old secret and with the new one accept messages.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_and_the_one_before_sign_for_a_day() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let merchant = app.client(people::merchant("m1")).await;
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let rotated = merchant.post(&format!("{}/rotate", webhook.path), &json!({})).await.expect(200);
    let new = rotated["secret"].as_str().unwrap();
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    let messages = receiver.messages(1).await;
    assert!(messages[0].verified_by(new) && messages[0].verified_by(&webhook.secret));
    time.forward(24 * 60 * 60);
    let merchant = app.client(people::merchant("m1")).await;
    // By a replay: of a record of DynamoDB Local, which has a clock of its own, a day has passed.
    let replay = json!({ "order": id, "version": 1 });
    merchant.post(&format!("{}/replay", webhook.path), &replay).await.expect(202);
    let messages = receiver.messages(2).await;
    assert!(messages[1].verified_by(new) && !messages[1].verified_by(&webhook.secret));
}

/// The webhooks of others are not there, whatever is asked of them.
#[tokio::test(flavor = "multi_thread")]
async fn the_webhooks_of_others_are_not_found() {
    let app = App::start().await;
    let (owner, clerk) =
        (app.client(people::merchant("m1")).await, app.client(people::store("m1", "s1")).await);
    let receiver = Receiver::start().await;
    let of_all = Webhook::create(&owner, &receiver, json!({})).await;
    let of_store = Webhook::create(&clerk, &receiver, json!({})).await;
    let requests = |path: &str| {
        [
            (Method::GET, path.to_owned(), Value::Null),
            (Method::PATCH, path.to_owned(), json!({ "enabled": false })),
            (Method::DELETE, path.to_owned(), Value::Null),
            (Method::POST, format!("{path}/rotate"), Value::Null),
            (Method::POST, format!("{path}/test"), Value::Null),
            (Method::POST, format!("{path}/replay"), json!({ "order": crate::harness::NO_ORDER })),
            (Method::GET, format!("{path}/deliveries"), Value::Null),
        ]
    };
    let strangers = [
        people::merchant("m2"),
        people::store("m2", "s1"),
        people::store("m1", "s2"),
        people::customer("m1", "c1"),
        people::driver("d1"),
    ];
    for stranger in strangers {
        let client = app.client(stranger.clone()).await;
        for webhook in [&of_all, &of_store] {
            for (method, path, body) in requests(&webhook.path) {
                let mut request = client.request(method.clone(), &path);
                if !body.is_null() {
                    request = request.json(&body);
                }
                let response = client.send(request).await;
                assert!(
                    response.is_problem(404, "not-found"),
                    "{stranger} {method} {path}: {response:?}"
                );
            }
        }
        let list = client.get(ALL).await;
        assert!(list.status == 404 || list.expect(200) == json!({ "webhooks": [] }), "{stranger}");
    }
    clerk.get(&of_all.path).await.problem(404, "not-found");
    let seen = clerk.get(ALL).await.expect(200);
    assert_eq!(seen["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!(seen["webhooks"][0]["store"], "s1");
    let elsewhere = json!({ "url": receiver.url(), "store": "s2" });
    clerk.post(ALL, &elsewhere).await.problem(403, "forbidden");

    let support = app.client(people::support()).await;
    support.get(&of_all.path).await.expect(200);
    support.patch(&of_all.path, &json!({ "enabled": false })).await.problem(403, "forbidden");
    assert_eq!(receiver.received().len(), 0, "nobody had a test sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_leads_inside_is_refused() {
    let app = App::start_with(|options| options.webhook_targets = "public".to_owned()).await;
    let merchant = app.client(people::merchant("m1")).await;
    for url in [
        "http://example.com/",
        "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/",
        "https://user:secret@example.com/",
        "ftp://example.com",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.1/",
        "https://127.1/",
        "example.com",
        "",
    ] {
        let problem = merchant.post(ALL, &body(url)).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], "/url", "{url}");
    }
    // These are seen to be private when the message is sent.
    for url in ["https://localhost/", "https://localhost:9001/2018-06-01/runtime"] {
        let created = merchant.post(ALL, &body(url)).await.expect(201);
        let path = format!("{ALL}/{}", created["id"].as_str().unwrap());
        let outcome = merchant.post(&format!("{path}/test"), &Value::Null).await.expect(200);
        assert_eq!(outcome["delivered"], false, "{url}");
        let reason = "the URL does not lead to a public address over https";
        assert_eq!(outcome["error"], reason, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_tells_what_the_endpoint_said() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let test = format!("{}/test", webhook.path);
    let outcome = merchant.post(&test, &Value::Null).await.expect(200);
    assert_eq!(outcome, json!({ "delivered": true, "response_status": 204 }));
    receiver.answer([super::receiver::Answer::Status(500, "")]);
    let outcome = merchant.post(&test, &Value::Null).await.expect(200);
    let expected = json!({ "delivered": false, "response_status": 500, "excerpt": "ok" });
    assert_eq!(outcome, expected);
    let messages = receiver.received();
    assert_eq!(messages[0].json()["type"], "webhook.test");
    assert!(messages.iter().all(|message| message.verified_by(&webhook.secret)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_has_twenty_webhooks_at_most() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    for _ in 0..db::MAX_ENDPOINTS {
        merchant.post(ALL, &body("https://example.com/")).await.expect(201);
    }
    let one_more = merchant.post(ALL, &body("https://example.com/")).await;
    one_more.problem(409, "too-many-webhooks");
}
