//! A connection with its messages, and the connections that topics have.

use std::collections::{BTreeMap, BTreeSet};

use db::{ConnectionId, Subscriber};
use domain::topics::Topic;

use super::Subscribers;
use crate::live::Frame;

/// A connection with the content of its messages.
#[derive(Debug)]
pub(crate) struct Push<C> {
    pub(super) subscriber: Subscriber,
    /// The topics that the connection was found subscribed to.
    pub(super) topics: BTreeSet<Topic>,
    /// The index in the batch of the first element that the connection has a part of.
    pub(super) first: usize,
    pub(crate) content: C,
}

/// The content of a connection's messages.
pub(crate) trait Content: Send + 'static {
    /// Returns the messages in order.
    fn frames(&self) -> Vec<Frame>;
}

impl<C: Default> Push<C> {
    /// Creates an empty push to a connection that the element at this index of the batch is for.
    pub(crate) fn to(subscriber: &Subscriber, first: usize) -> Self {
        let (subscriber, topics) = (subscriber.clone(), BTreeSet::new());
        Self { subscriber, topics, first, content: C::default() }
    }
}

impl<C> Push<C> {
    /// Records topics that the connection was found subscribed to.
    pub(crate) fn found_in<'a>(&mut self, topics: impl IntoIterator<Item = &'a Topic>) {
        self.topics.extend(topics.into_iter().cloned());
    }
}

/// Returns the connections that are subscribed to any of these topics, each once, with those topics.
pub(crate) fn subscribed(
    topics: impl IntoIterator<Item = Topic>,
    subscribers: &Subscribers,
) -> BTreeMap<&ConnectionId, (&Subscriber, Vec<&Topic>)> {
    let mut subscribed: BTreeMap<_, (_, Vec<_>)> = BTreeMap::new();
    for topic in topics {
        let Some((topic, subscribers)) = subscribers.get_key_value(&topic) else { continue };
        for subscriber in subscribers {
            let entry = subscribed.entry(&subscriber.connection);
            entry.or_insert_with(|| (subscriber, Vec::new())).1.push(topic);
        }
    }
    subscribed
}
