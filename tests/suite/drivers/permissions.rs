//! The permissions of the function, each of them used.

use serde_json::json;

use super::{delete, register, rounds, set_duty};
use crate::harness::{App, Stopped, id_of, order, people};

/// Registers, reads, lists, changes and deletes a driver, who sends positions and has an order for a
/// while, and brings another, whose customer looks.
pub async fn use_every_permission(app: &App, time: &Stopped) {
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "roster-1" })).await.expect(201);
    set_duty(&ops, "roster-1", &json!({ "on_duty": true })).await.expect(200);
    ops.patch("/drivers/roster-1", &json!({ "capacity": 2 })).await.expect(200);
    ops.get("/drivers").await.expect(200);
    ops.get("/drivers?on_duty=true").await.expect(200);
    for seconds in [0, 1] {
        let at = time.clock().now().plus_seconds(seconds);
        let body = json!({ "fixes": [{ "at": at, "lat": 51.5, "lng": -0.1 }] });
        ops.post("/drivers/roster-1/positions", &body).await.expect(200);
    }
    let near = ops.get("/drivers?near=51.5,-0.1").await.expect(200);
    assert_ne!(near["drivers"], json!([]));
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, "roster-1").await.expect(200);
    ops.unassign(&id, "a flat tyre").await.expect(200);
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, "roster-1").await.expect(200);
    ops.move_to(&id, "picked_up").await.expect(200);
    app.client(people::customer("m1", "c1")).await.order(&id).await.expect(200);
    ops.move_to(&id, "returning").await.expect(200);
    ops.move_to(&id, "returned").await.expect(200);
    delete(&ops, "roster-1").await.expect(204);
    rounds::use_every_permission(app, time).await;
}
