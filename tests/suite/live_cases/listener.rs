//! A client that follows the protocol, and its notifications to the application.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::Value;
use waybill_client::{Follower, News, Output};

use super::audience::{Person, Topic};
use crate::harness::chance::Chance;

/// A client that follows the protocol.
pub(super) struct Listener {
    pub(super) person: Person,
    pub(super) topic: Topic,
    /// The topic's name in messages.
    pub(super) text: String,
    pub(super) follower: Follower,
    /// The id of its connection.
    pub(super) line: Option<String>,
    pub(super) wants_line: bool,
    /// Messages that have not reached the server yet.
    pub(super) outgoing: VecDeque<Value>,
    /// The last version of each order that the application was notified of.
    notified: BTreeMap<String, u64>,
    /// True if the client believes that it holds what is stored.
    pub(super) is_up_to_date: bool,
    /// The problem for which the client has given up.
    pub(super) refused: Option<Value>,
}

impl Listener {
    pub(super) fn new(person: Person, topic: Topic, text: String, mut chance: Chance) -> Self {
        let draw = move || f64::from(u32::try_from(chance.below(1000)).expect("32 bits")) / 1000.0;
        let mut listener = Self {
            person,
            topic,
            follower: Follower::new(&text, draw),
            text,
            line: None,
            wants_line: false,
            outgoing: VecDeque::new(),
            notified: BTreeMap::new(),
            is_up_to_date: false,
            refused: None,
        };
        listener.heed();
        listener
    }

    pub(super) fn opened(&mut self, line: String, now: Duration) {
        (self.line, self.wants_line) = (Some(line), false);
        if !matches!(self.topic, Topic::Order(_)) {
            // The client of a list may be notified again of orders that it does not hold.
            let held = self.follower.held();
            self.notified.retain(|id, _| held.contains_key(id));
        }
        self.follower.opened(now);
        self.heed();
    }

    pub(super) fn receives(&mut self, message: &str, now: Duration) {
        self.follower.frame(now, message);
        self.heed();
    }

    /// Handles the end of its connection.
    pub(super) fn closed(&mut self, now: Duration) {
        self.line = None;
        self.outgoing.clear();
        self.follower.closed(now);
        self.heed();
    }

    pub(super) fn ticks(&mut self, now: Duration) {
        if self.follower.due().is_some_and(|due| due <= now) {
            self.follower.tick(now);
            self.heed();
        }
    }

    /// True if the client has nothing more to send or to wait for.
    pub(super) fn rests(&self) -> bool {
        self.refused.is_some()
            || (self.is_up_to_date && self.line.is_some() && self.outgoing.is_empty())
    }

    /// Returns the last version of an order that the application was notified of.
    pub(super) fn notified(&self, id: &str) -> u64 {
        self.notified.get(id).copied().unwrap_or_default()
    }

    fn heed(&mut self) {
        for output in self.follower.outputs() {
            match output {
                Output::Connect => self.wants_line = true,
                Output::Send(message) => self.outgoing.push_back(message),
                // The case then closes the connection at the gateway.
                Output::Close => (self.line, self.wants_line) = (None, self.wants_line),
                Output::News(news) => self.learn(news),
            }
        }
    }

    fn learn(&mut self, news: News) {
        match news {
            News::Event(event) => self.learn_of(&event),
            News::Reset(order) => {
                self.notified.insert(id(&order["id"]), version(&order));
            }
            News::Current => self.is_up_to_date |= matches!(self.topic, Topic::Order(_)),
            News::Synced => self.is_up_to_date = true,
            News::Lost(_) => self.is_up_to_date = false,
            News::Refused(problem) => self.refused = Some(problem),
            News::Order(_) | News::Removed(_) | News::Position(_) => {}
        }
    }

    /// Checks an event: on `order:ID` each version comes once, in order and without a gap. On a
    /// list, the versions of each order come in order, and none comes twice over one connection.
    fn learn_of(&mut self, event: &Value) {
        let (order, version) = (id(&event["order_id"]), version(event));
        let last = self.notified.entry(order).or_default();
        match self.topic {
            Topic::Order(_) => assert_eq!(version, *last + 1, "{}: {event}", self.text),
            _ => assert!(version > *last, "{} after {last}: {event}", self.text),
        }
        *last = version;
    }
}

fn id(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

fn version(of: &Value) -> u64 {
    of["version"].as_u64().expect("a version")
}
