//! What a commit did to an order.

use domain::topics::Topic;
use domain::visibility::sees;
use domain::{Event, Order, OrderId, Principal, Version};

/// An order before and after a commit, or several.
#[derive(Debug)]
pub(crate) struct Change {
    /// None if there was no order before.
    pub(crate) old: Option<Order>,
    pub(crate) new: Order,
    /// What happened in between.
    pub(crate) events: Vec<Event>,
}

impl Change {
    pub(crate) const fn order_id(&self) -> OrderId {
        self.new.id
    }

    pub(crate) const fn version(&self) -> Version {
        self.new.version
    }

    /// The topics that the order belongs to, and those that it belonged to.
    pub(crate) fn topics(&self) -> impl Iterator<Item = Topic> {
        let mut topics = Topic::of(&self.new);
        topics.extend(self.old.iter().flat_map(Topic::of));
        topics.sort_unstable();
        topics.dedup();
        topics.into_iter()
    }

    /// Whether it took the order from somebody who is subscribed to these topics.
    pub(super) fn took_from(&self, principal: &Principal, topics: &[&Topic]) -> bool {
        let reaches_them = |order: &Order| reaches(principal, order, topics);
        self.old.as_ref().is_some_and(reaches_them) && !reaches_them(&self.new)
    }
}

/// Whether an order that stands like this reaches somebody who is subscribed to these topics.
pub(super) fn reaches(principal: &Principal, order: &Order, topics: &[&Topic]) -> bool {
    sees(principal, order) && Topic::of(order).iter().any(|topic| topics.contains(&topic))
}
