//! Claims of every type of JSON, over HTTP, in a WebSocket handshake, and in a ticket.

use serde_json::{Map, Value, json};

use crate::harness::{App, Client, Live, id_of, order};

/// Returns a client whose token has these claims, beside those that every token has.
fn client(app: &App, claims: &Value) -> Client {
    let issuer = app.runner.issuer();
    let mut all = json!({
        "iss": issuer.url(), "aud": issuer.audience(), "token_use": "id", "exp": 4_000_000_000_i64,
    });
    let all = all.as_object_mut().expect("an object");
    all.extend(claims.as_object().expect("an object").clone());
    Client::new(&app.runner.http_url(), Some(issuer.sign(all).expect("a signature")))
}

/// Tries a token over HTTP, in a handshake and for a ticket, and returns where it opens something.
async fn opens(app: &App, client: &Client) -> [bool; 3] {
    let list = client.get("/orders").await.status;
    let ticket = client.post("/live/tickets", &Value::Null).await.status;
    for (status, good) in [(list, 200), (ticket, 201)] {
        assert!([good, 403].contains(&status), "{status}");
    }
    let live = Live::connect(&app.runner.live_url(), Some(client.token())).await;
    [list == 200, live.is_ok(), ticket == 201]
}

/// The claims of one token of each role that claims bind.
fn tokens() -> [Value; 2] {
    [
        json!({
            "sub": "boss", "custom:role": "merchant", "custom:merchant": "m1", "custom:store": "s1",
        }),
        json!({
            "sub": "ada", "custom:role": "customer", "custom:merchant": "m1",
            "custom:reference": "c1",
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_no_string_is_no_id() {
    let app = App::start().await;
    let nowhere = [false; 3];
    // Over HTTP a claim is text, where a number may be an id.
    let over_http = [true, false, true];
    for (value, expected) in [
        (json!("7"), [true; 3]),
        (json!(7), over_http),
        (json!(-7), over_http),
        (json!(1.5), over_http),
        (json!(1e21), nowhere),
        (json!(true), nowhere),
        (json!(false), nowhere),
        (json!([]), nowhere),
        (json!(["m1"]), nowhere),
        (json!({}), nowhere),
        (json!({ "id": "m1" }), nowhere),
        (json!(""), nowhere),
        (json!("  "), nowhere),
        (json!("null"), nowhere),
        (json!("true"), nowhere),
        (json!("False"), nowhere),
    ] {
        for token in tokens() {
            for name in token.as_object().expect("claims").keys() {
                let expected = if name == "custom:role" { nowhere } else { expected };
                let mut changed = token.clone();
                changed[name] = value.clone();
                let found = opens(&app, &client(&app, &changed)).await;
                assert_eq!(found, expected, "{changed}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_null_is_absent() {
    let app = App::start().await;
    for token in tokens() {
        for name in token.as_object().expect("claims").keys() {
            let mut without: Map<String, Value> = token.as_object().expect("claims").clone();
            without.remove(name);
            let absent = opens(&app, &client(&app, &without.into())).await;
            let mut null = token.clone();
            null[name] = Value::Null;
            assert_eq!(opens(&app, &client(&app, &null)).await, absent, "{null}");
            assert_eq!(absent, [name == "custom:store"; 3], "{null}");
        }
    }
}

/// The store of a token that says null is no store of this name.
#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_whose_store_is_null_sees_every_store() {
    let app = App::start().await;
    let id = id_of(&app.ops().await.create(&order("m1", "c1")).await.expect(201));
    let [mut token, _] = tokens();
    client(&app, &token).order(&id).await.expect(404);
    token["custom:store"] = Value::Null;
    client(&app, &token).order(&id).await.expect(200);
}
