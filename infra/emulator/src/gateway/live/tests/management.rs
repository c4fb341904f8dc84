//! `@connections`.

use super::*;

#[tokio::test]
async fn functions_post_to_connections_look_at_them_and_close_them() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    let event = api.event_of("connect").await;
    let id = event["requestContext"]["connectionId"].as_str().unwrap();

    assert_eq!(api.manage(Method::POST, id, "hello"), (200, Value::Null));
    assert_eq!(client.next().await, Message::text("hello"));
    let large = vec![b'x'; 128 * 1024];
    assert_eq!(api.manage(Method::POST, id, large.clone()).0, 200);
    assert_eq!(client.next().await.len(), large.len());
    assert_eq!(api.manage(Method::POST, id, vec![b'x'; 128 * 1024 + 1]).0, 413);

    let (status, description) = api.manage(Method::GET, id, "");
    assert_eq!(status, 200);
    assert_eq!(description["connectedAt"], "1970-01-01T00:16:40.000Z");
    assert_eq!(description["identity"]["sourceIp"], "127.0.0.1");

    assert_eq!(api.manage(Method::POST, id, "last").0, 200);
    assert_eq!(api.manage(Method::DELETE, id, ""), (204, Value::Null));
    assert_eq!(api.manage(Method::DELETE, id, "").0, 410);
    assert_eq!(client.next().await, Message::text("last"));
    assert_eq!(client.closed().await.unwrap().0, 1000);
    assert_eq!(api.manage(Method::GET, "unknown", "").0, 410);
}
