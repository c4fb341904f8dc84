//! The parts of orders and events that a principal sees. Every response, frame, replay and
//! snapshot consists of the views of this module, so this is the one place to check.

mod courier;
mod event;
mod items;
mod order;
mod position;
mod timeline;
mod track;

pub use courier::courier;
pub use event::{EventView, event};
pub use order::{OrderView, order};
pub use position::{
    FleetPositionView, PositionState, PositionView, Precision, ShownPosition, Source,
    fleet_position, may_watch, position,
};
pub use timeline::{TimelineView, timeline};
pub use track::{has_tracks, sees_track};

use crate::orders::is_its_driver;
pub use crate::orders::sees;

use super::{Event, Order, Principal, Role, Version};

/// The access of a principal to an order and some of its events. Views are made from it, so
/// principals with equal sights can share a view that is serialized once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    role: Role,
    /// True for a driver to whom the order is offered, and not yet assigned.
    is_offered: bool,
    /// The versions of the events that the principal caused.
    own: Vec<Version>,
}

impl Sight {
    /// Returns the sight that `principal` has of `order`, in its current state, and of these
    /// events of it; `None` if the principal does not see the order now.
    pub fn of(principal: &Principal, order: &Order, events: &[Event]) -> Option<Self> {
        let actor = principal.actor();
        let own = events.iter().filter(|event| event.actor == actor).map(|event| event.version);
        let is_offered = is_only_offered(principal, order);
        sees(principal, order).then(|| Self {
            role: principal.role(),
            is_offered,
            own: own.collect(),
        })
    }
}

fn is_only_offered(principal: &Principal, order: &Order) -> bool {
    order.is_offered_to(principal) && !is_its_driver(principal, order)
}

/// True if `principal` sees the order, and not only the part that an offer shows.
pub fn sees_whole(principal: &Principal, order: &Order) -> bool {
    sees(principal, order) && !is_only_offered(principal, order)
}

impl Sight {
    /// True if the reader sees the ids of people in this role. A driver to whom the order is offered
    /// sees nobody's.
    const fn reads_ids(&self, of: Role) -> bool {
        !self.is_offered && reads_ids(self.role, of)
    }
}

/// True if the role sees the internal information of the operation: notes, reasons and timelines.
const fn reads_notes(role: Role) -> bool {
    match role {
        Role::Ops | Role::Support | Role::Merchant | Role::System => true,
        Role::Driver | Role::Customer => false,
    }
}

/// True if the role sees the ids of people in this role. To customers the staff and the drivers
/// are strangers, and a driver knows a customer only until the order is closed; an id can be an
/// e-mail address.
const fn reads_ids(role: Role, of: Role) -> bool {
    match (role, of) {
        (Role::Customer, _) | (Role::Driver, Role::Customer) => false,
        (Role::Ops | Role::Support | Role::Merchant | Role::Driver | Role::System, _) => true,
    }
}
