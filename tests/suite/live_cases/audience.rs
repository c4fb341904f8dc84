//! The access rules of topics and orders, written by hand a second time.

use serde_json::{Value, json};

use super::ledger::Image;
use crate::harness::people;

/// A topic of a case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Topic {
    Orders,
    Merchant,
    Store(&'static str),
    Customer,
    Driver(&'static str),
    /// The case's order with this number.
    Order(usize),
}

/// A person at the case's merchant, or of ops or support.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Person {
    Ops,
    Support,
    Merchant,
    Clerk(&'static str),
    Driver(&'static str),
    Customer,
}

/// Names that only one case uses.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) merchant: String,
}

impl Names {
    /// Returns the id of a driver who works for this case alone.
    pub(super) fn driver(&self, driver: &str) -> String {
        format!("{}-{driver}", self.merchant)
    }
}

impl Person {
    /// Returns the body of `POST /dev/token` for this person.
    pub(super) fn describe(self, names: &Names) -> Value {
        match self {
            Self::Ops => people::ops(),
            Self::Support => people::support(),
            Self::Merchant => people::merchant(&names.merchant),
            Self::Clerk(store) => people::store(&names.merchant, store),
            Self::Driver(driver) => people::driver(&names.driver(driver)),
            Self::Customer => people::customer(&names.merchant, "c1"),
        }
    }

    /// True if the person may read notes and reasons.
    pub(super) fn reads_notes(self) -> bool {
        !matches!(self, Self::Driver(_) | Self::Customer)
    }

    /// True if the person may see an order in this state.
    pub(super) fn sees(self, names: &Names, order: &Image) -> bool {
        let is_theirs = order.merchant == names.merchant;
        match self {
            Self::Ops | Self::Support => true,
            Self::Merchant => is_theirs,
            Self::Clerk(store) => is_theirs && order.store.as_deref() == Some(store),
            Self::Driver(driver) => order.driver.as_ref() == Some(&names.driver(driver)),
            Self::Customer => is_theirs && order.customer.as_deref() == Some("c1"),
        }
    }
}

impl Topic {
    /// Returns the topic's name; `order` maps a number to the id of the case's order.
    pub(super) fn text(&self, names: &Names, order: impl Fn(usize) -> String) -> String {
        let merchant = &names.merchant;
        match self {
            Self::Orders => "orders".to_owned(),
            Self::Merchant => format!("merchant:{merchant}"),
            Self::Store(store) => format!("store:{merchant}:{store}"),
            Self::Customer => format!("customer:{merchant}:c1"),
            Self::Driver(driver) => format!("driver:{}", names.driver(driver)),
            Self::Order(number) => format!("order:{}", order(*number)),
        }
    }

    /// True if the topic's list includes an order in this state; topics of single orders have no
    /// list.
    pub(super) fn holds(&self, names: &Names, order: &Image) -> bool {
        let is_theirs = order.merchant == names.merchant;
        match self {
            Self::Orders => true,
            Self::Merchant => is_theirs,
            Self::Store(store) => is_theirs && order.store.as_deref() == Some(*store),
            Self::Customer => is_theirs && order.customer.as_deref() == Some("c1"),
            Self::Driver(driver) => order.driver.as_ref() == Some(&names.driver(driver)),
            Self::Order(_) => false,
        }
    }

    /// Returns people who may subscribe to the topic.
    pub(super) fn audience(&self) -> Vec<Person> {
        match self {
            Self::Orders => vec![Person::Ops, Person::Support],
            Self::Merchant => vec![Person::Merchant, Person::Ops],
            Self::Store(store) => vec![Person::Clerk(store), Person::Merchant],
            Self::Customer => vec![Person::Customer],
            Self::Driver(driver) => vec![Person::Driver(driver), Person::Support],
            Self::Order(_) => vec![
                Person::Ops,
                Person::Merchant,
                Person::Customer,
                Person::Driver("d1"),
                Person::Clerk("s1"),
            ],
        }
    }

    /// Returns every topic that a case with this many orders may use.
    pub(super) fn all(orders: usize) -> Vec<Self> {
        let lists = [
            Self::Orders,
            Self::Merchant,
            Self::Store("s1"),
            Self::Customer,
            Self::Driver("d1"),
            Self::Driver("d1"),
        ];
        lists.into_iter().chain((0..orders).map(Self::Order)).collect()
    }
}

/// Returns the authorizer's context of a connection.
pub(super) fn context(person: &Value, expires_at: &str) -> Value {
    let mut context = person.clone();
    context["expires_at"] = json!(expires_at);
    context
}
