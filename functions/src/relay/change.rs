//! The clients that a change reaches.

use domain::topics::Topic;
use domain::visibility::sees;
use domain::{Order, Principal};

use crate::changes::Change;

impl Change {
    /// Returns the topics that the order belongs or belonged to.
    pub(super) fn topics(&self) -> impl Iterator<Item = Topic> {
        let mut topics = Topic::of(&self.new);
        topics.extend(self.old.iter().flat_map(Topic::of));
        topics.sort_unstable();
        topics.dedup();
        topics.into_iter()
    }

    /// True if the change took the order away from a principal who is subscribed to these topics.
    pub(super) fn took_from(&self, principal: &Principal, topics: &[&Topic]) -> bool {
        let reaches_them = |order: &Order| reaches(principal, order, topics);
        self.old.as_ref().is_some_and(reaches_them) && !reaches_them(&self.new)
    }
}

/// True if an order in this state is delivered to a principal who is subscribed to these topics.
pub(super) fn reaches(principal: &Principal, order: &Order, topics: &[&Topic]) -> bool {
    sees(principal, order) && Topic::of(order).iter().any(|topic| topics.contains(&topic))
}
