//! The end of a connection, and the notification about it.

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

#[tokio::test]
async fn the_end_of_a_connection_can_be_lost() {
    let mut api = api(friendly).await;
    let mut ids = Vec::new();
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(api.connect().await.unwrap());
        let event = api.event_of("connect").await;
        ids.push(event["requestContext"]["connectionId"].as_str().unwrap().to_owned());
    }
    let lost = ids[0].clone();
    api.faults.lose_disconnects(move |id| id == lost);
    for mut client in clients {
        client.0.close(None).await.unwrap();
        while client.0.next().await.is_some() {}
    }
    timeout(PATIENCE, api.gateway.close("after both ends")).await.unwrap();
    assert_eq!(api.end().await["requestContext"]["connectionId"], ids[1].as_str());
    assert!(api.events.try_recv().is_err(), "the end that was lost is told after all");
    for id in ids {
        assert_eq!(api.manage(Method::POST, &id, "x").0, 410);
    }
}
