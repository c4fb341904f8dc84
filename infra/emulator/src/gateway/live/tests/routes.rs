//! The function that a message is routed to, and its response.

use super::*;

#[tokio::test]
async fn the_action_chooses_the_route_and_the_route_whether_there_is_a_response() {
    let mut api = api(|name, event| match name {
        "silent" => Ok(json!({ "statusCode": 200, "body": "never sent" })),
        "message" if event["body"] == "fail" => Err("no"),
        _ => friendly(name, event),
    })
    .await;
    let mut client = api.connect().await.unwrap();
    client.send(Message::text("{\"action\":\"quiet\"}")).await;
    assert_eq!(api.event_of("silent").await["requestContext"]["routeKey"], "quiet");
    for other in ["{\"action\":\"$connect\"}", "{\"action\":7}", "[]", "no json"] {
        client.send(Message::text(other)).await;
        assert_eq!(client.next().await, Message::text(other));
    }
    client.send(Message::binary(vec![0xff])).await;
    assert_eq!(client.next().await, Message::text("/w=="));
    client.send(Message::text("fail")).await;
    let error = client.next_json().await;
    assert_eq!(error["message"], "Internal server error");
    assert!(error["connectionId"].is_string() && error["requestId"].is_string());
}
