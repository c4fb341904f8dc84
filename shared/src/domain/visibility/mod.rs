//! What a principal sees. Every answer, frame, replay and snapshot is made of
//! the views that this module gives out, so this is the one place to read.

mod event;
mod order;
mod timeline;

pub use event::{EventView, event};
pub use order::{OrderView, order};
pub use timeline::{TimelineView, timeline};

use super::{Order, Party, Principal, Role};

/// Whether `principal` may know that `order` exists.
pub fn sees(principal: &Principal, order: &Order) -> bool {
    match &principal.party {
        Party::Ops | Party::Support | Party::System => true,
        Party::Merchant { merchant, store } => {
            *merchant == order.merchant && (store.is_none() || *store == order.store)
        }
        Party::Driver => order.driver.as_ref().is_some_and(|driver| principal.is_driver(driver)),
        Party::Customer { merchant, reference } => {
            *merchant == order.merchant && order.customer.as_ref() == Some(reference)
        }
    }
}

/// Who reads what is said within the operation: notes and reasons, and how well it keeps
/// its times.
const fn reads_notes(role: Role) -> bool {
    match role {
        Role::Ops | Role::Support | Role::Merchant | Role::System => true,
        Role::Driver | Role::Customer => false,
    }
}
