//! Decides whether a principal may know that an order exists. [`visibility`](crate::visibility)
//! decides which parts of it the principal sees.

use crate::{Action, Command, InPlace, Order, Party, Principal, Step};

/// True if `principal` may know that `order` exists.
pub fn sees(principal: &Principal, order: &Order) -> bool {
    match &principal.party {
        Party::Ops | Party::Support | Party::System => true,
        Party::Merchant { merchant, store } => {
            *merchant == order.placed.merchant && (store.is_none() || *store == order.store)
        }
        Party::Driver => is_its_driver(principal, order) || order.is_offered_to(principal),
        Party::Customer { merchant, reference } => {
            let placed = &order.placed;
            *merchant == placed.merchant && placed.customer.as_ref() == Some(reference)
        }
    }
}

/// True if the order is assigned to `principal`.
pub(crate) fn is_its_driver(principal: &Principal, order: &Order) -> bool {
    order.driver.as_ref().is_some_and(|driver| principal.is_driver(driver))
}

/// True if `command` gets an answer other than that the order does not exist: from those who see
/// the order, and from a driver who answers an offer that is over.
pub fn may_ask(principal: &Principal, order: &Order, command: &Command) -> bool {
    let is_answer = matches!(
        command.action,
        Action::Step(Step::Accept { .. }) | Action::InPlace(InPlace::Decline { .. })
    );
    sees(principal, order) || (is_answer && order.was_offered_to(principal))
}
