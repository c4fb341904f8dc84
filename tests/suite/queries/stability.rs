//! Lists that are read page by page while others write: an order that matches during the whole
//! walk is on exactly one page.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use clock::Clock;
use futures_util::future::join_all;
use futures_util::join;

use super::question::Question;
use super::walk::walk;
use crate::harness::chance::{Chance, Seed};
use crate::harness::{App, Client, id_of, order, people};

/// The number of orders of each kind.
const ORDERS: usize = 20;

/// The number of moves of each moving order.
const MOVES: usize = 6;

/// Orders of one merchant, by what happens to them.
struct Scene {
    /// Created, and never moved.
    staying: Vec<String>,
    /// Assigned and unassigned repeatedly: always open.
    moving: Vec<String>,
    /// Cancelled one after another.
    leaving: Vec<String>,
    /// Cancelled before the walks.
    closed: Vec<String>,
    /// The number of changes during the walks.
    changes: AtomicUsize,
    is_over: AtomicBool,
}

async fn place(ops: &Client) -> String {
    id_of(&ops.create(&order("m1", "c1")).await.expect(201))
}

impl Scene {
    async fn set(ops: &Client) -> Self {
        let some = async || join_all((0..ORDERS).map(|_| place(ops))).await;
        // The staying orders lie between the others.
        let (leaving, staying) = (some().await, some().await);
        let (moving, closed) = (some().await, some().await);
        for response in join_all(closed.iter().map(|id| ops.move_to(id, "cancelled"))).await {
            response.expect(200);
        }
        let (changes, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { staying, moving, leaving, closed, changes, is_over }
    }

    /// Makes all changes that happen during the walks.
    async fn go_on(&self, ops: &Client) {
        let changed = || self.changes.fetch_add(1, Ordering::SeqCst);
        let moving = async {
            for n in 0..MOVES {
                for id in &self.moving {
                    let moved = match n % 2 {
                        0 => ops.assign(id, "d1").await,
                        _ => ops.unassign(id, "on foot").await,
                    };
                    moved.expect(200);
                    changed();
                }
            }
        };
        let leaving = async {
            for id in &self.leaving {
                ops.move_to(id, "cancelled").await.expect(200);
                changed();
            }
        };
        let coming = async {
            for _ in 0..ORDERS {
                place(ops).await;
                changed();
            }
        };
        join!(moving, leaving, coming);
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Walks a list repeatedly until the changes are over.
    async fn check(&self, list: &List, client: &Client, mut chance: Chance) {
        let mut disturbed = 0;
        while !self.is_over.load(Ordering::SeqCst) {
            let before = self.changes.load(Ordering::SeqCst);
            let walked = walk(client, &list.question, &mut chance, 1..=9).await.expect("a list");
            disturbed += usize::from(self.changes.load(Ordering::SeqCst) > before);
            let mut times = BTreeMap::new();
            for order in &walked {
                *times.entry(id_of(order)).or_insert(0) += 1;
            }
            for id in list.stays.iter().flat_map(|part| part(self)) {
                assert_eq!(times.get(id), Some(&1), "{id} in {:?}", list.question);
            }
            let again = times.iter().find(|(_, times)| **times > 1);
            assert!(again.is_none() || list.lets_back, "{again:?} in {:?}", list.question);
        }
        assert!(disturbed > 0, "nothing happened meanwhile: {:?}", list.question);
    }
}

/// A list, and the orders that match during any whole walk.
struct List {
    question: Question,
    stays: Vec<fn(&Scene) -> &[String]>,
    /// True if orders leave the list and return to another place in it.
    lets_back: bool,
}

fn lists(yesterday: &str) -> Vec<List> {
    let [staying, moving, leaving, closed]: [fn(&Scene) -> &[String]; 4] =
        [|it| &it.staying, |it| &it.moving, |it| &it.leaving, |it| &it.closed];
    let (open, all) = (vec![staying, moving], vec![staying, moving, leaving, closed]);
    let list = |query: &str, stays: &[_], lets_back| {
        let (question, stays) = (Question::new(people::ops(), query), stays.to_vec());
        List { question, stays, lets_back }
    };
    vec![
        list("", &open, false),
        list("order=oldest", &open, false),
        list("merchant=m1&customer=c1", &open, false),
        list("status=created&status=driver_assigned", &open, false),
        list("status=created", &[staying], true),
        list("status=created&order=oldest", &[staying], true),
        list("state=all&merchant=m1", &all, false),
        list("state=all&merchant=m1&status=created", &[staying], false),
        list(&format!("state=all&from={yesterday}"), &all, false),
        list(&format!("state=all&from={yesterday}&order=oldest"), &all, false),
        list("state=closed&status=cancelled", &[closed], false),
        list("state=closed&status=cancelled&status=failed&order=oldest", &[closed], false),
        list(&format!("closed_from={yesterday}"), &[closed], false),
        list(&format!("closed_from={yesterday}&merchant=m1&order=oldest"), &[closed], false),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_matches_for_a_whole_walk_comes_exactly_once() {
    let seed = Seed::of("QUERIES_SEED");
    let mut chance = seed.chance();
    let app = App::start_with(|options| "3".clone_into(&mut options.order_shards)).await;
    let ops = app.ops().await;
    let scene = Scene::set(&ops).await;
    let yesterday = Clock::system().now().plus_seconds(-24 * 60 * 60).day();
    let lists = lists(&yesterday);
    let walks = lists.iter().map(|list| scene.check(list, &ops, chance.fork()));
    join!(scene.go_on(&ops), join_all(walks));
}
