//! The orders in each person's list, and the requests for its pages.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, Client, Response, Stopped, id_of, order, people};

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

/// Requests a page; its `Link` must match its `next`.
async fn page(
    client: &Client,
    limit: usize,
    cursor: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let response: Response = client.get(&format!("/orders?limit={limit}{cursor}")).await;
    let page = response.expect(200);
    let next = page["next"].as_str().map(str::to_owned);
    let link =
        next.as_ref().map(|next| format!("</orders?limit={limit}&cursor={next}>; rel=\"next\""));
    assert_eq!(response.header("link"), link.unwrap_or_default());
    assert!(ids(&page).len() <= limit);
    (ids(&page), next)
}

/// Requests the whole list, page by page.
async fn walk(client: &Client, limit: usize) -> Vec<String> {
    let (mut all, mut next) = page(client, limit, None).await;
    while let Some(cursor) = next {
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
    // A change of status does not move an order in its list; the last change closes an order.
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
            assert_eq!(walk(&client, limit).await, expected, "{limit} by {person}");
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
        ops.replace_driver(&id, driver).await.expect(200);
        let lists = [page(&drivers[0], 1, None).await, page(&drivers[1], 1, None).await];
        let (has, has_not) = if driver == "d1" { (0, 1) } else { (1, 0) };
        assert_eq!(lists[has], (vec![id.clone()], None));
        assert_eq!(lists[has_not], (vec![], None));
    }
    ops.unassign(&id, "on foot").await.expect(200);
    assert_eq!(page(&drivers[0], 1, None).await, (vec![], None));
}

/// A list of everybody's orders, open or closed, covers a year, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn all_orders_of_the_last_year_need_no_filter() {
    let time = Stopped::at("2025-11-21T09:30:00Z");
    let app = App::start_at(&time).await;
    let old = place(&app.ops().await, "m1", None, "c1").await;
    time.forward(24 * 60 * 60);
    let closed = place(&app.ops().await, "m2", None, "c1").await;
    app.ops().await.move_to(&closed, "cancelled").await.expect(200);
    time.forward(364 * 24 * 60 * 60);
    let open = place(&app.ops().await, "m1", None, "c1").await;
    let ops = app.ops().await;
    let list = async |query: &str| {
        let (mut found, mut path) = (Vec::new(), format!("/orders?{query}"));
        loop {
            let page = ops.get(&path).await.expect(200);
            found.extend(ids(&page));
            match page["next"].as_str() {
                Some(next) => path = format!("/orders?{query}&cursor={next}"),
                None => return (found, page["from"].clone()),
            }
        }
    };
    // At 2026-11-21T09:30, a year reaches back to 2025-11-21.
    let from = json!("2025-11-21T00:00:00.000Z");
    let all = vec![open.clone(), closed.clone(), old.clone()];
    assert_eq!(list("state=all").await, (all.clone(), from.clone()));
    assert_eq!(list("state=closed").await, (vec![closed.clone()], from));
    assert_eq!(list("state=all&from=2025-11-21").await, (all, Value::Null));
    let up_to = list("state=all&to=2026-11-21").await;
    assert_eq!(up_to, (vec![closed.clone(), old], json!("2025-11-21T00:00:00.000Z")));
    time.forward(24 * 60 * 60);
    let ops = app.ops().await;
    let page = ops.get("/orders?state=all&order=oldest").await.expect(200);
    assert_eq!(page["from"], "2025-11-22T00:00:00.000Z");
    assert_eq!(ids(&page)[..1], [closed]);
    let driver = app.client(people::driver("d1")).await;
    for query in ["state=all", "state=closed"] {
        let problem = driver.get(&format!("/orders?{query}")).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], "?state");
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_is_wrong_is_named() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (query, wrong) in [
        ("state=shut", "state"),
        ("status=on_the_way", "status"),
        ("status=created&status=", "status"),
        ("phase=created", "phase"),
        ("merchant=a%23b", "merchant"),
        ("merchant=m1&store=", "store"),
        ("driver=d%201", "driver"),
        ("from=yesterday", "from"),
        ("from=2026-13-01", "from"),
        ("from=2026-11-21T00:00:00+02:00", "from"),
        ("from=2026-11-22&to=2026-11-22", "to"),
        ("state=all&merchant=m1&from=2026-11-22&to=2026-11-21T23:59:59Z", "to"),
        ("to=2026-11-21T09:30", "to"),
        ("to=2026-11-21%2009:30:00", "to"),
        ("order=best", "order"),
        ("state=open&state=closed", "state"),
        ("merchant=m1&merchant=m1", "merchant"),
        ("colour=red", "colour"),
    ] {
        let problem = ops.get(&format!("/orders?{query}")).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], format!("?{wrong}"), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_time_says_how_to_write_it() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (parameter, expected) in [
        (
            "from=2026-11-21T00:00:00+02:00",
            "has a space: a + in a query means a space, so write it as %2B: \
             2026-11-21T00:00:00%2B02:00",
        ),
        (
            "to=2026-11-21T00:00:00",
            "offset missing: append Z for UTC, or an offset such as %2B02:00",
        ),
        ("from=2026-11-21&to=2026-11-21", "must be after `from`"),
        ("from=2026-11-21T02:00:00%2B02:00&to=2026-11-21", "must be after `from`"),
    ] {
        for path in ["/orders?", "/orders/export?", "/reports/service-levels?merchant=m1&"] {
            let problem = ops.get(&format!("{path}{parameter}")).await;
            let problem = problem.problem(422, "invalid-fields");
            assert_eq!(problem["errors"][0]["detail"], expected, "{path}{parameter}");
        }
    }
}
