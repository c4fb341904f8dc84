//! What each connection is to hear of a batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::value::{RawValue, to_raw_value};
use shared::domain::visibility::{self, sees};
use shared::domain::{Order, OrderId, Principal, Role};
use shared::store::{ConnectionId, Subscriber};
use shared::topics::Topic;

use super::batch::Change;
use crate::live::{Frame, OrderEvent};

/// The most bytes of events in one message. API Gateway takes 128 KB
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>);
/// the rest is for what surrounds them.
const MAX_EVENT_BYTES: usize = 120 * 1024;

/// What one connection is to hear, in order.
#[derive(Debug)]
pub(super) struct Delivery<'a> {
    pub(super) subscriber: &'a Subscriber,
    /// What the connection was found listening to.
    pub(super) topics: BTreeSet<&'a Topic>,
    pub(super) frames: Vec<Frame>,
    /// Of the events in the last frame.
    bytes: usize,
}

/// One delivery for each connection that is to hear any of the changes. Each
/// change is weighed against its order as it is now, by `current`.
pub(super) fn plan<'a>(
    changes: &[Change],
    subscribers: &'a BTreeMap<Topic, Vec<Subscriber>>,
    current: &HashMap<OrderId, Order>,
) -> Vec<Delivery<'a>> {
    let mut deliveries: BTreeMap<&ConnectionId, Delivery<'_>> = BTreeMap::new();
    for change in changes {
        let Some(now) = current.get(&change.new.order.id) else { continue };
        let topics_now = Topic::of(now);
        let mut views = Views { change, now, by_sight: HashMap::new() };
        for (connection, (subscriber, topics)) in listening(change, subscribers) {
            let principal = &subscriber.principal;
            let delivery = deliveries.entry(connection).or_insert_with(|| Delivery::to(subscriber));
            if sees(principal, now) && topics.iter().any(|topic| topics_now.contains(topic)) {
                delivery.push_events(views.of(principal));
            } else if change.took_from(principal, &topics) {
                let (order_id, version) = (change.new.order.id, change.new.order.version);
                delivery.frames.push(Frame::Removed { order_id, version });
            }
            delivery.topics.extend(topics);
        }
    }
    deliveries.into_values().filter(|delivery| !delivery.frames.is_empty()).collect()
}

/// The connections that listen to any of a change's topics, each once, with
/// those topics.
fn listening<'a>(
    change: &Change,
    subscribers: &'a BTreeMap<Topic, Vec<Subscriber>>,
) -> BTreeMap<&'a ConnectionId, (&'a Subscriber, BTreeSet<&'a Topic>)> {
    let mut listening: BTreeMap<_, (_, BTreeSet<_>)> = BTreeMap::new();
    for topic in change.topics() {
        let Some((topic, subscribers)) = subscribers.get_key_value(&topic) else { continue };
        for subscriber in subscribers {
            let entry = listening.entry(&subscriber.connection);
            entry.or_insert_with(|| (subscriber, BTreeSet::new())).1.insert(topic);
        }
    }
    listening
}

impl Change {
    /// Whether the order was on one of these topics before, for this principal to see.
    fn took_from(&self, principal: &Principal, topics: &BTreeSet<&Topic>) -> bool {
        self.old.as_ref().is_some_and(|old| {
            let was_on = Topic::of(&old.order);
            sees(principal, &old.order) && was_on.iter().any(|topic| topics.contains(topic))
        })
    }
}

/// A change's events as people see them: written once for a role, and once more for
/// those of it whose own event is among them.
struct Views<'a> {
    change: &'a Change,
    now: &'a Order,
    by_sight: HashMap<(Role, bool), Vec<Box<RawValue>>>,
}

impl Views<'_> {
    /// As `principal`, who sees the order, sees them: who sees an order sees its
    /// events by their role, and their own events whole.
    fn of(&mut self, principal: &Principal) -> &[Box<RawValue>] {
        let Self { change, now, by_sight } = self;
        let actor = principal.actor();
        let is_own = change.events().iter().any(|event| event.actor == actor);
        by_sight.entry((principal.role(), is_own)).or_insert_with(|| {
            let views = change.events().iter().filter_map(|event| {
                let event = visibility::event(principal, now, event)?;
                to_raw_value(&OrderEvent { order_id: now.id, event }).ok()
            });
            views.collect()
        })
    }
}

impl<'a> Delivery<'a> {
    fn to(subscriber: &'a Subscriber) -> Self {
        Self { subscriber, topics: BTreeSet::new(), frames: Vec::new(), bytes: 0 }
    }

    /// Adds events to the last message, as long as it has room for them.
    fn push_events(&mut self, new: &[Box<RawValue>]) {
        let bytes: usize = new.iter().map(|event| event.get().len() + 1).sum();
        match self.frames.last_mut() {
            Some(Frame::Events { events }) if self.bytes + bytes <= MAX_EVENT_BYTES => {
                events.extend_from_slice(new);
                self.bytes += bytes;
            }
            _ => {
                self.frames.push(Frame::Events { events: new.to_vec() });
                self.bytes = bytes;
            }
        }
    }
}
