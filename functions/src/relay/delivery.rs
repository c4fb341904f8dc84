//! What each connection is to hear of a batch.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;
use shared::domain::visibility::{self, EventView, sees};
use shared::domain::{Order, OrderId, Principal};
use shared::store::{ConnectionId, Subscriber};
use shared::topics::Topic;

use super::batch::Change;
use crate::live::Frame;

/// The most bytes of events in one message. API Gateway takes 128 KB
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>);
/// the rest is for what surrounds them.
const MAX_EVENT_BYTES: usize = 120 * 1024;

/// What one connection is to hear, in order.
#[derive(Debug)]
pub(super) struct Delivery<'a> {
    pub(super) subscriber: &'a Subscriber,
    pub(super) frames: Vec<Frame>,
}

/// An event with the order that it happened to.
#[derive(Serialize)]
struct OrderEvent<'a> {
    order_id: OrderId,
    #[serde(flatten)]
    event: EventView<'a>,
}

/// One delivery for each connection that listens to any of the changes and may
/// hear something of them.
pub(super) fn plan<'a>(
    changes: &[Change],
    subscribers: &'a BTreeMap<Topic, Vec<Subscriber>>,
    current: &HashMap<OrderId, Order>,
) -> Vec<Delivery<'a>> {
    let mut deliveries: BTreeMap<&ConnectionId, Delivery<'_>> = BTreeMap::new();
    for change in changes {
        let Some(now) = current.get(&change.new.order.id) else { continue };
        // A connection that listens to several of the order's topics hears it once.
        let listening: BTreeMap<_, _> = change
            .topics()
            .filter_map(|topic| subscribers.get(&topic))
            .flatten()
            .map(|subscriber| (&subscriber.connection, subscriber))
            .collect();
        for (connection, subscriber) in listening {
            let delivery = deliveries
                .entry(connection)
                .or_insert_with(|| Delivery { subscriber, frames: Vec::new() });
            delivery.add(change, now);
        }
    }
    deliveries.into_values().filter(|delivery| !delivery.frames.is_empty()).collect()
}

impl Delivery<'_> {
    /// Adds what the subscriber may hear of a change, given the order as it is now.
    fn add(&mut self, change: &Change, now: &Order) {
        let principal = &self.subscriber.principal;
        if sees(principal, now) {
            let events = events(principal, change, now);
            self.push_events(events);
        } else if change.old.as_ref().is_some_and(|old| sees(principal, &old.order)) {
            let (order_id, version) = (change.new.order.id, change.new.order.version);
            self.frames.push(Frame::Removed { order_id, version });
        }
    }

    /// Adds events to the last message, as long as it has room for them.
    fn push_events(&mut self, new: Vec<Value>) {
        let size = |events: &[Value]| -> usize {
            events.iter().map(|event| event.to_string().len() + 1).sum()
        };
        match self.frames.last_mut() {
            Some(Frame::Events { events }) if size(events) + size(&new) <= MAX_EVENT_BYTES => {
                events.extend(new);
            }
            _ => self.frames.push(Frame::Events { events: new }),
        }
    }
}

fn events(principal: &Principal, change: &Change, now: &Order) -> Vec<Value> {
    let views = change.events().iter().filter_map(|event| {
        let event = visibility::event(principal, now, event)?;
        serde_json::to_value(OrderEvent { order_id: now.id, event }).ok()
    });
    views.collect()
}
