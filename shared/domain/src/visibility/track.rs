//! The tracks of orders.

use super::sees;
use crate::{Fleet, Order, Party, Principal, Role};

/// True if the role sees tracks of orders at some time. A track shows the doors of other customers.
pub const fn has_tracks(role: Role) -> bool {
    match role {
        Role::Ops | Role::Support | Role::Merchant => true,
        Role::Driver | Role::Customer | Role::System => false,
    }
}

/// True if `principal` sees the part of an order's track that a driver of this fleet made; `None` stands
/// for a driver who is not registered any more. Operations see all, support those of open orders, and a
/// merchant those of its own fleet, of which its stores see those of open orders.
pub fn sees_track(principal: &Principal, order: &Order, fleet: Option<&Fleet>) -> bool {
    let is_theirs = match &principal.party {
        Party::Ops => true,
        Party::Support => order.is_open(),
        Party::Merchant { merchant, store } => {
            let is_own = fleet.and_then(Fleet::merchant) == Some(merchant);
            is_own && (order.is_open() || store.is_none())
        }
        Party::Driver | Party::Customer { .. } | Party::System => false,
    };
    is_theirs && sees(principal, order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{
        clerk, customer, driver, merchant, merchant_id, ops, order_in, support, system,
    };

    #[test]
    fn a_track_is_seen_by_operations_and_the_merchant_of_the_fleet() {
        let (own, other) = (Fleet::Merchant(merchant_id("m1")), Fleet::Merchant(merchant_id("m2")));
        let fleets = [None, Some(&Fleet::Platform), Some(&own), Some(&other)];
        let (all, none, of_own) = ([true; 4], [false; 4], [false, false, true, false]);
        for (principal, open, closed) in [
            (ops(), all, all),
            (support(), all, none),
            (merchant("m1"), of_own, of_own),
            (clerk("m1", "s1"), of_own, none),
            (clerk("m1", "s2"), none, none),
            (merchant("m2"), none, none),
            (driver("d1"), none, none),
            (customer("m1", "c1"), none, none),
            (system(), none, none),
        ] {
            for (status, expected) in [("in_transit", open), ("delivered", closed)] {
                let mut order = order_in(status, Some("d1"));
                order.store = Some(crate::samples::store_id("s1"));
                let found = fleets.map(|fleet| sees_track(&principal, &order, fleet));
                assert_eq!(found, expected, "{principal:?} {status}");
            }
        }
    }
}
