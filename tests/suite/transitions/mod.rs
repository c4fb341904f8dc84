//! The response of every operation to everybody about an order in every status, over HTTP:
//! thousands of rows, which follow from a handwritten table for each workflow, and from a table
//! of the changes that all workflows share.

mod alike;
mod courier;
mod crowd;
mod grocery;
mod parcel;
mod scene;
mod table;

use futures_util::{StreamExt, stream};

use self::courier::COURIER;
use self::crowd::{Crowd, PEOPLE};
use self::grocery::GROCERY;
use self::parcel::PARCEL;
use self::scene::Scene;
use self::table::{Ask, Table};
use crate::harness::App;
use crate::harness::chance::{Seed, share};

/// The number of statuses that are tried at once.
const AT_ONCE: usize = 8;

/// Sends every request in every status as the people of the crowd, or as a share of them that
/// is drawn for each status. Returns the number of rows.
async fn check(table: &Table) -> usize {
    let app = App::start().await;
    let (ops, crowd) = (app.ops().await, Crowd::of(&app).await);
    let asks = Ask::all(table);
    let seed = Seed::of("TRANSITIONS_SEED");
    let mut chance = seed.chance();
    let rows = stream::iter(Scene::all(table)).map(|scene| {
        let (app, ops, asks) = (&app, &ops, &asks);
        let asking = crowd.draw(share(PEOPLE), &mut chance);
        async move {
            let mut subject = scene.place(ops).await;
            for who in &asking {
                for ask in asks {
                    if subject.check(&scene, who, ask).await {
                        subject.check_stored(app).await;
                        subject = scene.place(ops).await;
                    }
                }
            }
            subject.check_stored(app).await;
            asking.len() * asks.len()
        }
    });
    rows.buffer_unordered(AT_ONCE).fold(0, async |sum, rows| sum + rows).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_order_answers_as_its_table_says() {
    assert_eq!(check(&COURIER).await, 18 * share(PEOPLE) * (10 + 22 + 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grocery_order_answers_as_its_table_says() {
    assert_eq!(check(&GROCERY).await, 18 * share(PEOPLE) * (17 + 22 + 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_answers_as_its_table_says() {
    assert_eq!(check(&PARCEL).await, 9 * share(PEOPLE) * (9 + 22 + 4));
}
