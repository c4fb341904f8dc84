//! The changes of orders, as the functions that read the stream of `orders` receive them.

mod batch;
mod failures;

use domain::{Event, Order, OrderId, Version};

pub(crate) use self::batch::{Batch, Heads, Unreadable};
pub(crate) use self::failures::{Content, Failures};

/// An order before and after one or several commits.
#[derive(Debug)]
pub(crate) struct Change {
    /// `None` if the order is new.
    pub(crate) old: Option<Order>,
    pub(crate) new: Order,
    pub(crate) events: Vec<Event>,
}

impl Change {
    pub(crate) const fn order_id(&self) -> OrderId {
        self.new.id
    }

    pub(crate) const fn version(&self) -> Version {
        self.new.version
    }
}
