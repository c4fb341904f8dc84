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
