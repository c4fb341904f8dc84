//! What a commit did to an order.

use shared::domain::visibility::sees;
use shared::domain::{Event, Order, OrderId, Principal, Version};
use shared::topics::Topic;

/// An order before and after a commit, or several.
#[derive(Debug)]
pub(super) struct Change {
    /// None if there was no order before.
    pub(super) old: Option<Order>,
    pub(super) new: Order,
    /// What happened in between.
    pub(super) events: Vec<Event>,
}

impl Change {
    pub(super) const fn order_id(&self) -> OrderId {
        self.new.id
    }

    pub(super) const fn version(&self) -> Version {
        self.new.version
    }

    /// The topics that the order belongs to, and those that it belonged to.
    pub(super) fn topics(&self) -> impl Iterator<Item = Topic> {
        let mut topics = Topic::of(&self.new);
        topics.extend(self.old.iter().flat_map(Topic::of));
        topics.sort_unstable();
        topics.dedup();
        topics.into_iter()
    }

    /// Whether it took the order from somebody who listens to these topics.
    pub(super) fn took_from(&self, principal: &Principal, topics: &[&Topic]) -> bool {
        let heard_of = |order: &Order| is_heard(principal, order, topics);
        self.old.as_ref().is_some_and(heard_of) && !heard_of(&self.new)
    }
}

/// Whether somebody who listens to these topics hears of an order that stands like this.
pub(super) fn is_heard(principal: &Principal, order: &Order, topics: &[&Topic]) -> bool {
    sees(principal, order) && Topic::of(order).iter().any(|topic| topics.contains(&topic))
}
