//! Thousands of orders and queries, each of which must agree with the model.

use futures_util::future::join_all;
use serde_json::Value;

use super::model::{self, Expected};
use super::question::{Question, everybody};
use super::stack::Stack;
use super::walk::walk;
use super::world::World;
use crate::harness::chance::{Chance, Seed, share};
use crate::harness::{App, Client, id_of};

/// The number of orders of each test if there are all of them, and a third of it otherwise: lists have
/// pages then too.
const ORDERS: usize = 672;

/// The number of queries of each test if it makes all of them, several at once.
const QUESTIONS: usize = 684;
const AT_ONCE: usize = 2;

/// The approximate maximum number of pages of a list, so that long lists do not take all the
/// time.
const PAGES: usize = 10;

/// A client for each person.
struct Crowd(Vec<(Value, Client)>);

impl Crowd {
    async fn of(app: &App) -> Self {
        let login = async |person: Value| (person.clone(), app.client(person).await);
        Self(join_all(everybody().map(login)).await)
    }

    fn client(&self, question: &Question) -> &Client {
        let found = self.0.iter().find(|(person, _)| *person == question.person);
        &found.expect("a client").1
    }
}

fn ids<'o>(orders: impl IntoIterator<Item = &'o Value>) -> Vec<String> {
    orders.into_iter().map(|order| format!("{} {}", id_of(order), order["version"])).collect()
}

/// Makes a query and compares the whole list with the model; returns the number of its orders.
async fn check(world: &World, crowd: &Crowd, question: &Question, mut chance: Chance) -> usize {
    let expected = model::response(question, &world.orders, world.time.clock().now());
    let least = match &expected {
        Expected::Orders(orders) => orders.len().div_ceil(PAGES).clamp(1, 100),
        Expected::Forbidden | Expected::Wrong(_) => 1,
    };
    // Half of the walks have small pages, because errors of paging show there.
    let most = chance.pick(&[100, 2 * least]).min(100);
    let found = walk(crowd.client(question), question, &mut chance, least..=most).await;
    match (found, expected) {
        (Ok(found), Expected::Orders(expected)) => {
            assert_eq!(ids(&found), ids(expected), "{question:?}");
            found.len()
        }
        (Err(response), Expected::Forbidden) => {
            assert!(response.is_problem(403, "forbidden"), "{question:?}: {response:?}");
            0
        }
        (Err(response), Expected::Wrong(parameter)) => {
            assert!(response.is_problem(422, "invalid-fields"), "{question:?}: {response:?}");
            let pointer = &response.json()["errors"][0]["pointer"];
            assert_eq!(*pointer, format!("?{parameter}"), "{question:?}");
            0
        }
        (found, expected) => {
            panic!("{question:?} was answered {found:?} instead of {expected:?}")
        }
    }
}

async fn check_all(app: &App, world: &World, chance: &mut Chance, questions: usize) {
    let crowd = Crowd::of(app).await;
    let mut lanes: Vec<_> = (0..AT_ONCE).map(|_| chance.fork()).collect();
    let now = world.time.clock().now();
    let ask = async |chance: &mut Chance| {
        let mut listed = 0;
        for _ in 0..questions / AT_ONCE {
            let question = Question::random(chance, &world.orders, now);
            listed += check(world, &crowd, &question, chance.fork()).await;
        }
        listed
    };
    let listed: usize = join_all(lanes.iter_mut().map(ask)).await.into_iter().sum();
    assert!(listed > questions, "hardly any orders were asked for: {listed}");
}

/// Checks lists of orders that were all written with this number of partitions.
async fn check_shards(shards: &str) {
    let seed = Seed::of("QUERIES_SEED");
    let (mut chance, mut world) = (seed.chance(), World::new());
    let app = App::start_with(|options| {
        options.clock = world.time.clock();
        shards.clone_into(&mut options.order_shards);
    })
    .await;
    world.grow(&app, &mut chance, share(2 * ORDERS).min(ORDERS)).await;
    check_all(&app, &world, &mut chance, share(QUESTIONS)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_what_the_model_says_with_one_partition() {
    check_shards("1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_what_the_model_says_with_several_partitions() {
    check_shards("3").await;
}

/// Orders written before the number of partitions changed stay in the lists, wherever their next
/// change writes them.
#[tokio::test(flavor = "multi_thread")]
async fn lists_are_what_the_model_says_when_the_number_of_partitions_changes() {
    let seed = Seed::of("QUERIES_SEED");
    let (mut chance, mut world) = (seed.chance(), World::new());
    let stack = Stack::new();
    for (shards, part) in [("4", 1), ("4,2", 2), ("4,2,7", 3)] {
        let app = stack.start(shards, world.time.clock()).await;
        world.grow(&app, &mut chance, share(2 * ORDERS).min(ORDERS) * part / 3).await;
        check_all(&app, &world, &mut chance, share(QUESTIONS) / 3).await;
        app.runner.shutdown().await;
    }
}
