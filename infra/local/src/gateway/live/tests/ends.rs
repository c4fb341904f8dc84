//! The end of a connection, and who is told of it.

use super::*;

#[tokio::test]
async fn closing_tells_the_clients_and_the_functions_and_waits_for_both() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    api.event_of("connect").await;
    let gateway = Arc::clone(&api.gateway);
    let closing = tokio::spawn(async move { gateway.close("The runner is stopping").await });
    assert_eq!(client.closed().await, Some((1001, "The runner is stopping".to_owned())));
    drop(client);
    timeout(PATIENCE, closing).await.unwrap().unwrap();
    let (_, event) = api.events.try_recv().unwrap();
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1001);
}
