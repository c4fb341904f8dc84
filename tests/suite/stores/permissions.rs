//! The permissions of the function, each of them used.

use serde_json::json;

use super::{ALL, ONE, bare, delete, full, put};
use crate::harness::{App, id_of, order, people};

/// Creates, replaces, reads, lists and deletes a store, and reads an order that is picked up at it.
pub async fn use_every_permission(app: &App) {
    let ops = app.ops().await;
    put(&ops, ONE, &full()).await.expect(201);
    put(&ops, ONE, &bare("High Street")).await.expect(200);
    ops.get(ONE).await.expect(200);
    ops.get(ALL).await.expect(200);
    app.client(people::store("m1", "s1")).await.get(ALL).await.expect(200);
    let mut body = order("m1", "c1");
    body["store"] = json!("s1");
    let id = id_of(&ops.create(&body).await.expect(201));
    let seen = ops.order(&id).await.expect(200);
    assert_eq!(seen["addresses"]["pickup_name"], "High Street");
    delete(&ops, ONE).await.expect(204);
}
