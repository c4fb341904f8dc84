//! Who may take an order of the workflow `courier` along which edge, over HTTP.

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::harness::{Answer, App, Client, id_of, order, people, stored};

/// From the status at the left to the status at the top, or by the operation
/// there. A cell names who may, of `O`ps, `M`erchant (and its store), `D`river
/// and `C`ustomer; with a dot nobody may, and with a name only that operation.
const GRID: &str = "
from            created  driver_assigned picked_up in_transit delivery_failed returning delivered returned cancelled failed assign unassign
created         .        assign          OM        .          .               .         .         .        OMC       O      OM     .
driver_assigned unassign assign          OD        .          .               .         .         .        OM        O      OM     OMD
picked_up       .        .               .         OD         OD              OM        .         .        O         O      .      .
in_transit      .        .               .         .          OD              OM        OD        .        O         O      .      .
delivery_failed .        .               .         OD         .               OMD       .         .        O         O      .      .
returning       .        .               .         .          .               .         .         OMD      O         O      .      .
delivered       .        .               .         .          .               .         .         .        .         .      .      .
returned        .        .               .         .          .               .         .         .        .         .      .      .
cancelled       .        .               .         .          .               .         .         .        .         .      .      .
failed          .        .               .         .          .               .         .         .        .         .      .      .
";

/// How an order gets to a status, and whether with a driver, without, or as it may be.
const WAYS: [(&str, &[bool], &[&str]); 10] = [
    ("created", &[false], &[]),
    ("driver_assigned", &[true], &[]),
    ("picked_up", &[false, true], &["picked_up"]),
    ("in_transit", &[false, true], &["picked_up", "in_transit"]),
    ("delivery_failed", &[false, true], &["picked_up", "delivery_failed"]),
    ("returning", &[false, true], &["picked_up", "returning"]),
    ("delivered", &[false, true], &["picked_up", "in_transit", "delivered"]),
    ("returned", &[false, true], &["picked_up", "returning", "returned"]),
    ("cancelled", &[false, true], &["cancelled"]),
    ("failed", &[false, true], &["failed"]),
];

/// How many statuses are tried at once.
const AT_ONCE: usize = 16;

/// A status, reached with driver d1 or without one.
#[derive(Clone, Copy)]
struct Scene {
    status: &'static str,
    carried: bool,
    way: &'static [&'static str],
}

fn scenes() -> impl Iterator<Item = Scene> {
    WAYS.into_iter().flat_map(|(status, carried, way)| {
        carried.iter().map(move |carried| Scene { status, carried: *carried, way })
    })
}

impl Scene {
    /// An order of store s1 of m1, for c1, in this status.
    async fn place(self, ops: &Client) -> String {
        let mut body = order("m1", "c1");
        body["store"] = json!("s1");
        let id = id_of(&ops.create(&body).await.expect(201));
        if self.carried {
            ops.assign(&id, "d1").await.expect(200);
        }
        for status in self.way {
            ops.move_to(&id, status).await.expect(200);
        }
        assert_eq!(ops.order(&id).await.expect(200)["status"], self.status);
        id
    }

    /// Every column of the grid, and what it holds for this status.
    fn cells(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut rows = GRID.trim().lines().map(str::split_whitespace);
        let columns = rows.next().unwrap().skip(1);
        columns.zip(rows.find(|row| row.clone().next() == Some(self.status)).unwrap().skip(1))
    }
}

/// Everybody who has to do with the orders, with their letter in the grid, and
/// everybody who has not.
struct Crowd {
    parties: Vec<(char, Client)>,
    driver: Client,
    strangers: Vec<Client>,
}

