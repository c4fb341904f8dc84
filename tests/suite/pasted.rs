//! Values as people paste them, or type them on other keyboards.

use serde_json::json;

use crate::harness::{App, id_of, order, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_contact_is_kept_without_its_marks() {
    let app = App::start().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let mut body = order("m1", "c1");
    body["customer"]["contact"] = json!("\u{202a}+44\u{a0}(0)20\u{a0}7946\u{2011}0018\u{202c}");
    let id = id_of(&customer.create(&body).await.expect(201));
    let contact = async || {
        let seen = customer.order(&id).await.expect(200);
        seen["customer"]["contact"].as_str().unwrap().to_owned()
    };
    assert_eq!(contact().await, "+442079460018");
    for (pasted, kept) in [
        ("tel:+44-20-7946-0019", "+442079460019"),
        ("0044 20 7946 0018 ext. 12", "+442079460018;ext=12"),
        ("٠٢٠/٧٩٤٦ ٠٠١٨", "020/7946 0018"),
        ("\u{200e}ada@example.com\u{200b}", "ada@example.com"),
    ] {
        let correction = json!({ "customer": { "contact": pasted } });
        customer.patch(&format!("/orders/{id}"), &correction).await.expect(200);
        assert_eq!(contact().await, kept, "{pasted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_handover_code_opens_the_order() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    for (set, told) in [("4711", "٤٧ ١١"), ("\u{202d}47\u{2011}11\u{202c}", "4711\n")] {
        let mut body = order("m1", "c1");
        body["handover_code"] = json!(set);
        let id = id_of(&app.ops().await.create(&body).await.expect(201));
        app.ops().await.assign(&id, "d1").await.expect(200);
        driver.move_to(&id, "picked_up").await.expect(200);
        driver.move_to(&id, "in_transit").await.expect(200);
        let proof = json!({ "proof": { "code": told } });
        let delivered = driver.operate(&id, "deliver", &proof).await.expect(200);
        assert_eq!(delivered["status"], "delivered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_reference_finds_the_order() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "\u{feff}c\u{2011}1\u{a0}");
    body["external_id"] = json!("\u{200e}web 1017\n");
    let created = ops.create(&body).await.expect(201);
    assert_eq!(created["customer"]["reference"], "c-1");
    assert_eq!(created["external_id"], "web 1017");
    for query in ["customer=%E2%80%8Ec-1", "external_id=web%C2%A01017%E2%80%AC"] {
        let list = ops.get(&format!("/orders?merchant=m1&{query}")).await.expect(200);
        assert_eq!(list["orders"][0]["id"], created["id"], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_breaks_of_any_system_become_line_feeds() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["addresses"] = json!({ "dropoff": "12 St James's Square\r\nLondon" });
    let id = id_of(&ops.create(&body).await.expect(201));
    let seen = ops.order(&id).await.expect(200);
    assert_eq!(seen["addresses"]["dropoff"], "12 St James's Square\nLondon");
    let said = json!({ "note": "call\rfirst", "message": "ring\ntwice", "driver": "d1" });
    ops.operate(&id, "assign", &said).await.expect(200);
    let reason = json!({ "reason": "flat\r\n\r\ntyre" });
    ops.operate(&id, "unassign", &reason).await.expect(200);
    let history = ops.history(&id).await.expect(200);
    let events = &history["events"];
    assert_eq!(
        (&events[1]["note"], &events[1]["message"]),
        (&json!("call\nfirst"), &json!("ring\ntwice"))
    );
    assert_eq!(events[2]["data"]["reason"], "flat\n\ntyre");
    let mut two_lines = order("m1", "c1");
    two_lines["customer"]["name"] = json!("Ada\nByron");
    let problem = ops.create(&two_lines).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/customer/name");
}
