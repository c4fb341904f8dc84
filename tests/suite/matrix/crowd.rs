//! The people of the matrix, and the topics that they may subscribe to.

use serde_json::Value;

use super::grid::rows;
use super::situation::{Situation, Stretch};
use super::tables::{CROWD, PARTIES, TOPICS};
use crate::harness::{App, Client, people};

/// A person with a client.
pub(super) struct Who {
    pub(super) name: &'static str,
    /// The row in the table of the crowd.
    pub(super) place: usize,
    /// The column in the tables: an index into the parties.
    pub(super) party: usize,
    ours: Stretch,
    pub(super) sees_theirs: bool,
    pub(super) person: Value,
    pub(super) client: Client,
}

/// Returns the person with this name in the table of the crowd.
fn person(name: &str) -> Value {
    match name {
        "ops" => people::ops(),
        "support" => people::support(),
        "merchant" => people::merchant("m1"),
        "clerk" => people::store("m1", "s1"),
        "other-clerk" => people::store("m1", "s2"),
        "third-clerk" => people::store("m1", "s3"),
        "driver" => people::driver("d1"),
        "other-driver" => people::driver("d2"),
        "third-driver" => people::driver("d3"),
        "customer" => people::customer("m1", "c1"),
        "partner" => {
            let mut partner = people::customer("m1", "c1");
            partner["id"] = "partner".into();
            partner
        }
        "second-customer" => people::customer("m1", "c2"),
        "their-merchant" => people::merchant("m2"),
        "their-clerk" => people::store("m2", "s1"),
        "their-customer" => people::customer("m2", "c1"),
        other => panic!("nobody is called {other}"),
    }
}

impl Who {
    pub(super) async fn everybody(app: &App) -> Vec<Self> {
        let mut crowd = Vec::new();
        for (place, row) in rows(CROWD).enumerate() {
            let [name, column, ours, theirs] = row[..] else { panic!("no row: {row:?}") };
            let party = PARTIES.iter().position(|it| *it == column).expect("a party");
            let person = person(name);
            let client = app.client(person.clone()).await;
            let (ours, sees_theirs) = (Stretch(ours), theirs == "always");
            crowd.push(Self { name, place, party, ours, sees_theirs, person, client });
        }
        crowd
    }

    pub(super) fn sees(&self, situation: &Situation<'_>) -> bool {
        situation.holds(self.ours)
    }

    pub(super) fn saw(&self, situation: &Situation<'_>) -> bool {
        situation.held(self.ours)
    }
}

/// A person's right to subscribe to a topic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Access {
    Granted,
    Refused,
    /// Granted while the person may see the order.
    IfSeen,
}

/// A row of the table of topics.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) name: &'static str,
    pub(super) ours: Stretch,
    pub(super) holds_theirs: bool,
    /// One entry for each person, in the order of the crowd.
    pub(super) access: Vec<Access>,
}

impl Topic {
    pub(super) fn all() -> Vec<Self> {
        let topics = rows(TOPICS).map(|row| {
            let [name, ours, theirs, access @ ..] = &row[..] else { panic!("no row: {row:?}") };
            let access = access.iter().map(|cell| match *cell {
                "+" => Access::Granted,
                "." => Access::Refused,
                _ => Access::IfSeen,
            });
            let (ours, holds_theirs) = (Stretch(ours), *theirs == "always");
            Self { name, ours, holds_theirs, access: access.collect() }
        });
        let topics: Vec<_> = topics.collect();
        let crowd = rows(CROWD).count();
        assert!(topics.iter().all(|topic| topic.access.len() == crowd), "a cell for everybody");
        topics
    }

    /// True if this is a main topic of the person. Ops, support and merchants may subscribe to
    /// many topics and have one main topic; for everybody else, all topics are main.
    pub(super) fn is_main_of(&self, who: &Who) -> bool {
        match who.name {
            "ops" | "support" => self.name == "orders",
            "merchant" => self.name == "merchant:m1",
            "their-merchant" => self.name == "merchant:m2",
            _ => true,
        }
    }
}
