//! The mapping as a background task.

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::*;

#[tokio::test]
async fn running_is_woken_by_a_commit_and_ends_at_shutdown() {
    let Fixture { db, mapping, .. } = fixture(|_| {}).await;
    let (invoked, mut was_invoked) = mpsc::unbounded_channel();
    let invoke = move |event: Value| {
        invoked.send(ids(&event)).unwrap();
        std::future::ready(Ok::<_, &str>(Value::Null))
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(mapping.run(invoke, |_| (), async { stopped.await.unwrap() }));
    for id in ["a", "b"] {
        put(&db, id).await;
        let seen = timeout(Duration::from_secs(10), was_invoked.recv()).await;
        assert_eq!(seen.unwrap().as_deref(), Some(id));
    }
    stop.send(()).unwrap();
    timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
}
