//! Lists of open orders.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::Value;

use crate::harness::{Answer, App, Client, id_of, order, people};

async fn place(ops: &Client, merchant: &str, store: Option<&str>, reference: &str) -> String {
    let mut body = order(merchant, reference);
    if let Some(store) = store {
        body["store"] = store.into();
    }
    id_of(&ops.create(&body).await.expect(201))
}

fn ids(page: &Value) -> Vec<String> {
    page["orders"].as_array().expect("a list").iter().map(id_of).collect()
}

/// A page, whose `Link` says what its `next` says.
async fn page(
    client: &Client,
    limit: usize,
    cursor: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let answer: Answer = client.get(&format!("/orders?limit={limit}{cursor}")).await;
    let page = answer.expect(200);
    let next = page["next"].as_str().map(str::to_owned);
    let link =
        next.as_ref().map(|next| format!("</orders?limit={limit}&cursor={next}>; rel=\"next\""));
    assert_eq!(answer.header("link"), link.unwrap_or_default());
    assert!(ids(&page).len() <= limit);
    (ids(&page), next)
}

/// The whole list, page by page, and `between` after each page.
async fn walk(client: &Client, limit: usize, mut between: impl AsyncFnMut()) -> Vec<String> {
    let (mut all, mut next) = page(client, limit, None).await;
    while let Some(cursor) = next {
        between().await;
        let (more, then) = page(client, limit, Some(&cursor)).await;
        assert_ne!(then.as_ref(), Some(&cursor), "the walk stands still");
        all.extend(more);
        next = then;
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_their_own_open_orders_newest_first() {
    let app = App::start().await;
    let ops = app.ops().await;
    let orders = [
        place(&ops, "m1", Some("s1"), "c1").await,
        place(&ops, "m1", Some("s2"), "c1").await,
        place(&ops, "m1", None, "c2").await,
        place(&ops, "m2", Some("s1"), "c1").await,
        place(&ops, "m1", Some("s1"), "c2").await,
        place(&ops, "m1", Some("s1"), "c1").await,
    ];
    for n in [0, 3, 5] {
        ops.assign(&orders[n], "d1").await.expect(200);
    }
    ops.assign(&orders[1], "d2").await.expect(200);
    // A step does not move an order in its list, and the last one closes.
    ops.move_to(&orders[0], "picked_up").await.expect(200);
    ops.move_to(&orders[5], "cancelled").await.expect(200);
    for (person, expected) in [
        (people::ops(), &[4, 3, 2, 1, 0][..]),
        (people::support(), &[4, 3, 2, 1, 0]),
        (people::merchant("m1"), &[4, 2, 1, 0]),
        (people::merchant("m2"), &[3]),
        (people::merchant("m3"), &[]),
        (people::store("m1", "s1"), &[4, 0]),
        (people::store("m1", "s2"), &[1]),
        (people::store("m2", "s1"), &[3]),
        (people::driver("d1"), &[3, 0]),
        (people::driver("d2"), &[1]),
        (people::driver("d3"), &[]),
        (people::customer("m1", "c1"), &[1, 0]),
        (people::customer("m1", "c2"), &[4, 2]),
        (people::customer("m2", "c1"), &[3]),
        (people::customer("m2", "c2"), &[]),
    ] {
        let client = app.client(person.clone()).await;
        let expected: Vec<_> = expected.iter().map(|n| orders[*n].clone()).collect();
        for limit in [1, 2, 100] {
            assert_eq!(walk(&client, limit, async || ()).await, expected, "{limit} by {person}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_in_the_list_of_the_driver_who_has_it() {
    let app = App::start().await;
    let ops = app.ops().await;
    let drivers = [app.client(people::driver("d1")).await, app.client(people::driver("d2")).await];
    let id = app.place_order().await;
    for driver in ["d1", "d2", "d1"] {
        ops.assign(&id, driver).await.expect(200);
        let lists = [page(&drivers[0], 1, None).await, page(&drivers[1], 1, None).await];
        let (has, has_not) = if driver == "d1" { (0, 1) } else { (1, 0) };
        assert_eq!(lists[has], (vec![id.clone()], None));
        assert_eq!(lists[has_not], (vec![], None));
    }
    ops.unassign(&id, "on foot").await.expect(200);
    assert_eq!(page(&drivers[0], 1, None).await, (vec![], None));
}

/// What others do while somebody walks: some orders come, some close, some move.
struct Churn {
    ops: Client,
    closing: Vec<String>,
    moving: Vec<String>,
    created: Vec<String>,
}

impl Churn {
    async fn go_on(&mut self) {
        self.created.push(place(&self.ops, "m1", None, "c1").await);
        if let Some(id) = self.closing.pop() {
            self.ops.move_to(&id, "cancelled").await.expect(200);
        }
        if let Some(id) = self.moving.pop() {
            self.ops.assign(&id, "d1").await.expect(200);
            self.ops.move_to(&id, "picked_up").await.expect(200);
        }
    }
}

/// Walks a list of 120 orders with pages of `limit`, while 30 of them close and
/// the others move.
async fn check_walk(limit: usize) {
    let app = App::start().await;
    let ops = app.ops().await;
    let placed = join_all((0..120).map(|_| place(&ops, "m1", None, "c1"))).await;
    let (closing, open) = placed.split_at(30);
    let (closing, moving) = (closing.to_vec(), open.to_vec());
    let mut churn = Churn { ops: ops.clone(), closing, moving, created: Vec::new() };
    let merchant = app.client(people::merchant("m1")).await;
    let walked = walk(&merchant, limit, async || churn.go_on().await).await;

    let once: BTreeSet<_> = walked.iter().collect();
    assert_eq!(once.len(), walked.len(), "an order came twice");
    let missed: Vec<_> = open.iter().filter(|id| !once.contains(id)).collect();
    assert!(missed.is_empty(), "{missed:?}");
    assert!(!churn.created.is_empty(), "nothing happened meanwhile");
    assert!(churn.created.iter().all(|id| !once.contains(id)), "newer than the first page");
    assert!(churn.closing.iter().all(|id| once.contains(id)), "open to the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_meets_each_order_that_stays_open_exactly_once() {
    for limit in [1, 3, 100] {
        check_walk(limit).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_for_whom_it_was_given() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    for _ in 0..2 {
        app.place_order().await;
    }
    let (_, next) = page(&merchant, 1, None).await;
    let cursor = next.expect("a second page");
    for other in [
        people::ops(),
        people::merchant("m2"),
        people::store("m1", "s1"),
        people::driver("m1-boss"),
        people::customer("m1", "c1"),
    ] {
        let other = app.client(other).await;
        other.get(&format!("/orders?cursor={cursor}")).await.problem(400, "invalid-cursor");
    }
    let mut wrong: Vec<_> = (0..cursor.len()).map(|length| cursor[..length].to_owned()).collect();
    wrong.extend((0..cursor.len()).map(|at| {
        let other = if cursor[at..].starts_with('A') { "B" } else { "A" };
        format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
    }));
    wrong.extend([format!("{cursor}A"), format!("{cursor}{cursor}")]);
    for wrong in wrong {
        let answer = merchant.get(&format!("/orders?cursor={wrong}")).await;
        answer.problem(400, "invalid-cursor");
    }
    assert_eq!(page(&merchant, 100, Some(&cursor)).await.0.len(), 1, "it is good for its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_1_to_100_orders_and_50_unless_told() {
    let app = App::start().await;
    let ops = app.ops().await;
    join_all((0..101).map(|_| place(&ops, "m1", None, "c1"))).await;
    for limit in [1, 99, 100] {
        let (orders, next) = page(&ops, limit, None).await;
        assert_eq!((orders.len(), next.is_some()), (limit, true));
    }
    let page = ops.get("/orders").await.expect(200);
    assert_eq!(ids(&page).len(), 50);
    for limit in ["0", "101", "-1", "1.5", "", "ten"] {
        ops.get(&format!("/orders?limit={limit}")).await.problem(422, "invalid-fields");
    }
}
