//! People with ids as identity providers give them.

use serde_json::{Value, json};

use crate::harness::{App, grocery, id_of, order, people, stored};

const DRIVER: &str = "auth0|507f1f77bcf86cd799439011";
const CUSTOMER: &str = "ada+orders@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_s_id_is_that_of_the_identity_provider() {
    let app = App::start().await;
    let (ops, driver) = (app.ops().await, app.client(people::driver(DRIVER)).await);
    let id = app.place_order().await;
    let (mut own, mut all) = (app.live(&driver).await, app.live(&ops).await);
    own.subscribe("driver:auth0%7C507f1f77bcf86cd799439011").await;
    all.subscribe("driver:auth0%7C507f1f77bcf86cd799439011").await;
    assert_eq!(ops.assign(&id, DRIVER).await.expect(200)["driver"], DRIVER);
    for live in [&mut own, &mut all] {
        assert_eq!(live.events(1).await[0]["data"]["driver"], DRIVER);
    }
    driver.move_to(&id, "picked_up").await.expect(200);
    assert_eq!(own.events(1).await[0]["actor"], json!({ "role": "driver", "id": DRIVER }));

    let snapshot = own.ask("snapshot", "driver:auth0%7C507f1f77bcf86cd799439011").await;
    assert_eq!(snapshot["orders"][0]["id"], id.as_str());
    for path in ["/orders".to_owned(), "/orders?driver=auth0%7C507f1f77bcf86cd799439011".to_owned()]
    {
        let list = driver.get(&path).await.expect(200);
        assert_eq!(list["orders"][0]["id"], id.as_str(), "{path}");
    }
    let export = ops.get("/orders/export").await;
    assert!(export.text.contains(DRIVER), "{}", export.text);
    assert_eq!(stored::checked(&app, &id).await, 3);

    // A colon only separates, so the plain text is no topic, and neither is a second spelling.
    let plain = format!("driver:{DRIVER}");
    for topic in [&*plain, "driver:auth0%7c507f1f77bcf86cd799439011", "driver:a:b"] {
        let refused = own.say(&json!({ "action": "subscribe", "topic": topic })).await;
        assert_eq!(refused["problem"]["errors"][0]["pointer"], "/topic", "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_s_reference_may_be_an_address_or_a_uri() {
    let app = App::start().await;
    let ops = app.ops().await;
    let long = "a/b:c".repeat(25);
    for (reference, encoded) in [
        (CUSTOMER, "ada%2Borders%40example.org"),
        ("spiffe://shop/7", "spiffe%3A%2F%2Fshop%2F7"),
        (&long, &"a%2Fb%3Ac".repeat(25)),
    ] {
        let customer = app.client(people::customer("m1", reference)).await;
        let mut live = app.live(&customer).await;
        let topic = format!("customer:m1:{encoded}");
        assert_eq!(live.subscribe(&topic).await["topic"], topic.as_str());
        let body = json!({ "customer": order("m1", reference)["customer"] });
        let id = id_of(&customer.create(&body).await.expect(201));
        assert_eq!(live.events(1).await[0]["order_id"], id.as_str());
        let path = format!("/orders?merchant=m1&customer={encoded}");
        let list = ops.get(&path).await.expect(200);
        assert_eq!(list["orders"].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(customer.order(&id).await.expect(200)["customer"]["reference"], reference);
    }
    let mut body = grocery("m1", "s1", "a%b");
    ops.create(&body).await.problem(422, "invalid-fields");
    body["customer"]["reference"] = Value::from("a".repeat(129));
    ops.create(&body).await.problem(422, "invalid-fields");
}
