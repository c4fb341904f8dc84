//! The topics of live updates, and the principals who may subscribe to them.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::values::{encoded, schema_of_shape};
use crate::{
    Bounds, CustomerReference, DriverId, Filter, Fleet, Invalid, MerchantId, Order, OrderId, Party,
    Principal, Shape, Shaped, StoreId,
};

/// A stream of events that connections subscribe to. In its text, identifiers are percent-encoded
/// (RFC 3986): colons only separate, and each topic has one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// `orders`: every order.
    Orders,
    /// `merchant:ID`: a merchant's orders.
    Merchant(MerchantId),
    /// `store:MERCHANT:ID`: a store's orders.
    Store(MerchantId, StoreId),
    /// `customer:MERCHANT:REFERENCE`: a customer's orders. The reference is percent-encoded.
    Customer(MerchantId, CustomerReference),
    /// `driver:ID`: the orders assigned or offered to a driver.
    Driver(DriverId),
    /// `order:ID`: one order.
    Order(OrderId),
    /// `fleet`: the positions of the platform's drivers; `fleet:MERCHANT`: those of a merchant's own.
    Fleet(Fleet),
}

/// A principal's permission to subscribe to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Granted,
    Refused,
    /// Granted if the principal sees this order.
    IfSeen(OrderId),
}

impl Topic {
    /// Parses a topic's text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<&str> = text.split(':').collect();
        let topic = match parts[..] {
            ["orders"] => Some(Self::Orders),
            ["merchant", id] => decoded(id, MerchantId::parse).map(Self::Merchant),
            ["store", merchant, id] => decoded(merchant, MerchantId::parse)
                .zip(decoded(id, StoreId::parse))
                .map(|(merchant, id)| Self::Store(merchant, id)),
            ["customer", merchant, reference] => decoded(merchant, MerchantId::parse)
                .zip(decoded(reference, CustomerReference::parse))
                .map(|(merchant, reference)| Self::Customer(merchant, reference)),
            ["driver", id] => decoded(id, DriverId::parse).map(Self::Driver),
            ["order", id] => OrderId::parse(id).ok().map(Self::Order),
            ["fleet"] => Some(Self::Fleet(Fleet::Platform)),
            ["fleet", merchant] => {
                decoded(merchant, MerchantId::parse).map(|id| Self::Fleet(Fleet::of(Some(id))))
            }
            _ => None,
        };
        topic.ok_or(Invalid::new(
            "must be orders, merchant:ID, store:MERCHANT:ID, customer:MERCHANT:REFERENCE, \
             driver:ID, order:ID, fleet or fleet:MERCHANT, with each ID percent-encoded: \
             driver:auth0%7C42",
        ))
    }

    /// Returns the topics that an order's events belong to.
    pub fn of(order: &Order) -> Vec<Self> {
        let merchant = || order.placed.merchant.clone();
        let mut topics = vec![Self::Orders, Self::Order(order.id), Self::Merchant(merchant())];
        topics.extend(order.store.clone().map(|store| Self::Store(merchant(), store)));
        topics.extend(
            order.placed.customer.clone().map(|reference| Self::Customer(merchant(), reference)),
        );
        let drivers = order.driver.iter().chain(order.offered_to()).cloned();
        topics.extend(drivers.map(Self::Driver));
        topics
    }

    /// Returns the filter for the open orders that belong to the topic now; `None` for
    /// `order:ID`, which is a single order, and for fleets, which have none.
    pub fn open_orders(&self) -> Option<Filter> {
        let all = Filter::default();
        Some(match self.clone() {
            Self::Orders => all,
            Self::Merchant(id) => Filter { merchant: Some(id), ..all },
            Self::Store(merchant, id) => {
                Filter { merchant: Some(merchant), store: Some(id), ..all }
            }
            Self::Customer(merchant, reference) => {
                Filter { merchant: Some(merchant), customer: Some(reference), ..all }
            }
            Self::Driver(id) => Filter { driver: Some(id), ..all },
            Self::Order(_) | Self::Fleet(_) => return None,
        })
    }

    /// Returns the permission of `principal` to subscribe to the topic.
    pub fn access(&self, principal: &Principal) -> Access {
        let granted = match (self, &principal.party) {
            (Self::Order(id), _) => return Access::IfSeen(*id),
            (Self::Fleet(_), Party::Ops) => true,
            (Self::Fleet(fleet), Party::Merchant { merchant, store: None }) => {
                fleet.merchant() == Some(merchant)
            }
            (Self::Fleet(_), _) => false,
            (_, Party::Ops | Party::Support | Party::System) => true,
            (Self::Merchant(id), Party::Merchant { merchant, store: None }) => id == merchant,
            (Self::Store(of, id), Party::Merchant { merchant, store }) => {
                of == merchant && store.as_ref().is_none_or(|store| store == id)
            }
            (Self::Customer(of, id), Party::Customer { merchant, reference }) => {
                of == merchant && id == reference
            }
            (Self::Driver(id), Party::Driver) => principal.is_driver(id),
            _ => false,
        };
        if granted { Access::Granted } else { Access::Refused }
    }
}

/// Parses a percent-encoded identifier. Only the text that [`encoded`] writes is accepted.
fn decoded<T: fmt::Display>(text: &str, parse: fn(&str) -> Result<T, Invalid>) -> Option<T> {
    let id = percent_decode_str(text).decode_utf8().ok()?;
    let is_one = |it: &T| encoded(&it.to_string()).to_string() == text;
    parse(&id).ok().filter(is_one)
}

impl Shaped for Topic {
    const SHAPE: Shape = Shape {
        name: Some("Topic"),
        about: "A set of orders to follow: `orders` (all; operations and support), `merchant:ID`, \
                `store:MERCHANT:ID`, `customer:MERCHANT:REFERENCE`, `driver:ID` or `order:ID`; or \
                the positions of a fleet's drivers: `fleet` (the platform's) or `fleet:MERCHANT`. \
                Each ID is percent-encoded.",
        bounds: Bounds::Text {
            // The longest is a customer with 128 encoded characters.
            length: (5, 458),
            pattern: concat!(
                "^(orders|(merchant|fleet):[A-Za-z0-9._~-]{1,64}|fleet",
                "|store:[A-Za-z0-9._~-]{1,64}:[A-Za-z0-9._~-]{1,64}",
                "|driver:([A-Za-z0-9._~-]|%(2B|2F|3A|40|7C)){1,128}",
                "|customer:[A-Za-z0-9._~-]{1,64}:([A-Za-z0-9._~-]|%(20|23|2B|2F|3A|40|7C)){1,128}",
                "|order:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
            ),
        },
    };
}

schema_of_shape!(Topic);

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orders => f.write_str("orders"),
            Self::Merchant(id) => write!(f, "merchant:{}", encoded(id.as_str())),
            Self::Store(merchant, id) => {
                write!(f, "store:{}:{}", encoded(merchant.as_str()), encoded(id.as_str()))
            }
            Self::Customer(merchant, reference) => {
                write!(f, "customer:{}:{}", encoded(merchant.as_str()), encoded(reference.as_str()))
            }
            Self::Driver(id) => write!(f, "driver:{}", encoded(id.as_str())),
            Self::Order(id) => write!(f, "order:{id}"),
            Self::Fleet(fleet) => match fleet.merchant() {
                None => f.write_str("fleet"),
                Some(id) => write!(f, "fleet:{}", encoded(id.as_str())),
            },
        }
    }
}

#[cfg(test)]
mod tests;
