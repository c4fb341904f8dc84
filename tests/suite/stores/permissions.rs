//! The permissions of the function, each of them used.

use super::{ALL, ONE, bare, delete, full, put};
use crate::harness::{App, people};

/// Creates, replaces, reads, lists and deletes a store.
pub async fn use_every_permission(app: &App) {
    let ops = app.ops().await;
    put(&ops, ONE, &full()).await.expect(201);
    put(&ops, ONE, &bare("High Street")).await.expect(200);
    ops.get(ONE).await.expect(200);
    ops.get(ALL).await.expect(200);
    app.client(people::store("m1", "s1")).await.get(ALL).await.expect(200);
    delete(&ops, ONE).await.expect(204);
}
