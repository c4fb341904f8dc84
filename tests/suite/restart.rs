//! Guarantee 10: a restart loses nothing that was acknowledged.

use emulator::dynamodb::Storage;
use random::random_uuid;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{App, Client, Process, TEMPLATE, order, people, storage, stored};

/// The parts of a deployment that outlive a runner.
struct Deployment {
    _folder: TempDir,
    storage: Storage,
    stack: String,
    /// The port stays the same too, because the runner's address is the issuer of its tokens. The
    /// first start picks it.
    port: u16,
}

impl Deployment {
    fn on_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::File(folder.path().join("dynamodb.sqlite"));
        let stack = format!("t{}", random_uuid().simple());
        Self { _folder: folder, storage, stack, port: 0 }
    }

    /// Uses a file, or the DynamoDB that the suite runs on.
    fn on_file_or_endpoint() -> Self {
        match storage() {
            storage @ Storage::Endpoint(_) => Self { storage, ..Self::on_file() },
            Storage::File(_) | Storage::Memory => Self::on_file(),
        }
    }

    async fn start(&mut self) -> App {
        let app = App::start_with(|options| {
            options.storage = self.storage.clone();
            options.stack.clone_from(&self.stack);
            options.port = self.port;
        })
        .await;
        self.port = app.runner.http_url().rsplit(':').next().unwrap().parse().unwrap();
        app
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_histories_details_and_keys_survive_and_life_goes_on() {
    let mut deployment = Deployment::on_file_or_endpoint();
    let app = deployment.start().await;
    let ops = app.ops().await;
    let created = ops.keyed(Method::POST, "/orders", "k1", &order("m1", "c1")).await.expect(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let (assign, driver) = (format!("/orders/{id}/assign"), json!({ "driver": "d1" }));
    let assigned = ops.keyed(Method::POST, &assign, "k2", &driver).await.expect(200);
    let read = async |ops: &Client| {
        let (order, history, list) =
            futures_util::join!(ops.order(&id), ops.history(&id), ops.get("/orders"),);
        [order.expect(200), history.expect(200), list.expect(200)]
    };
    let before = read(&ops).await;
    app.runner.shutdown().await;

    let app = deployment.start().await;
    let ops = app.ops().await;
    assert_eq!(read(&ops).await, before);
    let again = ops.keyed(Method::POST, "/orders", "k1", &order("m1", "c1")).await;
    assert_eq!(again.expect(201), created);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = ops.keyed(Method::POST, &assign, "k2", &driver).await;
    assert_eq!(again.expect(200), assigned);
    assert_eq!(again.header("idempotent-replayed"), "true");

    let mut watching = app.live(&ops).await;
    watching.subscribe("orders").await;
    ops.move_to(&id, "picked_up").await.expect(200);
    let received = watching.events(1).await;
    assert_eq!((&received[0]["order_id"], &received[0]["version"]), (&json!(id), &json!(3)));
    assert_eq!(stored::checked(&app, &id).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_cursors_survive_in_the_data_folder() {
    let mut deployment = Deployment::on_file();
    let app = deployment.start().await;
    let ops = app.ops().await;
    let (first, second) = (app.place_order().await, app.place_order().await);
    let page = ops.get("/orders?limit=1").await.expect(200);
    let cursor = page["next"].as_str().unwrap();
    app.runner.shutdown().await;

    let app = deployment.start().await;
    let rest = ops.get(&format!("/orders?limit=1&cursor={cursor}")).await.expect(200);
    let mut listed = [&page, &rest].map(|page| page["orders"][0]["id"].as_str().unwrap());
    let mut placed = [first.as_str(), second.as_str()];
    listed.sort_unstable();
    placed.sort_unstable();
    assert_eq!(listed, placed);
    app.live(&ops).await.subscribe("orders").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_runner_on_a_folder_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Process::serve(folder.path());
    let ops = Client::login(&first.http_url().await, &people::ops()).await;

    let mut second = Process::serve(folder.path());
    let (code, errors) = second.end().await;
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("another runner is using"), "{errors}");
    assert!(errors.contains("dynamodb.sqlite: stop it"), "{errors}");
    ops.create(&order("m1", "c1")).await.expect(201);

    // A killed runner leaves no lock behind.
    first.kill().await;
    Process::serve(folder.path()).http_url().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_runner_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(TEMPLATE, folder.path().join("template.yaml")).unwrap();
    let mut runner = Process::start(folder.path(), &["--port", "0", "--memory"]);
    let ops = Client::login(&runner.http_url().await, &people::ops()).await;
    ops.create(&order("m1", "c1")).await.expect(201);
    let files = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    assert_eq!(files(), ["template.yaml"]);
    runner.terminate();
    runner.end().await;
    assert_eq!(files(), ["template.yaml"]);
}
