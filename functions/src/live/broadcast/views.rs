//! The messages of each connection. Each view of an order and of its events is serialised once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use db::{ConnectionId, Subscriber};
use domain::topics::Topic;
use domain::visibility::Sight;
use domain::{Order, OrderId, Principal};
use serde_json::value::{RawValue, to_raw_value};

use super::Subscribers;
use super::change::reaches;
use super::turns::Turns;
use crate::changes::Change;
use crate::live::{Frame, Messages, OrderEvent, Removed};

/// A connection's messages, in order.
#[derive(Debug)]
pub(super) struct Push {
    pub(super) subscriber: Subscriber,
    /// The topics that the connection was found subscribed to.
    pub(super) topics: BTreeSet<Topic>,
    /// The index of the first change that it has a part of.
    pub(super) first_change: usize,
    events: Vec<Arc<RawValue>>,
    orders: BTreeMap<OrderId, Arc<RawValue>>,
    removed: Vec<Removed>,
}

/// Returns one push for each connection that receives any of the changes. Access is checked against
/// the order's current state, in `current`.
pub(super) fn pushes(
    changes: &[Change],
    subscribers: &Subscribers,
    current: &HashMap<OrderId, Order>,
) -> Turns<Push> {
    let mut pushes: BTreeMap<&ConnectionId, Push> = BTreeMap::new();
    let mut orders = OrderViews::default();
    for (place, change) in changes.iter().enumerate() {
        let Some(now) = current.get(&change.order_id()) else { continue };
        let mut events = EventViews { change, now, by_sight: HashMap::new() };
        for (connection, (subscriber, topics)) in subscribed(change, subscribers) {
            let principal = &subscriber.principal;
            let push = pushes.entry(connection).or_insert_with(|| Push::to(subscriber, place));
            if reaches(principal, now, &topics) {
                push.events.extend_from_slice(events.of(principal));
                push.orders.extend(orders.of(principal, now).map(|view| (now.id, view)));
            } else if change.took_from(principal, &topics) {
                let (order_id, version) = (change.order_id(), change.version());
                push.removed.push(Removed { order_id, version });
            }
            push.topics.extend(topics.into_iter().cloned());
        }
    }
    let pushes = pushes.into_values().filter(Push::is_worth_sending);
    Turns::of(pushes, |push| &push.subscriber.principal)
}

/// Returns the connections that are subscribed to any of a change's topics, each once, with those
/// topics.
fn subscribed<'a>(
    change: &Change,
    subscribers: &'a Subscribers,
) -> BTreeMap<&'a ConnectionId, (&'a Subscriber, Vec<&'a Topic>)> {
    let mut subscribed: BTreeMap<_, (_, Vec<_>)> = BTreeMap::new();
    for topic in change.topics() {
        let Some((topic, subscribers)) = subscribers.get_key_value(&topic) else { continue };
        for subscriber in subscribers {
            let entry = subscribed.entry(&subscriber.connection);
            entry.or_insert_with(|| (subscriber, Vec::new())).1.push(topic);
        }
    }
    subscribed
}

/// The views of a change's events, serialised once for all principals with the same sight of
/// them.
struct EventViews<'a> {
    change: &'a Change,
    now: &'a Order,
    by_sight: HashMap<Sight, Vec<Arc<RawValue>>>,
}

impl EventViews<'_> {
    /// Returns the events that `principal` sees.
    fn of(&mut self, principal: &Principal) -> &[Arc<RawValue>] {
        let Self { change, now, by_sight } = self;
        let Some(sight) = Sight::of(principal, now, &change.events) else { return &[] };
        by_sight.entry(sight).or_insert_with_key(|sight| {
            let views = change.events.iter().filter_map(|event| {
                let event = OrderEvent { order_id: now.id, event: sight.event(event) };
                to_raw_value(&event).ok()
            });
            views.map(Arc::from).collect()
        })
    }
}

/// The views of orders without their details, serialised once for each sight of an order.
#[derive(Default)]
struct OrderViews(HashMap<(OrderId, Sight), Option<Arc<RawValue>>>);

impl OrderViews {
    /// Returns the view of `principal`, if they see the order.
    fn of(&mut self, principal: &Principal, order: &Order) -> Option<Arc<RawValue>> {
        let sight = Sight::of(principal, order, &[])?;
        let view = self.0.entry((order.id, sight)).or_insert_with_key(|(_, sight)| {
            to_raw_value(&sight.order(order, None)).ok().map(Arc::from)
        });
        view.clone()
    }
}

impl Push {
    fn to(subscriber: &Subscriber, first_change: usize) -> Self {
        Self {
            subscriber: subscriber.clone(),
            topics: BTreeSet::new(),
            first_change,
            events: Vec::new(),
            orders: BTreeMap::new(),
            removed: Vec::new(),
        }
    }

    fn is_worth_sending(&self) -> bool {
        !self.events.is_empty() || !self.removed.is_empty()
    }

    /// Returns the messages, split so that each fits the size limit.
    pub(super) fn frames(&self) -> Vec<Frame> {
        let mut messages = Messages::default();
        self.events.iter().for_each(|event| messages.event(event));
        self.orders.values().for_each(|order| messages.order(order));
        self.removed.iter().for_each(|removed| messages.removed(*removed));
        messages.into_frames()
    }
}
