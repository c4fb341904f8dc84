//! The messages of each connection. Each view of an order and of its events is serialised once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use db::ConnectionId;
use domain::visibility::Sight;
use domain::{Order, OrderId, Principal};
use serde_json::value::{RawValue, to_raw_value};

use super::change::reaches;
use crate::changes::Change;
use crate::live::broadcast::{Content, Push, Subscribers, subscribed};
use crate::live::{Frame, Messages, OrderEvent, Removed};

/// The parts of a batch's changes that a connection receives.
#[derive(Debug, Default)]
pub(super) struct Parts {
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
) -> Vec<Push<Parts>> {
    let mut pushes: BTreeMap<&ConnectionId, Push<Parts>> = BTreeMap::new();
    let mut orders = OrderViews::default();
    for (place, change) in changes.iter().enumerate() {
        let Some(now) = current.get(&change.order_id()) else { continue };
        let mut events = EventViews { change, now, by_sight: HashMap::new() };
        for (connection, (subscriber, topics)) in subscribed(change.topics(), subscribers) {
            let principal = &subscriber.principal;
            let push = pushes.entry(connection).or_insert_with(|| Push::to(subscriber, place));
            let parts = &mut push.content;
            if reaches(principal, now, &topics) {
                parts.events.extend_from_slice(events.of(principal));
                parts.orders.extend(orders.of(principal, now).map(|view| (now.id, view)));
            } else if change.took_from(principal, &topics) {
                let (order_id, version) = (change.order_id(), change.version());
                parts.removed.push(Removed { order_id, version });
            }
            push.found_in(topics);
        }
    }
    pushes.into_values().filter(|push| push.content.is_worth_sending()).collect()
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

impl Parts {
    fn is_worth_sending(&self) -> bool {
        !self.events.is_empty() || !self.removed.is_empty()
    }
}

impl Content for Parts {
    /// Returns the messages, split so that each fits the size limit.
    fn frames(&self) -> Vec<Frame> {
        let mut messages = Messages::default();
        self.events.iter().for_each(|event| messages.event(event));
        self.orders.values().for_each(|order| messages.order(order));
        self.removed.iter().for_each(|removed| messages.removed(*removed));
        messages.into_frames()
    }
}
