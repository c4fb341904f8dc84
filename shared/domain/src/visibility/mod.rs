//! The parts of orders and events that a principal sees. Every answer, frame, replay and snapshot
//! is made of the views that this module gives out, so this is the one place to read.

mod event;
mod order;
mod timeline;

pub use event::{EventView, event};
pub use order::{OrderView, order};
pub use timeline::{TimelineView, timeline};

pub use crate::orders::sees;

use super::{Event, Order, Principal, Role, Version};

/// How somebody sees an order and some of its events. Views are made from it, so two who
/// see an order alike can be shown the same view, written once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    role: Role,
    /// The versions of those events that are their own.
    own: Vec<Version>,
}

impl Sight {
    /// How `principal` sees `order`, as it is now, and these events of it: not at all if the
    /// order is not theirs now.
    pub fn of(principal: &Principal, order: &Order, events: &[Event]) -> Option<Self> {
        let actor = principal.actor();
        let own = events.iter().filter(|event| event.actor == actor).map(|event| event.version);
        sees(principal, order).then(|| Self { role: principal.role(), own: own.collect() })
    }
}

/// True if the role reads the operation's internal information: notes and reasons, and how well
/// it keeps its times.
const fn reads_notes(role: Role) -> bool {
    match role {
        Role::Ops | Role::Support | Role::Merchant | Role::System => true,
        Role::Driver | Role::Customer => false,
    }
}
