//! The list of stores, page by page.

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{ALL, bare, delete, put};
use crate::harness::{App, Client, people};

/// Returns the ids of each page, and the cursors between the pages.
async fn pages(client: &Client) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut pages, mut cursors) = (Vec::new(), Vec::<String>::new());
    loop {
        let cursor = cursors.last().map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
        let page = client.get(&format!("{ALL}{cursor}")).await.expect(200);
        let stores = page["stores"].as_array().expect("stores").iter();
        pages.push(stores.map(|it| it["store"].as_str().unwrap().to_owned()).collect());
        match &page["next"] {
            Value::Null => return (pages, cursors),
            next => cursors.push(next.as_str().expect("a cursor").to_owned()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_many_stores_is_read_by_the_page() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let ids: Vec<_> = (0..205).map(|n| format!("s{n:03}")).collect();
    let create = async |id: &String| {
        put(&merchant, &format!("{ALL}/{id}"), &bare(id)).await.expect(201);
    };
    stream::iter(&ids).map(create).buffer_unordered(8).collect::<Vec<_>>().await;
    let others = app.client(people::merchant("m2")).await;
    put(&others, "/merchants/m2/stores/s050", &bare("Theirs")).await.expect(201);

    let (found, cursors) = pages(&merchant).await;
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 5]);
    assert_eq!(found.concat(), ids);

    // A cursor is good for the person and the merchant that it was given to, and for stores.
    let after = |path: &str| format!("{path}?cursor={}", cursors[0]);
    let ops = app.ops().await;
    let of_ops = ops.get(ALL).await.expect(200)["next"].as_str().expect("a cursor").to_owned();
    ops.get(&format!("{ALL}?cursor={of_ops}")).await.expect(200);
    let elsewhere = ops.get(&format!("/merchants/m2/stores?cursor={of_ops}")).await;
    elsewhere.problem(400, "invalid-cursor");
    for (client, path) in [
        (&ops, ALL),
        (&ops, "/merchants/m2/stores"),
        (&others, "/merchants/m2/stores"),
        (&merchant, "/orders"),
    ] {
        client.get(&after(path)).await.problem(400, "invalid-cursor");
    }
    merchant.get(&format!("{ALL}?cursor=x")).await.problem(400, "invalid-cursor");
    merchant.get(&format!("{ALL}?limit=5")).await.problem(422, "invalid-fields");

    // The store that a page ended with may be deleted meanwhile.
    delete(&merchant, &format!("{ALL}/s099")).await.expect(204);
    let second = merchant.get(&after(ALL)).await.expect(200);
    assert_eq!(second["stores"][0]["store"], "s100");
}
