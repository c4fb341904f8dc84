//! Who listens to what, and what is theirs to see: said once more, by hand.

use serde_json::{Value, json};

use super::ledger::Image;
use crate::harness::people;

/// What somebody listens to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Topic {
    Orders,
    Merchant,
    Store(&'static str),
    Customer,
    Driver(&'static str),
    /// The case's order of that number.
    Order(usize),
}

/// Somebody at the case's merchant, or of the operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Person {
    Ops,
    Support,
    Merchant,
    Clerk(&'static str),
    Driver(&'static str),
    Customer,
}

/// Names that are this case's alone.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) merchant: String,
}

impl Names {
    /// A driver works for this case alone.
    pub(super) fn driver(&self, driver: &str) -> String {
        format!("{}-{driver}", self.merchant)
    }
}

impl Person {
    /// As `POST /dev/token` takes them.
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

    /// Whether notes and reasons are for them.
    pub(super) fn reads_notes(self) -> bool {
        !matches!(self, Self::Driver(_) | Self::Customer)
    }

    /// Whether an order that stands like this is theirs to see.
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
    /// As clients name it; `order` gives the id of the case's order of a number.
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

    /// Whether an order that stands like this belongs to it; nothing of single orders.
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

    /// Who may listen to it.
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

    /// Every topic that a case may have, with so many orders.
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

/// The authorizer's context of a connection.
pub(super) fn context(person: &Value, expires_at: &str) -> Value {
    let mut context = person.clone();
    context["expires_at"] = json!(expires_at);
    context
}
