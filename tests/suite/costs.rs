//! The cost budgets of Waybill.

use std::fmt::Display;
use std::path::Path;

use bench::costs::{CONNECTIONS_PER_PRINCIPAL, Costs, Scale, StepCosts, SweepCosts, WebhookCosts};
use emulator::dynamodb::Storage;
use serde_json::Value;

use crate::harness::{App, Live, TEMPLATE, eventually, people};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/explanation/costs.md");

/// The numbers of open and of closed orders that `bench scale` writes.
const FULL_SCALE: (u64, u64) = (10_000, 100_000);

/// The budget of each step of the reference order: write request units, read request units, and
/// the number of requests that write.
const BUDGETS: [(&str, f64, f64, u64); 19] = [
    ("create", 13.0, 0.5, 1),
    ("assign", 7.0, 2.5, 1),
    ("pick up", 6.0, 1.0, 1),
    ("transit", 6.0, 1.0, 1),
    ("close an assigned order", 11.0, 1.0, 1),
    ("create with an external_id", 15.0, 0.5, 1),
    ("close an order without a driver", 10.0, 1.0, 1),
    ("assign a registered driver", 9.0, 2.0, 1),
    ("close an order of a registered driver", 13.0, 1.0, 1),
    ("offer to three drivers", 8.0, 4.5, 4),
    ("accept", 10.0, 2.0, 1),
    ("a life: create, assign, pick up, transit, deliver", 43.0, 6.0, 5),
    ("the same life with a registered driver", 47.0, 5.5, 5),
    ("the same life with an offer to three drivers", 56.0, 10.0, 9),
    ("a page of 50 open orders", 0.0, 27.0, 0),
    ("a page of 50 open orders of a merchant", 0.0, 27.0, 0),
    ("a page of 50 orders closed in a period", 0.0, 28.5, 0),
    ("the same of one status", 0.0, 27.0, 0),
    ("the same of a merchant", 0.0, 27.0, 0),
];

/// The read request units that a page of 50 open orders may consume, by number of shards.
const PAGE_BUDGETS: [(u16, f64); 3] = [(1, 27.0), (4, 28.5), (16, 34.5)];

/// The charges of one order's life besides request units.
const CHARGED: [(&str, f64); 4] = [
    ("HTTP API requests", 1.0 + 4.0 + 20.0),
    // Each watcher subscribes, receives the response, and receives four changes.
    ("WebSocket messages", 2.0 * (1.0 + 1.0 + 4.0)),
    ("WebSocket connection minutes", 2.0 * 45.0),
    // 25 over HTTP; authorise, connect, subscribe and disconnect twice; relay and outbox 5 times.
    ("Lambda invocations", 25.0 + 2.0 * 4.0 + 5.0 + 5.0),
];

fn check_budgets(steps: &[StepCosts]) {
    assert_eq!(steps.len(), BUDGETS.len());
    for (step, (what, writes, reads, write_requests)) in steps.iter().zip(BUDGETS) {
        assert_eq!(step.what, what);
        assert_eq!((step.budget.writes, step.budget.reads), (writes, reads), "{what}");
        assert!(step.consumed.writes <= writes, "{what}: {step:?}");
        assert!(step.consumed.reads <= reads, "{what}: {step:?}");
        assert_eq!(step.write_requests, write_requests, "{what}");
    }
}

fn check_page<const N: usize>(tables: [&dyn Display; N]) {
    let page = std::fs::read_to_string(PAGE).expect("docs/explanation/costs.md");
    for table in tables {
        assert!(page.contains(&table.to_string()), "costs.md lacks this table:\n{table}");
    }
}

/// The write request units of a message's attempts: none for one that is accepted.
const ATTEMPTS: [f64; 5] = [0.0, 2.0, 1.0, 2.0, 3.0];

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_accepted_costs_no_write_and_a_failed_attempt_three_at_most() {
    let costs = WebhookCosts::measure(Path::new(TEMPLATE)).await.expect("costs");
    println!("{costs}");
    assert_eq!(costs.over_budget().count(), 0);
    assert_eq!(costs.0.len(), ATTEMPTS.len());
    for (step, writes) in costs.0.iter().zip(ATTEMPTS) {
        assert!(step.consumed.writes <= writes, "{step:?}");
    }
    check_page([&costs.attempts()]);
}

