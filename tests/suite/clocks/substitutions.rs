//! Proposed substitutions that the customer does not answer: for milk at 7.50 on line 1, oil at
//! 12.00 on line 2, rolls at 1.80 on line 3.

use serde_json::{Value, json};

use super::{Shop, at};
use crate::harness::{grocery, people, substitution};

struct Case {
    unanswered: Value,
    /// The price difference of each substitute, from line 1 on.
    differences: &'static [i64],
    answers: &'static [&'static str],
    status: &'static str,
    total: i64,
}

const CASES: fn() -> [Case; 7] = || {
    let case = |unanswered, differences, answers, status, total| Case {
        unanswered,
        differences,
        answers,
        status,
        total,
    };
    let approve = |cap: i64| json!({ "answer": "approve", "price_cap": cap });
    let (picking, goes_on) = ("picking_in_progress", "substitutions_approved");
    [
        case(Value::Null, &[50, 0], &["rejected", "rejected"], picking, 180),
        case(json!({ "answer": "reject" }), &[50], &["rejected"], picking, 1380),
        case(json!({ "answer": "cancel_line" }), &[50, 0], &["line_cancelled"; 2], goes_on, 180),
        case(approve(50), &[50, 0], &["approved", "approved"], goes_on, 2180),
        // The cap applies to the sum of the increases; a cheaper substitute does not raise it.
        case(approve(50), &[-100, 30, 21], &["approved", "approved", "rejected"], picking, 1880),
        case(json!({ "answer": "approve" }), &[1, 0], &["rejected", "approved"], picking, 1380),
        case(
            json!({ "answer": "cancel_line" }),
            &[0, 0, 0],
            &["line_cancelled"; 3],
            "cancelled",
            0,
        ),
    ]
};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_order_says_stands_for_an_answer_that_does_not_come() {
    let shop = Shop::open().await;
    for Case { unanswered, differences, answers, status, total } in CASES() {
        let mut body = grocery("m1", "s1", "c1");
        body["unanswered"] = unanswered.clone();
        let id = shop.place(&body).await;
        shop.operate(&id, &["acknowledge", "start-picking"]).await;
        let asked: Vec<_> =
            (1..).zip(differences).map(|(line, it)| substitution(line, *it)).collect();
        let body = json!({ "substitutions": asked });
        let asked = shop.boss.operate(&id, "substitutions", &body).await.expect(200);
        assert_eq!(asked["deadline"], at(&asked, 600));

        assert_eq!(shop.sweep_after(599).await, 0);
        assert_eq!(shop.sweep_after(1).await, 1);
        let order = shop.boss.order(&id).await.expect(200);
        let found = order["substitutions"].as_array().expect("substitutions").iter();
        let found: Vec<_> = found.map(|it| it["answer"].as_str().expect("an answer")).collect();
        assert_eq!((&found[..], &order["status"]), (answers, &json!(status)), "{unanswered}");
        assert_eq!(order["total"], total, "{unanswered}");
        let happened = shop.happened(&id).await;
        let by_sweep =
            happened.iter().filter(|it| it.starts_with("substitution_answered by sweep"));
        assert_eq!(by_sweep.count(), answers.len());
        shop.boss.move_to(&id, "cancelled").await;
    }
}

/// A cap applies to the whole order, not to each time that the customer is asked.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_nothing_again_and_again_pays_no_more_than_once() {
    let shop = Shop::open().await;
    let mut body = grocery("m1", "s1", "c1");
    body["unanswered"] = json!({ "answer": "approve", "price_cap": 100 });
    let id = shop.place(&body).await;
    shop.operate(&id, &["acknowledge", "start-picking"]).await;
    for (asked, total) in [(&[(1, 100), (2, 1)][..], 1030), (&[(3, 1)], 850)] {
        let asked: Vec<_> = asked.iter().map(|(line, it)| substitution(*line, *it)).collect();
        let body = json!({ "substitutions": asked });
        shop.boss.operate(&id, "substitutions", &body).await.expect(200);
        assert_eq!(shop.sweep_after(600).await, 1);
        assert_eq!(shop.boss.order(&id).await.expect(200)["total"], total);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_again_has_all_the_time_again() {
    let shop = Shop::open().await;
    let customer = shop.app.client(people::customer("m1", "c1")).await;
    let id = shop.order().await;
    shop.operate(&id, &["acknowledge", "start-picking"]).await;
    let ask = async |line| shop.boss.operate(&id, "substitutions", &substitution(line, 0)).await;
    ask(1).await.expect(200);
    assert_eq!(shop.sweep_after(590).await, 0);
    ask(2).await.expect(200);
    // An answer in time is kept, and does not shorten the time for the other question.
    customer.operate(&id, "substitutions/1/approve", &Value::Null).await.expect(200);
    assert_eq!((shop.sweep_after(599).await, shop.sweep_after(1).await), (0, 1));
    let order = shop.boss.order(&id).await.expect(200);
    let answers = [&order["substitutions"][0]["answer"], &order["substitutions"][1]["answer"]];
    assert_eq!(answers, ["approved", "rejected"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_for_an_answer_is_said_rightly_or_not_at_all() {
    let shop = Shop::open().await;
    for (unanswered, pointer) in [
        (json!({ "answer": "accept" }), "/unanswered/answer"),
        (json!({}), "/unanswered/answer"),
        (json!({ "answer": "approve", "price_cap": -1 }), "/unanswered/price_cap"),
        (json!({ "answer": "reject", "price_cap": 1 }), "/unanswered/price_cap"),
        (json!("approve"), "/unanswered"),
    ] {
        let mut body = grocery("m1", "s1", "c1");
        body["unanswered"] = unanswered;
        let problem = shop.boss.create(&body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let mut body = crate::harness::order("m1", "c1");
    body["unanswered"] = json!({ "answer": "reject" });
    let problem = shop.boss.create(&body).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/unanswered", "nobody is asked there");
}
