//! References and external ids with the characters of other systems.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{App, Client, id_of, order, percent_encoded, stored};

/// Each has a separator of keys, of topics, or of URLs.
const REFERENCES: [&str; 8] =
    ["ada@example.com", "a#b", "a:b", "2026/0001", "a+b", "a b", "m1#a", "web#1017: no. 2/3"];

async fn create(client: &Client, reference: &str) -> String {
    let mut body = order("m1", reference);
    body["external_id"] = json!(reference);
    let created = client.create(&body).await.expect(201);
    assert_eq!(created["external_id"], reference);
    assert_eq!(created["customer"]["reference"], reference);
    id_of(&created)
}

fn ids(list: &Value) -> Vec<String> {
    list["orders"].as_array().expect("orders").iter().map(id_of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_found_by_each_of_its_references() {
    let app = App::start().await;
    let ops = app.ops().await;
    for reference in REFERENCES {
        let id = create(&ops, reference).await;
        let reference = percent_encoded(reference);
        for query in ["customer", "external_id", "state=all&customer", "state=all&external_id"] {
            let list =
                ops.get(&format!("/orders?merchant=m1&{query}={reference}")).await.expect(200);
            assert_eq!(ids(&list), [&*id], "{query}={reference}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_the_orders_under_its_reference_and_no_others() {
    let app = App::start().await;
    let ops = app.ops().await;
    for reference in REFERENCES {
        create(&ops, reference).await;
    }
    for reference in REFERENCES {
        let person = json!({
            "role": "customer", "id": "ada", "merchant": "m1", "reference": reference,
        });
        let customer = app.client(person).await;
        let mut live = app.live(&customer).await;
        let topic = format!("customer:m1:{}", reference_in_topic(reference));
        live.subscribe(&topic).await;
        let id = id_of(&customer.create(&order("m1", reference)).await.expect(201));
        app.relayed().await;
        let pushed = live.next().await;
        assert_eq!(pushed["events"][0]["order_id"], *id, "{pushed}");
        let list = customer.get("/orders").await.expect(200);
        assert_eq!(ids(&list).len(), 2, "{reference}: {list}");
        assert!(ids(&list).contains(&id), "{reference}: {list}");
    }
}

/// Returns the reference as `encodeURIComponent` encodes it.
fn reference_in_topic(reference: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let part = |byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") };
    reference.bytes().map(part).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_has_one_text() {
    let app = App::start().await;
    let mut live = app.live(&app.ops().await).await;
    for topic in ["customer:m1:a:b", "customer:m1:a@b", "customer:m1:a%3ab", "customer:m1:%61"] {
        let refused = live.ask("subscribe", topic).await;
        assert_eq!(refused["problem"]["type"], "urn:waybill:problem:invalid-fields", "{topic}");
    }
}

/// The keys of references without separators are those that earlier versions wrote.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_contains_a_reference_in_encoded_form() {
    let app = App::start().await;
    let ops = app.ops().await;
    create(&ops, "web-1.2_3~4").await;
    create(&ops, "a#b: c").await;
    let heads = stored::items(&app, "OrdersTable").await;
    let customers: BTreeSet<_> =
        heads.iter().map(|head| stored::text(head, "merchant_customer")).collect();
    assert_eq!(customers, ["m1#a%23b%3A%20c", "m1#web-1.2_3~4"].map(str::to_owned).into());
    let details = stored::ids_in(&app, "OrderDetailsTable").await;
    let reserved: BTreeSet<_> =
        details.into_iter().filter(|id| id.starts_with("external#")).collect();
    let expected = ["external#m1#a%23b%3A%20c", "external#m1#web-1.2_3~4"];
    assert_eq!(reserved, expected.map(str::to_owned).into());
}