impl Crowd {
    async fn of(app: &App) -> Self {
        let parties = [
            ('O', people::ops()),
            ('S', people::support()),
            ('M', people::merchant("m1")),
            ('M', people::store("m1", "s1")),
            ('C', people::customer("m1", "c1")),
        ];
        let strangers = [
            people::merchant("m2"),
            people::store("m1", "s2"),
            people::store("m2", "s1"),
            people::driver("d2"),
            people::customer("m1", "c2"),
            people::customer("m2", "c1"),
        ];
        Self {
            parties: join_all(parties.map(async |(letter, who)| (letter, app.client(who).await)))
                .await,
            driver: app.client(people::driver("d1")).await,
            strangers: join_all(strangers.map(|who| app.client(who))).await,
        }
    }

    fn parties(&self, scene: Scene) -> Vec<(char, &Client)> {
        let others = self.parties.iter().map(|(letter, client)| (*letter, client));
        others.chain(scene.carried.then_some(('D', &self.driver))).collect()
    }

    fn strangers(&self, scene: Scene) -> Vec<&Client> {
        self.strangers.iter().chain((!scene.carried).then_some(&self.driver)).collect()
    }
}

/// Asks for what a column of the grid is about.
async fn ask(client: &Client, id: &str, column: &str) -> Answer {
    match column {
        "assign" => client.assign(id, "d9").await,
        "unassign" => client.unassign(id, "a flat tyre").await,
        status => client.move_to(id, status).await,
    }
}

/// Whoever may, does it to an order of their own; whoever may not, is refused on
/// one that stays as it is.
async fn check(ops: &Client, scene: Scene, crowd: &Crowd, refusing: &str) {
    for (letter, client) in crowd.parties(scene) {
        for (column, cell) in scene.cells() {
            let may = cell.contains(letter);
            let own = if may { scene.place(ops).await } else { String::new() };
            let answer = ask(client, if may { &own } else { refusing }, column).await;
            let case = format!("{} → {column} by {letter}: {}", scene.status, answer.text);
            let to = match column {
                "assign" => "driver_assigned",
                "unassign" => "created",
                status => status,
            };
            match cell {
                "." => assert!(answer.is_problem(409, "transition-not-allowed"), "{case}"),
                "assign" | "unassign" => {
                    assert!(answer.is_problem(409, "owned-by-operation"), "{case}");
                }
                _ if !may => assert!(answer.is_problem(403, "forbidden"), "{case}"),
                // Who gives an order back sees it no more.
                _ if (letter, column) == ('D', "unassign") => assert_eq!(answer.status, 204),
                _ => {
                    assert_eq!(answer.status, 200, "{case}");
                    assert_eq!(answer.json()["status"], to, "{case}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_for_whom_the_grid_says() {
    let app = App::start().await;
    let (ops, crowd) = (app.ops().await, Crowd::of(&app).await);
    stream::iter(scenes())
        .for_each_concurrent(AT_ONCE, async |scene| {
            let refusing = scene.place(&ops).await;
            let before = stored::checked(&app, &refusing).await;
            check(&ops, scene, &crowd, &refusing).await;
            assert_eq!(stored::checked(&app, &refusing).await, before, "{}", scene.status);
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_is_there_for_a_stranger() {
    let app = App::start().await;
    let (ops, crowd) = (app.ops().await, Crowd::of(&app).await);
    stream::iter(scenes())
        .for_each_concurrent(AT_ONCE, async |scene| {
            let id = scene.place(&ops).await;
            for client in crowd.strangers(scene) {
                for (column, _) in scene.cells() {
                    ask(client, &id, column).await.problem(404, "not-found");
                }
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_not_given_to_its_driver_again() {
    let app = App::start().await;
    let (ops, crowd) = (app.ops().await, Crowd::of(&app).await);
    for scene in scenes().filter(|scene| scene.carried) {
        let id = scene.place(&ops).await;
        for (_, client) in crowd.parties(scene) {
            let kind = match scene.status {
                "driver_assigned" => "already-assigned",
                _ => "transition-not-allowed",
            };
            client.assign(&id, "d1").await.problem(409, kind);
        }
    }
}
