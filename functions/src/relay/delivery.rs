//! What each connection is to hear.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};
use shared::domain::{Actor, Order, OrderId, Principal, Role, visibility};
use shared::store::{ConnectionId, Subscriber};
use shared::topics::Topic;

use super::change::{Change, is_heard};
use crate::live::{Frame, Messages, OrderEvent, Removed};

/// What one connection is to hear, in order.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) subscriber: Subscriber,
    /// What the connection was found listening to.
    pub(super) topics: BTreeSet<Topic>,
    events: Vec<Arc<RawValue>>,
    orders: BTreeMap<OrderId, Arc<RawValue>>,
    removed: Vec<Removed>,
}

/// One delivery for each connection that is to hear any of the changes. Each
/// change is weighed against its order as it is now, by `current`.
pub(super) fn plan(
    changes: &[Change],
    subscribers: &BTreeMap<Topic, Vec<Subscriber>>,
    current: &HashMap<OrderId, Order>,
) -> Vec<Delivery> {
    let mut deliveries: BTreeMap<&ConnectionId, Delivery> = BTreeMap::new();
    let mut orders = OrderViews::default();
    for change in changes {
        let Some(now) = current.get(&change.order_id()) else { continue };
        let mut events = EventViews { change, now, by_sight: HashMap::new() };
        for (connection, (subscriber, topics)) in listening(change, subscribers) {
            let principal = &subscriber.principal;
            let delivery = deliveries.entry(connection).or_insert_with(|| Delivery::to(subscriber));
            if is_heard(principal, now, &topics) {
                delivery.events.extend_from_slice(events.of(principal));
                delivery.orders.extend(orders.of(principal, now).map(|view| (now.id, view)));
            } else if change.took_from(principal, &topics) {
                let (order_id, version) = (change.order_id(), change.version());
                delivery.removed.push(Removed { order_id, version });
            }
            delivery.topics.extend(topics.into_iter().cloned());
        }
    }
    deliveries.into_values().filter(Delivery::says_something).collect()
}

/// The connections that listen to any of a change's topics, each once, with
/// those topics.
fn listening<'a>(
    change: &Change,
    subscribers: &'a BTreeMap<Topic, Vec<Subscriber>>,
) -> BTreeMap<&'a ConnectionId, (&'a Subscriber, Vec<&'a Topic>)> {
    let mut listening: BTreeMap<_, (_, Vec<_>)> = BTreeMap::new();
    for topic in change.topics() {
        let Some((topic, subscribers)) = subscribers.get_key_value(&topic) else { continue };
        for subscriber in subscribers {
            let entry = listening.entry(&subscriber.connection);
            entry.or_insert_with(|| (subscriber, Vec::new())).1.push(topic);
        }
    }
    listening
}

/// A change's events as people see them: written once for a role, and once more for
/// each whose own event is among them.
struct EventViews<'a> {
    change: &'a Change,
    now: &'a Order,
    by_sight: HashMap<(Role, Option<Actor>), Vec<Arc<RawValue>>>,
}

impl EventViews<'_> {
    /// As `principal`, who sees the order, sees them: who sees an order sees its
    /// events by their role, and their own events whole.
    fn of(&mut self, principal: &Principal) -> &[Arc<RawValue>] {
        let Self { change, now, by_sight } = self;
        let actor = principal.actor();
        let own = change.events.iter().any(|event| event.actor == actor).then_some(actor);
        by_sight.entry((principal.role(), own)).or_insert_with(|| {
            let views = change.events.iter().filter_map(|event| {
                let event = visibility::event(principal, now, event)?;
                to_raw_value(&OrderEvent { order_id: now.id, event }).ok()
            });
            views.map(Arc::from).collect()
        })
    }
}

/// Orders without their details, as people see them: written once for a role.
#[derive(Default)]
struct OrderViews(HashMap<(OrderId, Role), Option<Arc<RawValue>>>);

impl OrderViews {
    /// As `principal`, who sees the order, sees it.
    fn of(&mut self, principal: &Principal, order: &Order) -> Option<Arc<RawValue>> {
        let view = self.0.entry((order.id, principal.role())).or_insert_with(|| {
            let view = visibility::order(principal, order, None)?;
            to_raw_value(&view).ok().map(Arc::from)
        });
        view.clone()
    }
}

impl Delivery {
    fn to(subscriber: &Subscriber) -> Self {
        Self {
            subscriber: subscriber.clone(),
            topics: BTreeSet::new(),
            events: Vec::new(),
            orders: BTreeMap::new(),
            removed: Vec::new(),
        }
    }

    fn says_something(&self) -> bool {
        !self.events.is_empty() || !self.removed.is_empty()
    }

    /// One message, or more where one has no room for it.
    pub(super) fn frames(&self) -> Vec<Frame> {
        let mut messages = Messages::default();
        self.events.iter().for_each(|event| messages.event(event));
        self.orders.values().for_each(|order| messages.order(order));
        self.removed.iter().for_each(|removed| messages.removed(*removed));
        messages.into_frames()
    }
}
