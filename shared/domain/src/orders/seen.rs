//! Decides whether a principal may know that an order exists. [`visibility`](crate::visibility)
//! decides which parts of it the principal sees.

use crate::{Order, Party, Principal};

/// True if `principal` may know that `order` exists.
pub fn sees(principal: &Principal, order: &Order) -> bool {
    match &principal.party {
        Party::Ops | Party::Support | Party::System => true,
        Party::Merchant { merchant, store } => {
            *merchant == order.placed.merchant && (store.is_none() || *store == order.store)
        }
        Party::Driver => order.driver.as_ref().is_some_and(|driver| principal.is_driver(driver)),
        Party::Customer { merchant, reference } => {
            let placed = &order.placed;
            *merchant == placed.merchant && placed.customer.as_ref() == Some(reference)
        }
    }
}
