//! Everybody who asks.

use futures_util::future::join_all;
use serde_json::Value;

use crate::harness::chance::Chance;
use crate::harness::{App, Client, people};

/// Somebody.
pub(super) struct Who {
    pub(super) name: &'static str,
    /// Their letter in the tables; none if the orders are not theirs. A driver's
    /// are while they are assigned to them.
    pub(super) letter: Option<char>,
    pub(super) client: Client,
}

/// Everybody who has to do with orders of store s1 of m1 for c1 with driver d1,
/// and everybody who has not.
pub(super) struct Crowd(Vec<Who>);

fn everybody() -> [(&'static str, Option<char>, Value); 12] {
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

    /// So many of them, each at most once.
    pub(super) fn draw(&self, count: usize, chance: &mut Chance) -> Vec<&Who> {
        let mut people: Vec<_> = self.0.iter().collect();
        while people.len() > count {
            people.swap_remove(chance.below(people.len()));
        }
        people
    }
}
