//! Follows one order, and reports each of its events once and in order. The connection has no
//! other topic.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::held::Held;
use super::message::{Event, Message, Order, Received, Removed, Subscribed};
use super::output::{News, Output};

/// The state of a topic `order:ID`.
#[derive(Debug)]
pub(super) struct Log {
    topic: String,
    id: String,
    /// The version of the last event reported.
    last: u64,
    /// Events, by version, that arrived before those between `last` and them.
    ahead: BTreeMap<u64, Value>,
    /// The version in the last request for the events that follow it.
    asked: u64,
    /// True once this connection's subscription continues the reported events without a gap.
    is_joined: bool,
    held: Held,
    /// The newest version of the order that was received over this connection.
    received: u64,
}

impl Log {
    pub(super) fn new(id: &str) -> Self {
        Self {
            topic: format!("order:{id}"),
            id: id.to_owned(),
            last: 0,
            asked: 0,
            ahead: BTreeMap::new(),
            is_joined: false,
            held: Held::default(),
            received: 0,
        }
    }

    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    pub(super) fn held(&self) -> &BTreeMap<String, Value> {
        self.held.orders()
    }

    pub(super) fn opened(&mut self) {
        self.is_joined = false;
        self.ahead.clear();
        self.received = 0;
        self.held.forget_the_dropped();
    }

    /// Returns a request for the events after the last one, if the connection is new or an event
    /// is missing.
    pub(super) fn ask(&mut self) -> Option<Value> {
        if self.is_joined && self.ahead.is_empty() {
            return None;
        }
        self.asked = self.last;
        Some(json!({ "action": "subscribe", "topic": self.topic, "after": self.asked }))
    }

    pub(super) fn receive(&mut self, message: Message, said: &mut Vec<Output>) -> Received {
        match message {
            Message::Subscribed(Subscribed {
                order: Some(order),
                recovered: Some(recovered),
                ..
            }) => self.subscribed(&order, recovered, said),
            Message::Events { events, orders, removed } => {
                self.happened(events, &orders, &removed, said);
                Received::Nothing
            }
            _ => Received::Nothing,
        }
    }

    /// Drops the order, whatever its version: it is no longer visible.
    pub(super) fn gone(&mut self, said: &mut Vec<Output>) {
        self.lose(u64::MAX, said);
    }

    /// Handles the response to `subscribe`. If it is not `recovered`, the events after the
    /// requested version cannot be replayed; but those after a later version can, if some arrived
    /// meanwhile.
    fn subscribed(&mut self, order: &Order, recovered: bool, said: &mut Vec<Output>) -> Received {
        if recovered {
            self.take(order, said);
        } else if self.asked == self.last {
            self.reset(order, said);
        }
        self.is_joined = self.last >= order.version && self.ahead.is_empty();
        if !self.is_joined {
            return Received::Short;
        }
        said.push(Output::News(News::Current));
        Received::Response
    }

    /// Continues from the current state of the order, whatever was reported before this
    /// connection. Messages over this connection may have overtaken the response.
    fn reset(&mut self, order: &Order, said: &mut Vec<Output>) {
        self.last = order.version;
        said.push(Output::News(News::Reset(order.body.clone())));
        if self.received <= order.version {
            self.held.replace(order);
            said.push(Output::News(News::Order(order.body.clone())));
        }
        self.ahead.retain(|version, _| *version > order.version);
        self.notify_what_follows(said);
    }

    fn happened(
        &mut self,
        events: Vec<Event>,
        orders: &[Order],
        removed: &[Removed],
        said: &mut Vec<Output>,
    ) {
        for event in events {
            self.event(event, said);
        }
        for order in orders {
            self.take(order, said);
        }
        for Removed { version, .. } in removed {
            self.lose(*version, said);
        }
    }

    fn event(&mut self, event: Event, said: &mut Vec<Output>) {
        if event.version > self.last {
            self.ahead.insert(event.version, event.body);
            self.notify_what_follows(said);
        }
    }

    fn notify_what_follows(&mut self, said: &mut Vec<Output>) {
        while let Some(next) = self.ahead.first_entry() {
            if *next.key() != self.last.saturating_add(1) {
                break;
            }
            self.last = *next.key();
            said.push(Output::News(News::Event(next.remove())));
        }
    }

    fn take(&mut self, order: &Order, said: &mut Vec<Output>) {
        self.received = self.received.max(order.version);
        if self.held.take(order) {
            said.push(Output::News(News::Order(order.body.clone())));
        }
    }

    fn lose(&mut self, version: u64, said: &mut Vec<Output>) {
        self.received = self.received.max(version);
        if self.held.drop(&self.id, version) {
            said.push(Output::News(News::Removed(self.id.clone())));
        }
    }
}
