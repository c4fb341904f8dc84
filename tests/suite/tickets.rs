//! Opening a WebSocket with a token or a ticket, and the refusal of invalid ones.

use clock::Timestamp;
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use crate::harness::{App, Client, Live, Stopped, people, stored};

async fn ticket(client: &Client) -> String {
    let issued = client.post("/live/tickets", &Value::Null).await.expect(201);
    issued["ticket"].as_str().expect("a ticket").to_owned()
}

async fn enter(app: &App, ticket: &str) -> Result<Live, u16> {
    Live::connect(&format!("{}?ticket={ticket}", app.runner.live_url()), None).await
}

/// Asserts that the handshake was refused with one of the two refusals.
#[track_caller]
fn assert_refused(entered: Result<Live, u16>) {
    let status = entered.err().expect("no connection");
    assert!([401, 403].contains(&status), "{status}");
}

/// Returns a client whose token expires after this many seconds.
async fn for_a_while(app: &App, seconds: i64) -> Client {
    let mut person = people::driver("d1");
    person["expires_in"] = seconds.into();
    app.client(person).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_connection_for_its_person() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let ticket = ticket(&driver).await;
    let mut live = enter(&app, &ticket).await.expect("a connection");
    live.subscribe("driver:d1").await;
    assert_eq!(live.ask("subscribe", "driver:d2").await["type"], "problem");
    assert_eq!(live.ask("subscribe", "orders").await["type"], "problem");
    assert_refused(enter(&app, &ticket).await);
    assert_refused(enter(&app, &ticket).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_race_with_one_ticket_one_gets_in() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    for _ in 0..10 {
        let ticket = ticket(&driver).await;
        let race = join_all((0..8).map(|_| enter(&app, &ticket))).await;
        let (entered, refused): (Vec<_>, Vec<_>) = race.into_iter().partition(Result::is_ok);
        assert_eq!(entered.len(), 1);
        refused.into_iter().for_each(assert_refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_lasts_60_seconds() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let driver = app.client(people::driver("d1")).await;
    let issued = driver.post("/live/tickets", &Value::Null).await;
    let ends = time.clock().now().plus_seconds(60);
    assert_eq!(issued.expect(201)["expires_at"], json!(ends));
    assert_eq!(issued.header("cache-control"), "no-store");
    let (early, late) = (ticket(&driver).await, ticket(&driver).await);
    time.forward(59);
    assert!(enter(&app, &early).await.is_ok());
    time.forward(1);
    assert_refused(enter(&app, &late).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_and_what_it_opens_end_with_their_token() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let driver = for_a_while(&app, 30).await;
    let issued = driver.post("/live/tickets", &Value::Null).await.expect(201);
    assert_eq!(issued["expires_at"], json!(time.clock().now().plus_seconds(30)));
    let (early, late) = (ticket(&driver).await, ticket(&driver).await);
    time.forward(29);
    let mut live = enter(&app, &early).await.expect("a connection");
    live.subscribe("driver:d1").await;
    time.forward(1);
    assert_refused(enter(&app, &late).await);
    live.send(&json!({ "action": "ping" })).await;
    assert_eq!(live.next().await, json!({ "type": "closing", "reason": "token-expired" }));
    live.next_or_close().await.expect_err("a close");
    assert_eq!(driver.post("/live/tickets", &Value::Null).await.status, 401);
}

/// A reader of the table cannot get a valid ticket from it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_of_a_ticket_is_not_one() {
    let app = App::start().await;
    let ticket = ticket(&app.client(people::driver("d1")).await).await;
    let rows = stored::items(&app, "SubscriptionsTable").await;
    assert_eq!(rows.len(), 1);
    assert!(!format!("{rows:?}").contains(&ticket), "{rows:?}");
    let key = stored::text(&rows[0], "topic");
    let digest = key.split_once('#').expect("a kind and a digest").1;
    for forged in [digest, &key.replace('#', "%23"), &ticket[1..], &format!("{ticket}%00"), ""] {
        assert_refused(enter(&app, forged).await);
    }
    assert!(enter(&app, &ticket).await.is_ok(), "it is unused still");
}

/// Returns a token for ops that lasts a minute, with these claims changed.
fn signed(app: &App, now: Timestamp, change: &[(&str, Value)]) -> String {
    let (issuer, now) = (app.runner.issuer(), now.epoch_seconds());
    let mut claims: Map<String, Value> = Map::new();
    let claim = [
        ("iss", issuer.url().into()),
        ("aud", issuer.audience().into()),
        ("sub", "olga".into()),
        ("token_use", "id".into()),
        ("exp", (now + 60).into()),
        ("custom:role", "ops".into()),
    ];
    for (name, value) in claim.iter().chain(change) {
        claims.insert((*name).to_owned(), value.clone());
    }
    issuer.sign(&claims).expect("a signature")
}

/// The clock of an issuer may be a minute ahead of Waybill's.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_begins_a_minute_early_and_ends_on_time() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let now = time.clock().now();
    let seconds = |after: i64| Value::from(now.epoch_seconds() + after);
    for (claim, after, is_good) in
        [("nbf", 60, true), ("nbf", 61, false), ("exp", 1, true), ("exp", 0, false)]
    {
        let token = signed(&app, now, &[(claim, seconds(after))]);
        let client = Client::new(&app.runner.http_url(), Some(token.clone()));
        let status = client.get("/orders").await.status;
        assert_eq!(status, if is_good { 200 } else { 401 }, "{claim} {after}");
        let opened = Live::connect(&app.runner.live_url(), Some(&token)).await;
        assert_eq!(opened.is_ok(), is_good, "{claim} {after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_good_opens_nothing() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let url = app.runner.live_url();
    let good = for_a_while(&app, 60).await;
    assert!(Live::connect(&url, Some(good.token())).await.is_ok());
    let signed = |change: &[(&str, Value)]| signed(&app, time.clock().now(), change);
    assert!(Live::connect(&url, Some(&signed(&[]))).await.is_ok());
    let (token, forged) = (good.token(), signed(&[("sub", "sam".into())]));
    let body = |token: &str| token.rsplit_once('.').expect("three parts").0.to_owned();
    for bad in [
        signed(&[("iss", "http://elsewhere".into())]),
        signed(&[("aud", "others".into())]),
        signed(&[("token_use", "access".into())]),
        signed(&[("exp", 0.into())]),
        signed(&[("nbf", (time.clock().now().epoch_seconds() + 61).into())]),
        signed(&[("custom:role", "king".into())]),
        signed(&[("custom:role", "system".into())]),
        signed(&[("custom:role", "merchant".into())]),
        format!("{}.{}", body(&forged), token.rsplit_once('.').expect("three parts").1),
        format!("{}.", body(token)),
        "not.a.token".to_owned(),
        String::new(),
    ] {
        assert_refused(Live::connect(&url, Some(&bad)).await);
        // A valid ticket does not make up for an invalid token.
        let ticket = ticket(&good).await;
        assert_refused(Live::connect(&format!("{url}?ticket={ticket}"), Some(&bad)).await);
    }
    assert_refused(Live::connect(&url, None).await);
    time.forward(60);
    assert_refused(Live::connect(&url, Some(token)).await);
}
