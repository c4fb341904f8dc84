//! The sample people that the sign-in page offers.

use std::time::Duration;

use super::super::TokenRequest;

/// A sample person.
#[derive(Debug)]
pub(super) struct Person {
    /// The value of the button, and the `sub` of the tokens.
    pub(super) id: &'static str,
    /// The words on the button.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    role: &'static str,
    merchant: Option<&'static str>,
    store: Option<&'static str>,
}

/// The merchant of the sample people who have one.
const MERCHANT: Option<&str> = Some("blue-bakery");

/// The people, one for each kind of principal.
pub(super) const PEOPLE: [Person; 6] = [
    Person {
        id: "olga",
        name: "Olga, operations",
        about: "sees and moves all orders",
        role: "ops",
        merchant: None,
        store: None,
    },
    Person {
        id: "sam",
        name: "Sam, support",
        about: "sees all orders, with contacts masked",
        role: "support",
        merchant: None,
        store: None,
    },
    Person {
        id: "maria",
        name: "Maria, merchant",
        about: "has the orders of blue-bakery",
        role: "merchant",
        merchant: MERCHANT,
        store: None,
    },
    Person {
        id: "stan",
        name: "Stan, store",
        about: "has the orders of blue-bakery at the store high-street",
        role: "merchant",
        merchant: MERCHANT,
        store: Some("high-street"),
    },
    Person {
        id: "dora",
        name: "Dora, driver",
        about: "has the orders assigned to dora",
        role: "driver",
        merchant: None,
        store: None,
    },
    Person {
        id: "ada",
        name: "Ada, customer",
        about: "has the orders of blue-bakery for the reference ada",
        role: "customer",
        merchant: MERCHANT,
        store: None,
    },
];

impl Person {
    /// Returns the person with an id.
    pub(super) fn of(id: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.id == id)
    }

    /// Returns the request for the person's token.
    pub(super) fn request(&self, lifetime: Duration) -> TokenRequest {
        TokenRequest {
            role: self.role.to_owned(),
            id: self.id.to_owned(),
            merchant: self.merchant.map(str::to_owned),
            store: self.store.map(str::to_owned),
            reference: None,
            expires_in: Some(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX)),
        }
    }
}
