//! Tests of `waybill couriers`.

use std::path::Path;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{App, Client, Process, eventually, id_of, order, people};

/// The centre of the town, where courier-1 begins.
const CENTRE: (f64, f64) = (51.51, -0.13);

/// Starts this many couriers, and waits until all are on duty.
async fn couriers(number: &str, url: &str) -> Process {
    let arguments = ["couriers", number, "--url", url];
    let mut couriers = Process::logging(Path::new("."), &arguments, "info");
    couriers.logs("watching").await;
    couriers
}

/// Returns the next line that has these words.
async fn told(couriers: &mut Process, words: &str) -> String {
    loop {
        let line = couriers.line().await.expect("a line");
        if line.contains(words) {
            return line;
        }
    }
}

/// Creates an order between two places, each so many thousandths of a degree to the north and to
/// the east of the centre.
async fn place(merchant: &Client, pickup: (f64, f64), dropoff: (f64, f64)) -> String {
    let location = |(north, east): (f64, f64)| json!({ "lat": CENTRE.0 + north / 1000.0, "lng": CENTRE.1 + east / 1000.0 });
    let mut body = order("m1", "c1");
    body["addresses"] = json!({
        "pickup": { "text": "1 Mill Lane", "location": location(pickup) },
        "dropoff": { "text": "2 High Street", "location": location(dropoff) },
    });
    id_of(&merchant.create(&body).await.expect(201))
}

async fn offer(merchant: &Client, id: &str, drivers: &[&str]) {
    let body = json!({ "drivers": drivers });
    merchant.operate(id, "dispatch", &body).await.expect(200);
}

async fn duty(ops: &Client, driver: &str) -> Value {
    let driver = ops.get(&format!("/drivers/{driver}")).await.expect(200);
    assert_eq!(driver.get("merchant"), None);
    driver["on_duty"].clone()
}

async fn end(couriers: &mut Process) {
    let (code, errors) = couriers.end().await;
    assert_eq!(code, Some(0), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn couriers_deliver_an_order_that_is_offered_to_them() {
    let app = App::start().await;
    let (ops, merchant) = (app.ops().await, app.client(people::merchant("m1")).await);
    let mut running = couriers("2", &app.runner.http_url()).await;
    // The pickup is halfway between the couriers, and the drop-off near it.
    let id = place(&merchant, (2.15, -3.75), (2.0, -4.0)).await;
    offer(&merchant, &id, &["courier-1", "courier-2"]).await;
    let line = told(&mut running, &format!(" delivers order {id}")).await;
    let winner = line.split(' ').next().unwrap();
    let history = ops.history(&id).await.expect(200);
    let events = history["events"].as_array().unwrap();
    // The positions tell the order when the courier will come.
    let (facts, steps): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| event["actor"]["id"] == "positions");
    assert!(facts.iter().any(|event| event["type"] == "eta_changed"), "{facts:?}");
    let statuses: Vec<_> = steps.iter().map(|event| &event["status"]).collect();
    let expected =
        ["created", "created", "driver_assigned", "picked_up", "in_transit", "delivered"];
    assert_eq!(statuses, expected);
    for event in &steps[2..] {
        assert_eq!(event["actor"], json!({ "role": "driver", "id": winner }));
    }
    // The winner's last position is the drop-off.
    eventually("a position", async || {
        let list = ops.get("/drivers?near=51.512,-0.134").await.expect(200);
        let nearest = &list["drivers"][0];
        nearest["driver"] == winner && nearest["distance_m"].as_u64() < Some(20)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_has_the_same_couriers() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (number, at_work) in [("2", [true, true]), ("1", [true, false])] {
        let mut running = couriers(number, &app.runner.http_url()).await;
        let ids = ["courier-1", "courier-2"];
        assert_eq!([duty(&ops, ids[0]).await, duty(&ops, ids[1]).await], at_work);
        running.terminate();
        end(&mut running).await;
        assert_eq!([duty(&ops, ids[0]).await, duty(&ops, ids[1]).await], [false; 2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_with_an_order_stays_on_duty_and_goes_on_in_the_next_run() {
    let app = App::start().await;
    let (ops, merchant) = (app.ops().await, app.client(people::merchant("m1")).await);
    let url = app.runner.http_url();
    let mut running = couriers("1", &url).await;
    // The way to the pickup takes longer than the test.
    let id = place(&merchant, (0.0, 900.0), (0.0, 0.0)).await;
    merchant.assign(&id, "courier-1").await.expect(200);
    told(&mut running, &format!("has order {id}, which is driver_assigned")).await;
    told(&mut running, &format!("km to the pickup of order {id}")).await;
    running.terminate();
    told(&mut running, &format!("stays on duty with order {id}")).await;
    end(&mut running).await;
    assert_eq!(duty(&ops, "courier-1").await, true);

    let mut running = couriers("1", &url).await;
    told(&mut running, &format!("has order {id}, which is driver_assigned")).await;
    merchant.operate(&id, "cancel", &json!({ "reason": "Too late." })).await.expect(200);
    told(&mut running, &format!("has order {id} no more: it is cancelled")).await;
    running.terminate();
    told(&mut running, "goes off duty").await;
    end(&mut running).await;
}

/// A runner that starts anew has never heard of the couriers.
#[tokio::test(flavor = "multi_thread")]
async fn couriers_come_back_to_another_runner_at_the_same_address() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut runner = Process::serve(folders[0].path());
    let url = runner.http_url().await;
    let mut running = couriers("1", &url).await;
    runner.kill().await;
    told(&mut running, "lost the connection").await;
    let port = url.rsplit(':').next().unwrap();
    let _runner = Process::serve_at(folders[1].path(), port).await;
    told(&mut running, "is connected again").await;
    assert_eq!(duty(&Client::login(&url, &people::ops()).await, "courier-1").await, true);
    let merchant = Client::login(&url, &people::merchant("m1")).await;
    let id = place(&merchant, (0.0, 0.0), (0.0, 0.0)).await;
    offer(&merchant, &id, &["courier-1"]).await;
    told(&mut running, &format!("delivers order {id}")).await;
}

/// Returns the error of couriers who cannot start.
async fn refused(arguments: &[&str]) -> String {
    let arguments = [&["couriers", "2"], arguments].concat();
    let (code, errors) = Process::start(Path::new("."), &arguments).end().await;
    assert_eq!(code, Some(1), "{errors}");
    errors
}

#[tokio::test(flavor = "multi_thread")]
async fn couriers_without_a_runner_say_to_start_one() {
    // No program listens on port 1, and no runner is ever given it.
    let errors = refused(&["--url", "http://127.0.0.1:1"]).await;
    assert!(errors.contains("Start the runner first"), "{errors}");
    let errors = refused(&["--url", "ws://127.0.0.1:3000/live"]).await;
    assert!(errors.contains("write it as http://host:port"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn couriers_at_a_wrong_port_ask_for_the_right_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_buf(&mut Vec::new()).await.unwrap();
        let response = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(response).await.unwrap();
    });
    let errors = refused(&["--url", &url]).await;
    assert!(errors.contains(&format!("{url} is not a runner")), "{errors}");
    assert!(errors.contains("--url"), "{errors}");
}
