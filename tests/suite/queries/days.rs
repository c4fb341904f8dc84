//! Lists that are read day by day, with pages of every size.

use serde_json::Value;

use super::question::Question;
use super::walk::walk;
use crate::harness::chance::Seed;
use crate::harness::{App, Stopped, id_of, order, people};

/// The number of orders on each day.
const DAYS: [usize; 7] = [3, 1, 0, 4, 0, 0, 2];

async fn check(shards: &str) {
    let (time, seed) = (Stopped::now(), Seed::of("QUERIES_SEED"));
    let app = App::start_with(|options| {
        options.clock = time.clock();
        shards.clone_into(&mut options.order_shards);
    })
    .await;
    let from = time.clock().now().day();
    let mut placed = Vec::new();
    for orders in DAYS {
        let ops = app.ops().await;
        for _ in 0..orders {
            placed.push(ops.create(&order("m1", "c1")).await.expect(201));
        }
        time.forward(24 * 60 * 60);
    }
    let ops = app.ops().await;
    for direction in ["oldest", "newest"] {
        let query = format!("state=all&from={from}&order={direction}");
        let question = Question::new(people::ops(), &query);
        for limit in 1..=placed.len() {
            let walked = walk(&ops, &question, &mut seed.chance(), limit..=limit).await;
            assert_eq!(ids(&walked.expect("a list")), ids(&placed), "{direction} by {limit}");
        }
        placed.reverse();
    }
}

fn ids(orders: &[Value]) -> Vec<String> {
    orders.iter().map(id_of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_end_where_a_day_does() {
    check("1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_end_where_a_day_of_several_partitions_does() {
    check("3").await;
}
