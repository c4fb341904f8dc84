//! Orders that race for a driver.

use emulator::transport::Fault;
use futures_util::future::join_all;

use super::{on_duty, orders_of, set_duty};
use crate::harness::{App, Client, id_of, order, people, stored};
use serde_json::json;

/// The number of orders that race.
const ORDERS: usize = 16;

/// The number of orders that a driver can have.
const CAPACITY: u8 = 5;

async fn place_orders(merchant: &Client) -> Vec<String> {
    let body = order("m1", "c1");
    let created = (0..ORDERS).map(|_| async { id_of(&merchant.create(&body).await.expect(201)) });
    join_all(created).await
}

/// Assigns all orders to one driver at once: as many succeed as there is room for, and the others
/// are told why not.
async fn race(app: &App, trouble: impl FnOnce(&App)) {
    on_duty(app, "d1", CAPACITY).await;
    let merchant = app.client(people::merchant("m1")).await;
    let orders = place_orders(&merchant).await;
    trouble(app);
    let answers = join_all(orders.iter().map(|id| merchant.assign(id, "d1"))).await;
    app.faults.clear();
    let mut taken = Vec::new();
    for (id, answer) in orders.iter().zip(&answers) {
        stored::checked(app, id).await;
        if answer.status == 200 {
            taken.push(id.clone());
        } else {
            answer.problem(409, "driver-unavailable");
        }
    }
    taken.sort();
    assert_eq!(taken.len(), usize::from(CAPACITY));
    assert_eq!(orders_of(app, "d1").await, taken);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_orders_that_race_for_a_driver_as_many_are_assigned_as_there_is_room_for() {
    race(&App::start().await, |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_race_ends_the_same_under_conflicts() {
    race(&App::start().await, |app| app.fail_one_in(3, Fault::transaction_conflict)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_race_ends_the_same_when_answers_are_lost() {
    race(&App::start().await, |app| app.fail_one_in(2, |_| Fault::LoseResponse)).await;
}

/// A driver who is off duty has no order that was assigned at the same time, in either order of the
/// two requests.
#[tokio::test(flavor = "multi_thread")]
async fn a_duty_that_ends_and_an_assignment_exclude_each_other() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    on_duty(&app, "d1", 20).await;
    let own = app.client(people::driver("d1")).await;
    for id in place_orders(&merchant).await {
        let off = json!({ "on_duty": false });
        let (assigned, ended) =
            tokio::join!(merchant.assign(&id, "d1"), set_duty(&own, "d1", &off));
        assert_ne!(assigned.status == 200, ended.status == 200, "{assigned:?} {ended:?}");
        if assigned.status == 200 {
            ended.problem(409, "driver-busy");
            merchant.unassign(&id, "the next round").await.expect(200);
        } else {
            assigned.problem(409, "driver-unavailable");
            set_duty(&own, "d1", &json!({ "on_duty": true })).await.expect(200);
        }
    }
}