/// Runs on the embedded database only: `DynamoDB` Local counts the writes of a transaction to an
/// index twice.
#[tokio::test(flavor = "multi_thread")]
async fn every_step_keeps_to_its_budget() {
    let app = App::start_with(|options| {
        options.storage = Storage::Memory;
        options.connections_per_principal = CONNECTIONS_PER_PRINCIPAL;
    })
    .await;
    let costs = Costs::measure(&app.runner).await.expect("costs");
    println!("{costs}");
    check_budgets(&costs.steps);
    assert_eq!(costs.over_budget().count(), 0);
    check_page([&costs.budgets(), &costs.groceries(), &costs.bill]);
    for (what, count) in CHARGED {
        let item = costs.bill.0.iter().find(|item| item.what == what);
        assert_eq!(item.map(|item| item.count), Some(count), "{what}");
    }
}

/// A ticket, a connection with one topic, and its end, in write and read request units; with a
/// bound of connections per principal, and without one.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_costs_what_the_page_says() {
    for (bound, [ticket, connect, leave]) in [
        (CONNECTIONS_PER_PRINCIPAL, [(1.0, 1.0), (4.0, 0.0), (3.0, 0.0)]),
        (0, [(1.0, 0.0), (1.0, 0.0), (2.0, 0.0)]),
    ] {
        let app = App::start_with(|options| {
            options.storage = Storage::Memory;
            options.connections_per_principal = bound;
        })
        .await;
        let meter = app.runner.meter();
        let units = |function: &str| {
            let units = meter.so_far().units_of(function);
            (units.writes, units.reads)
        };
        let driver = app.client(people::driver("d1")).await;
        let issued = driver.post("/live/tickets", &Value::Null).await.expect(201);
        assert_eq!(units("live-tickets"), ticket, "{bound}");
        let url =
            format!("{}?ticket={}", app.runner.live_url(), issued["ticket"].as_str().unwrap());
        let mut live = Live::connect(&url, None).await.expect("a connection");
        // It deletes the ticket.
        assert_eq!((units("live-connect"), units("live-authorize").0), (connect, 1.0), "{bound}");
        live.subscribe("driver:d1").await;
        assert_eq!(units("live-message"), (4.0, 0.0), "{bound}");
        live.close().await;
        let all = (connect.0 + leave.0, connect.1 + leave.1);
        eventually("it is gone", async || units("live-connect") == all).await;
    }
}

/// The page has the table for ten thousand orders, in which each order consumes the same.
#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_order_is_read_once_and_committed_once() {
    let overdue = SweepCosts::measure(Path::new(TEMPLATE), 1_200).await.expect("a sweep");
    println!("{overdue}");
    assert_eq!(overdue.faults(), [""; 0]);
    check_page([&overdue.by_order()]);
}

/// As [`every_step_keeps_to_its_budget`], among more orders. The page has the table of `bench
/// scale`, which writes still more orders; the figures are the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_step_costs_does_not_depend_on_how_many_orders_there_are() {
    let mut scale = Scale::measure(Path::new(TEMPLATE), 2_000, 3_000).await.expect("costs");
    println!("{scale}");
    let sizes = scale.sizes.iter().map(|size| (size.open, size.closed));
    assert_eq!(sizes.collect::<Vec<_>>(), [(100, 0), (2_000, 0), (100, 3_000)]);
    for size in &scale.sizes {
        check_budgets(&size.steps);
        for (step, among_few) in size.steps.iter().zip(&scale.sizes[0].steps) {
            assert_eq!(step.consumed, among_few.consumed, "{}: {size:?}", step.what);
        }
    }
    assert_eq!(scale.pages.len(), PAGE_BUDGETS.len());
    for ((shards, page), (expected, reads)) in scale.pages.iter().zip(PAGE_BUDGETS) {
        assert_eq!((*shards, page.budget.reads), (expected, reads));
        assert!(page.consumed.reads <= reads, "{shards} shards: {page:?}");
    }
    assert_eq!(scale.faults(), [""; 0]);
    (scale.sizes[1].open, scale.sizes[2].closed) = FULL_SCALE;
    check_page([&scale.by_size(), &scale.by_shards()]);
}
