//! The events that functions receive about a connection.

use super::*;

#[tokio::test]
async fn a_connection_lives_through_its_events() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();

    let asked = api.event_of("authorize").await;
    assert_eq!(asked["type"], "REQUEST");
    let arn = "arn:aws:execute-api:local:000000000000:liveapi/live/$connect";
    assert_eq!(asked["methodArn"], arn);
    assert_eq!(asked["queryStringParameters"], json!({ "ticket": "u v" }));
    assert_eq!(asked["multiValueQueryStringParameters"], json!({ "ticket": ["t", "u v"] }));
    let headers = &asked["headers"];
    assert_eq!(headers["sec-websocket-version"], "13");
    assert_eq!(headers["Host"], api.address.to_string());
    assert_eq!(headers["X-Forwarded-Port"], api.address.port().to_string());
    assert_eq!(
        (&headers["host"], &headers["X-Forwarded-For"]),
        (&Value::Null, &json!("127.0.0.1"))
    );
    assert_eq!(asked["multiValueHeaders"]["upgrade"], json!(["websocket"]));
    assert_eq!(asked["requestContext"]["eventType"], "CONNECT");

    let connected = api.event_of("connect").await["requestContext"].take();
    let authorizer = json!({ "principalId": "u1", "role": "ops", "until": "9", "good": "true" });
    assert_eq!(connected["authorizer"], authorizer);
    assert_eq!(connected["connectionId"], asked["requestContext"]["connectionId"]);

    client.send(Message::text("{\"action\":\"x\"}")).await;
    assert_eq!(client.next().await, Message::text("{\"action\":\"x\"}"));
    let mut message = api.event_of("message").await;
    assert_eq!(
        (&message["body"], &message["isBase64Encoded"]),
        (&json!("{\"action\":\"x\"}"), &json!(false))
    );
    let context = message["requestContext"].take();
    assert_eq!(
        (&context["routeKey"], &context["eventType"]),
        (&json!("$default"), &json!("MESSAGE"))
    );
    assert_eq!(context["authorizer"], authorizer);
    assert_eq!(context["connectedAt"], 1_000_000);

    let frame = CloseFrame { code: 4000.into(), reason: "bye".into() };
    client.0.close(Some(frame)).await.unwrap();
    let gone = api.event_of("connect").await["requestContext"].take();
    assert_eq!(gone["eventType"], "DISCONNECT");
    assert_eq!(
        (&gone["disconnectStatusCode"], &gone["disconnectReason"]),
        (&json!(4000), &json!("bye"))
    );
    let id = gone["connectionId"].as_str().unwrap();
    assert_eq!(api.manage(Method::POST, id, "x"), (410, json!({ "message": "Gone" })));
}
