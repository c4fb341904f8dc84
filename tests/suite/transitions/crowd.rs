//! The people who send the requests.

use futures_util::future::join_all;
use serde_json::Value;

use crate::harness::chance::Chance;
use crate::harness::{App, Client, people};

/// The number of people in the crowd.
pub(super) const PEOPLE: usize = 12;

/// A person with a client.
pub(super) struct Who {
    pub(super) name: &'static str,
    /// The person's letter in the tables; `None` if they may not see the orders. A driver's
    /// letter applies only while the order is assigned to them.
    pub(super) letter: Option<char>,
    pub(super) client: Client,
}

/// People who may see orders of store s1 of m1 for c1 with driver d1, and people who may not.
pub(super) struct Crowd(Vec<Who>);

fn everybody() -> [(&'static str, Option<char>, Value); PEOPLE] {
    [
        ("ops", Some('O'), people::ops()),
        ("support", Some('S'), people::support()),
        ("merchant", Some('M'), people::merchant("m1")),
        ("clerk", Some('M'), people::store("m1", "s1")),
        ("driver", Some('D'), people::driver("d1")),
        ("customer", Some('C'), people::customer("m1", "c1")),
        ("another merchant", None, people::merchant("m2")),
        ("clerk of another store", None, people::store("m1", "s2")),
        ("clerk of another merchant's s1", None, people::store("m2", "s1")),
        ("another driver", None, people::driver("d2")),
        ("another customer", None, people::customer("m1", "c2")),
        ("another merchant's c1", None, people::customer("m2", "c1")),
    ]
}

impl Crowd {
    pub(super) async fn of(app: &App) -> Self {
        let login = async |(name, letter, person)| {
            let client = app.client(person).await;
            Who { name, letter, client }
        };
        Self(join_all(everybody().map(login)).await)
    }

    /// Draws `count` people, each at most once.
    pub(super) fn draw(&self, count: usize, chance: &mut Chance) -> Vec<&Who> {
        let mut people: Vec<_> = self.0.iter().collect();
        while people.len() > count {
            people.swap_remove(chance.below(people.len()));
        }
        people
    }
}
