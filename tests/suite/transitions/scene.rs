//! An order in a status, and the responses to requests about it.

use serde_json::{Value, json};

use super::crowd::Who;
use super::table::{Ask, Outcome, Seer, Table};
use crate::harness::{App, Change, Client, Response, grocery, id_of, order, stored, substitution};

/// A status, reached in one of the possible ways.
#[derive(Clone)]
pub(super) struct Scene<'t> {
    table: &'t Table,
    pub(super) status: &'static str,
    way: Vec<Ask>,
}

/// An order that rows are tried on, in the state that the responses imply.
pub(super) struct Subject {
    pub(super) id: String,
    pub(super) version: u64,
    /// The number of an open issue.
    pub(super) issue: u64,
}

impl<'t> Scene<'t> {
    pub(super) fn all(table: &'t Table) -> impl Iterator<Item = Self> {
        table.ways().map(move |(status, way)| Self { table, status, way })
    }

    /// Creates an order of store s1 of m1 for c1, and brings it to this status, with driver d1 if
    /// the way assigns one.
    pub(super) async fn place(&self, ops: &Client) -> Subject {
        let mut body = match self.table.workflow {
            "grocery" => grocery("m1", "s1", "c1"),
            _ => order("m1", "c1"),
        };
        body["workflow"] = json!(self.table.workflow);
        body["store"] = json!("s1");
        let id = id_of(&ops.create(&body).await.expect(201));
        for step in &self.way {
            // A driver and a line other than those of the requests that follow.
            let response = match step {
                Ask::Operation("assign") => ops.assign(&id, "d1").await,
                Ask::Operation("substitutions") => {
                    ops.operate(&id, "substitutions", &substitution(1, 10)).await
                }
                step => step.change(0).ask(ops, &id).await,
            };
            response.expect(200);
        }
        let order = Change::open_issue().ask(ops, &id).await.expect(200);
        assert_eq!(order["status"], self.status);
        let version = order["version"].as_u64().expect("a version");
        Subject { id, version, issue: version }
    }

    /// Returns the person, if they may see the order.
    fn seer(&self, who: &Who) -> Option<Seer> {
        let driven = self.way.contains(&Ask::Operation("assign"));
        let letter = who.letter.filter(|letter| *letter != 'D' || driven)?;
        Some(Seer { letter, driven })
    }
}

/// The people who may no longer see the order after their own change.
const LOSE_SIGHT: [(&str, Ask); 2] =
    [("driver", Ask::Operation("unassign")), ("clerk", Ask::Operation("reassign"))];

impl Subject {
    /// Sends a request as a person and checks the response; returns whether the order has moved.
    pub(super) async fn check(&mut self, scene: &Scene<'_>, who: &Who, ask: &Ask) -> bool {
        let response = ask.change(self.issue).ask(&who.client, &self.id).await;
        let case = format!(
            "{} {} → {ask:?} by {}: {response:?}",
            scene.table.workflow, scene.status, who.name
        );
        let Some(seer) = scene.seer(who) else {
            assert!(
                response.is_problem(404, "not-found") && response.header("etag").is_empty(),
                "{case}"
            );
            return false;
        };
        let outcome = scene.table.outcome(scene.status, seer, *ask);
        let moves = matches!(outcome, Outcome::Moves { .. });
        if moves || outcome == Outcome::Stays {
            self.version += 1;
        }
        assert_eq!(response.header("etag"), format!("\"{}\"", self.version), "{case}");
        match outcome {
            Outcome::Moves { .. } if LOSE_SIGHT.contains(&(who.name, *ask)) => {
                assert_eq!((response.status, response.text.as_str()), (204, ""), "{case}");
            }
            Outcome::Moves { to } => assert_eq!(response.expect(200)["status"], to, "{case}"),
            Outcome::Same => assert_eq!(response.expect(200)["status"], scene.status, "{case}"),
            Outcome::Stays => {
                assert_eq!(response.expect(200)["status"], scene.status, "{case}");
                if *ask == Ask::InPlace("open_issue") {
                    self.issue = self.version;
                }
            }
            refused => check_refusal(scene, seer, &refused, &response, &case),
        }
        moves
    }

    /// Checks that the order is the fold of its history, at the version that the responses imply.
    pub(super) async fn check_stored(&self, app: &App) {
        assert_eq!(stored::checked(app, &self.id).await, self.version);
    }
}

fn check_refusal(
    scene: &Scene<'_>,
    seer: Seer,
    refused: &Outcome,
    response: &Response,
    case: &str,
) {
    let (status, kind) = match refused {
        Outcome::NotYours => (403, "forbidden"),
        Outcome::NoSuchStep => (409, "transition-not-allowed"),
        Outcome::OwnedBy(_) => (409, "owned-by-operation"),
        Outcome::Refused(kind) => (409, *kind),
        Outcome::Moves { .. } | Outcome::Stays | Outcome::Same => panic!("no refusal: {case}"),
    };
    assert!(response.is_problem(status, kind), "{case}");
    let problem = response.json();
    if let Outcome::OwnedBy(operations) = refused {
        assert!(operations.iter().any(|it| problem["operation"] == *it), "{case}");
    }
    if let Outcome::NotYours | Outcome::NoSuchStep = refused {
        let offered = scene.table.offered(scene.status, seer);
        assert_eq!(sorted(&problem["allowed"]), offered[0], "{case}");
        assert_eq!(sorted(&problem["operations"]), offered[1], "{case}");
    }
}

fn sorted(names: &Value) -> Vec<&str> {
    let names = names.as_array().expect("a list").iter();
    let mut names: Vec<_> = names.map(|name| name.as_str().expect("a name")).collect();
    names.sort_unstable();
    names
}
