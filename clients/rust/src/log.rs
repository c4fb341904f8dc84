//! One order: every event of it, once and in order. Messages over its connection are about no
//! other topic.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::held::Held;
use super::message::{Event, Message, Order, Received, Removed, Subscribed};
use super::output::{News, Output};

/// Follows a topic `order:ID`.
#[derive(Debug)]
pub(super) struct Log {
    topic: String,
    id: String,
    /// The version of the last event that was told.
    last: u64,
    /// Events that came before those between `last` and them.
    ahead: BTreeMap<u64, Value>,
    /// The version that was named when the server was last asked for what follows.
    asked: u64,
    /// Whether this connection's subscription has been joined to what was told before.
    is_joined: bool,
    held: Held,
    /// The newest version of the order that this connection has told of.
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

    /// Requests the missing part: what follows the last event, where a connection begins and
    /// where an event is missing.
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

    /// The order is not to be seen any more, for all that is known.
    pub(super) fn gone(&mut self, said: &mut Vec<Output>) {
        self.lose(u64::MAX, said);
    }

    /// Events after the named version cannot be replayed, but events after a later one can, if
    /// some arrived meanwhile.
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

    /// Goes on from the order as it is, whatever was told before this connection; what
    /// came over it may have overtaken the answer.
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
