//! What Waybill may cost.

use waybill::costs::Costs;
use waybill::dynamodb::Storage;

use crate::harness::App;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");

/// What each step may consume, of the reference order: write request units, read
/// request units, and in how many requests that write.
const BUDGETS: [(&str, f64, f64, u64); 8] = [
    ("create", 13.0, 0.0, 1),
    ("create with an external_id", 15.0, 0.0, 1),
    ("assign", 7.0, 1.0, 1),
    ("transition of an open order", 6.0, 1.0, 1),
    ("close an assigned order", 10.0, 1.0, 1),
    ("close an order without a driver", 9.0, 1.0, 1),
    ("a page of 50 open orders", 0.0, 27.0, 0),
    ("a life: create, assign, pick up, transit, deliver", 42.0, 4.0, 5),
];

/// What one life is charged for beside request units.
const CHARGED: [(&str, f64); 4] = [
    ("HTTP API requests", 1.0 + 4.0 + 20.0),
    // Each watcher subscribes, is answered, and hears of four changes.
    ("WebSocket messages", 2.0 * (1.0 + 1.0 + 4.0)),
    ("WebSocket connection minutes", 2.0 * 45.0),
    // 25 over HTTP; authorise, connect, subscribe and disconnect twice; relay 5 times.
    ("Lambda invocations", 25.0 + 2.0 * 4.0 + 5.0),
];

/// On the embedded database alone: `DynamoDB` Local counts what a transaction
/// writes to an index twice.
#[tokio::test(flavor = "multi_thread")]
async fn every_step_keeps_to_its_budget() {
    let app = App::start_with(|options| options.storage = Storage::Memory).await;
    let costs = Costs::measure(&app.runner).await.expect("costs");
    println!("{costs}");
    assert_eq!(costs.steps.len(), BUDGETS.len());
    for (step, (what, writes, reads, write_requests)) in costs.steps.iter().zip(BUDGETS) {
        assert_eq!(step.what, what);
        assert_eq!((step.budget.writes, step.budget.reads), (writes, reads), "{what}");
        assert!(step.consumed.writes <= writes, "{what}: {step:?}");
        assert!(step.consumed.reads <= reads, "{what}: {step:?}");
        assert_eq!(step.write_requests, write_requests, "{what}");
    }
    assert_eq!(costs.over_budget().count(), 0);
    let readme = std::fs::read_to_string(README).expect("README.md");
    for table in [costs.budgets().to_string(), costs.bill.to_string()] {
        assert!(readme.contains(&table), "README.md lacks this table:\n{table}");
    }
    for (what, count) in CHARGED {
        let item = costs.bill.0.iter().find(|item| item.what == what);
        assert_eq!(item.map(|item| item.count), Some(count), "{what}");
    }
}
