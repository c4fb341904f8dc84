//! Creating, replacing and deleting stores, and who may.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ALL, ONE, bare, delete, delete_on, full, put, put_on, view};
use crate::harness::{App, Stopped, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_created_replaced_and_deleted() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    merchant.get(ONE).await.problem(404, "not-found");
    let created = put(&merchant, ONE, &full()).await;
    let mut expected = view("s1", &full());
    expected["phone"] = json!("+442079460018");
    assert_eq!(created.expect(201), expected);
    let read = merchant.get(ONE).await;
    assert_eq!(read.expect(200), expected);
    assert_eq!(merchant.get(ALL).await.expect(200), json!({ "stores": [expected], "next": null }));

    // Omitted fields are gone.
    let replaced = put(&merchant, ONE, &bare("Low Street")).await;
    assert_eq!(replaced.expect(200), view("s1", &bare("Low Street")));
    assert_ne!(replaced.header("etag"), created.header("etag"));
    assert_eq!(merchant.get(ONE).await.expect(200), replaced.json());

    delete(&merchant, ONE).await.expect(204);
    merchant.get(ONE).await.problem(404, "not-found");
    delete(&merchant, ONE).await.problem(404, "not-found");
    assert_eq!(merchant.get(ALL).await.expect(200), json!({ "stores": [], "next": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_are_read_by_whoever_manages_and_changed_by_ops_and_the_merchant() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (person, read, changed, listed) in [
        (people::ops(), 200, 200, Some(vec!["s1", "s2"])),
        (people::merchant("m1"), 200, 200, Some(vec!["s1", "s2"])),
        (people::support(), 200, 403, Some(vec!["s1", "s2"])),
        (people::store("m1", "s1"), 200, 403, Some(vec!["s1"])),
        (people::store("m1", "s2"), 404, 403, Some(vec!["s2"])),
        (people::store("m1", "s3"), 404, 403, Some(vec![])),
        (people::merchant("m2"), 404, 404, None),
        (people::store("m2", "s1"), 404, 404, None),
        (people::customer("m1", "c1"), 404, 404, None),
        (people::driver("d1"), 404, 404, None),
    ] {
        for store in ["s1", "s2"] {
            put(&ops, &format!("{ALL}/{store}"), &bare("Before")).await;
        }
        let client = app.client(person.clone()).await;
        assert_eq!(client.get(ONE).await.status, read, "{person}");
        let list = client.get(ALL).await;
        let ids = (list.status == 200).then(|| {
            let stores = list.json()["stores"].as_array().unwrap().clone();
            stores.iter().map(|it| it["store"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        });
        let expected = listed.map(|ids| ids.into_iter().map(str::to_owned).collect());
        assert_eq!(ids, expected, "{person}: {list:?}");
        let response = put(&client, ONE, &bare("After")).await;
        assert_eq!(response.status, changed, "{person}: {}", response.text);
        let name = ops.get(ONE).await.expect(200)["name"].clone();
        assert_eq!(name, if changed == 200 { "After" } else { "Before" }, "{person}");
        let gone = if changed == 200 { 204 } else { changed };
        let response = delete(&client, ONE).await;
        assert_eq!(response.status, gone, "{person}: {}", response.text);
        assert_eq!(ops.get(ONE).await.status, if gone == 204 { 404 } else { 200 }, "{person}");
    }
    let clerk = app.client(people::store("m1", "s1")).await;
    for response in [put(&clerk, ONE, &full()).await, delete(&clerk, ONE).await] {
        let problem = response.problem(403, "forbidden");
        let detail = "Only the merchant as a whole can change its stores, not a single store.";
        assert_eq!(problem["detail"], detail);
    }
    let support = app.client(people::support()).await;
    let problem = put(&support, ONE, &full()).await.problem(403, "forbidden");
    assert_eq!(problem["detail"], "The role support cannot change stores.");
}

/// The `s1` of two merchants are two stores, and a stranger is told the same of a store that there
/// is as of one that there is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_its_merchants_alone() {
    let app = App::start().await;
    let owner = app.client(people::merchant("m1")).await;
    let other = app.client(people::merchant("m2")).await;
    put(&owner, ONE, &bare("Ours")).await.expect(201);
    put(&other, "/merchants/m2/stores/s1", &bare("Theirs")).await.expect(201);
    assert_eq!(owner.get(ONE).await.expect(200)["name"], "Ours");
    assert_eq!(other.get("/merchants/m2/stores/s1").await.expect(200)["name"], "Theirs");
    let none = format!("{ALL}/none");
    for stranger in [
        people::merchant("m2"),
        people::driver("d1"),
        people::customer("m1", "c1"),
        people::store("m2", "s1"),
    ] {
        let client = app.client(stranger.clone()).await;
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            for body in [bare("Mine").to_string(), "{".to_owned()] {
                let ask = async |path: &str| {
                    let request = client.request(method.clone(), path).body(body.clone());
                    client.send(request.header("content-type", "application/json")).await
                };
                let (there, not_there) = (ask(ONE).await, ask(&none).await);
                let seen = (there.status, there.text.clone());
                assert_eq!(seen, (not_there.status, not_there.text), "{stranger} {method}");
                assert!([400, 404].contains(&there.status), "{stranger} {method}: {there:?}");
            }
        }
    }
    assert_eq!(owner.get(ONE).await.expect(200)["name"], "Ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_changed_on_the_version_that_was_read() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let merchant = app.client(people::merchant("m1")).await;
    // There is nothing to replace.
    for tag in ["*", "\"0\"", "\"1\""] {
        put_on(&merchant, ONE, tag, &full()).await.problem(412, "precondition-failed");
        delete_on(&merchant, ONE, tag).await.problem(404, "not-found");
    }
    let created = put(&merchant, ONE, &full()).await;
    created.expect(201);
    let read = merchant.get(ONE).await;
    let tag = read.header("etag").to_owned();
    let first = put_on(&merchant, ONE, &tag, &bare("First")).await;
    first.expect(200);
    put_on(&merchant, ONE, &tag, &bare("Second")).await.problem(412, "precondition-failed");
    delete_on(&merchant, ONE, &tag).await.problem(412, "precondition-failed");
    assert_eq!(merchant.get(ONE).await.expect(200)["name"], "First");
    put_on(&merchant, ONE, "*", &bare("Third")).await.expect(200);
    let third = merchant.get(ONE).await;
    delete_on(&merchant, ONE, third.header("etag")).await.expect(204);

    // Another record under the same name is not the one that was read.
    time.forward(1);
    put(&merchant, ONE, &full()).await.expect(201);
    for tag in [created.header("etag"), &tag, first.header("etag"), third.header("etag")] {
        put_on(&merchant, ONE, tag, &bare("Late")).await.problem(412, "precondition-failed");
        delete_on(&merchant, ONE, tag).await.problem(412, "precondition-failed");
    }
}

/// Of changes on the same version, one is made, and the others are told.
#[tokio::test(flavor = "multi_thread")]
async fn of_changes_that_race_on_one_version_one_is_made() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    put(&merchant, ONE, &bare("Before")).await.expect(201);
    for round in 0..10 {
        let tag = merchant.get(ONE).await.header("etag").to_owned();
        let names: Vec<_> = (0..4).map(|n| format!("{round}.{n}")).collect();
        let puts = names.iter().map(|name| {
            let (merchant, tag) = (&merchant, &tag);
            async move { put_on(merchant, ONE, tag, &bare(name)).await }
        });
        let responses = join_all(puts).await;
        let made: Vec<_> = responses.iter().filter(|it| it.status == 200).collect();
        let [made] = made[..] else { panic!("{responses:?}") };
        for other in responses.iter().filter(|it| it.status != 200) {
            other.problem(412, "precondition-failed");
        }
        assert_eq!(merchant.get(ONE).await.expect(200), made.json());
    }
    // A deletion and a replacement.
    for round in 0..10 {
        let tag = merchant.get(ONE).await.header("etag").to_owned();
        let body = bare(&format!("{round}"));
        let (replaced, deleted) = futures_util::join!(
            put_on(&merchant, ONE, &tag, &body),
            delete_on(&merchant, ONE, &tag)
        );
        let found = merchant.get(ONE).await;
        match (replaced.status, deleted.status) {
            (200, 412) => assert_eq!(found.expect(200), replaced.json()),
            (412, 204) => {
                found.problem(404, "not-found");
                put(&merchant, ONE, &body).await.expect(201);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Without a condition all are made, one after another, and one of them creates the store.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_the_creations_that_race_creates() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let names: Vec<_> = (0..4).map(|n| format!("{n}")).collect();
    let puts = names.iter().map(|name| {
        let merchant = &merchant;
        async move { put(merchant, ONE, &bare(name)).await }
    });
    let responses = join_all(puts).await;
    let mut statuses: Vec<_> = responses.iter().map(|it| it.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 201]);
    let latest = responses.iter().max_by_key(|it| version(it.header("etag"))).unwrap();
    assert_eq!(merchant.get(ONE).await.expect(200), latest.json());
    let list = merchant.get(ALL).await.expect(200);
    assert_eq!(list["stores"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["next"], Value::Null);
}

fn version(tag: &str) -> u64 {
    tag.trim_matches('"').parse().expect("a version")
}
