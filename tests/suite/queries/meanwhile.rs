//! Orders that two reads of one page find, because they moved between the reads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use clock::Clock;
use emulator::transport::Call;
use serde_json::Value;

use super::stack::Stack;
use crate::harness::{App, Client, DEADLINE, eventually, id_of, order, stored};

/// A gate that holds a call back until something else is done.
struct Gate {
    held: Arc<AtomicUsize>,
    open: Sender<()>,
}

impl Gate {
    /// Returns the gate, and the function in which the call waits.
    fn new() -> (Self, impl Fn() + Send + Sync + 'static) {
        let (open, opened): (_, Receiver<()>) = mpsc::channel();
        let (held, opened) = (Arc::new(AtomicUsize::new(0)), Mutex::new(opened));
        let count = Arc::clone(&held);
        let wait = move || {
            count.fetch_add(1, Ordering::SeqCst);
            let opened = opened.lock().expect("no other waits");
            tokio::task::block_in_place(|| opened.recv_timeout(DEADLINE)).expect("in time");
        };
        (Self { held, open }, wait)
    }

    /// Completes `done` while the call is held back, and releases the call.
    async fn meanwhile(self, done: impl Future<Output = ()>) {
        eventually("the call is made", async || self.held.load(Ordering::SeqCst) > 0).await;
        done.await;
        self.open.send(()).expect("somebody who waits");
    }
}

/// Returns the last digit of the partition that a query reads.
fn shard(call: &Call) -> Option<u32> {
    let partition = &call.request["ExpressionAttributeValues"][":partition"]["S"];
    partition.as_str()?.chars().last()?.to_digit(10)
}

/// Returns the partition of an order among `shards`, from the last 16 bits of its id.
fn shard_of(id: &str, shards: u32) -> u32 {
    u32::from_str_radix(&id[id.len() - 4..], 16).expect("hexadecimal digits") % shards
}

/// Creates orders, and cancels them again unless `in_shard` accepts the id, until there are
/// `count`. Returns their ids, oldest first.
async fn place(app: &App, count: usize, in_shard: impl Fn(&str) -> bool) -> Vec<String> {
    let ops = app.ops().await;
    let mut placed = Vec::new();
    while placed.len() < count {
        let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
        if in_shard(&id) {
            placed.push(id);
        } else {
            ops.move_to(&id, "cancelled").await.expect(200);
        }
    }
    placed
}

async fn list(ops: &Client, query: &str) -> Vec<String> {
    let page: Value = ops.get(&format!("/orders?{query}")).await.expect(200);
    assert_eq!(page["next"], Value::Null);
    page["orders"].as_array().expect("a list").iter().map(id_of).collect()
}

/// One of two partitions is empty, so the page reads the other partition twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_left_and_came_back_comes_once() {
    let app = App::start_with(|options| "2".clone_into(&mut options.order_shards)).await;
    let ops = app.ops().await;
    let placed = place(&app, 30, |id| shard_of(id, 2) == 0).await;
    let (gate, wait) = Gate::new();
    let reads = AtomicUsize::new(0);
    app.faults.inject(move |call| {
        let is_read = call.operation() == "Query" && shard(call) == Some(0);
        if is_read && reads.fetch_add(1, Ordering::SeqCst) == 1 {
            wait();
        }
        None
    });
    let leave_and_come_back = async {
        ops.assign(&placed[0], "d1").await.expect(200);
        ops.unassign(&placed[0], "on foot").await.expect(200);
    };
    let (listed, ()) = futures_util::join!(
        list(&ops, "status=created&order=oldest&limit=40"),
        gate.meanwhile(leave_and_come_back),
    );
    assert_eq!(listed, placed);
}

/// An order keeps its partition in all indexes but the one by status.
#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_partitions_moves_no_order() {
    let (stack, clock) = (Stack::new(), Clock::system());
    let app = stack.start("4", clock.clone()).await;
    let placed = place(&app, 1, |id| shard_of(id, 4) >= 2).await;
    let shard = shard_of(&placed[0], 4).to_string();
    app.runner.shutdown().await;

    let app = stack.start("4,2", clock).await;
    let ops = app.ops().await;
    ops.assign(&placed[0], "d1").await.expect(200);
    let heads = stored::items(&app, "OrdersTable").await;
    let head = heads.iter().find(|head| stored::text(head, "order_id") == placed[0]).unwrap();
    assert_eq!(stored::text(head, "open"), shard);
    assert!(stored::text(head, "day").ends_with(&format!("#{shard}")));
    assert_eq!(stored::text(head, "status_shard"), format!("driver_assigned#{shard}"));
    assert_eq!(list(&ops, "limit=3").await, placed);
}
