//! On `order:ID` each version is reported once and in order, whatever happens to messages.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Follower, News, Output};

/// The maximum number of events that the server replays: small, so that a replay is often
/// impossible.
const MOST: u64 = 6;

/// Something that happens between the server and the client.
#[derive(Clone, Debug)]
enum Fault {
    /// No fault: an event is committed and posted.
    Commit,
    /// One of the messages in transit arrives, in any order.
    Arrive(prop::sample::Index),
    /// A message arrives, and will arrive again, unless it is a response, which arrives only
    /// once.
    Repeat(prop::sample::Index),
    /// A message is lost without notice.
    Lose(prop::sample::Index),
    /// The connection ends, and all messages in transit are lost.
    Disconnect,
    /// The client's next due time comes.
    Tick,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::Commit),
        6 => any::<prop::sample::Index>().prop_map(Fault::Arrive),
        2 => any::<prop::sample::Index>().prop_map(Fault::Repeat),
        1 => any::<prop::sample::Index>().prop_map(Fault::Lose),
        1 => Just(Fault::Disconnect),
        3 => Just(Fault::Tick),
    ]
}

/// A server with one order, and its only client.
struct World {
    now: Duration,
    client: Follower,
    /// The version of the order, whose events are 1 up to this version.
    version: u64,
    is_subscribed: bool,
    /// Messages in transit to the client.
    sent: Vec<Value>,
    /// True if a message in transit was lost, which only a later message reveals.
    has_lost: bool,
    /// The version up to which the client has reported every event, except those that a reset
    /// skipped.
    notified: u64,
    /// True if the client has reported over the present connection that it is current.
    is_current: bool,
}

impl World {
    fn new() -> Self {
        let client = Follower::new("order:o1", || 0.5);
        let mut world = Self {
            now: Duration::ZERO,
            client,
            version: 1,
            is_subscribed: false,
            sent: Vec::new(),
            has_lost: false,
            notified: 0,
            is_current: false,
        };
        world.obey();
        world
    }

    fn order(&self) -> Value {
        json!({ "id": "o1", "version": self.version, "phase": "ready" })
    }

    fn commit(&mut self) {
        self.version += 1;
        if self.is_subscribed {
            let events = [json!({ "order_id": "o1", "version": self.version })];
            let orders = [self.order()];
            self.sent.push(
                json!({ "type": "events", "events": events, "orders": orders, "removed": [] }),
            );
        }
    }

    /// Responds to a message as the server does.
    fn respond(&mut self, message: &Value) {
        if message["action"] == "ping" {
            return self.sent.push(json!({ "type": "pong" }));
        }
        let after = message["after"].as_u64().expect("a version");
        self.is_subscribed = true;
        let recovered = after <= self.version && self.version - after <= MOST;
        if recovered {
            for version in after + 1..=self.version {
                let events = [json!({ "order_id": "o1", "version": version })];
                self.sent.push(
                    json!({ "type": "events", "events": events, "orders": [], "removed": [] }),
                );
            }
        }
        self.sent.push(json!({
            "type": "subscribed",
            "topic": "order:o1",
            "at": "2026-11-21T09:00:00.000Z",
            "recovered": recovered,
            "order": self.order(),
        }));
    }

    /// Carries out the client's commands, and checks its news.
    fn obey(&mut self) {
        loop {
            let outputs = self.client.outputs();
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                match output {
                    Output::Connect => self.client.opened(self.now),
                    Output::Send(message) => self.respond(&message),
                    Output::Close => self.hang_up(),
                    Output::News(news) => self.check(&news),
                }
            }
        }
    }

    fn check(&mut self, news: &News) {
        match news {
            News::Event(event) => {
                assert_eq!(event["version"], self.notified + 1, "the next, and no other");
                self.notified += 1;
            }
            News::Reset(order) => {
                let version = order["version"].as_u64().expect("a version");
                assert!(version > self.notified + MOST, "what could be replayed was left out");
                self.notified = version;
            }
            News::Current => self.is_current = true,
            News::Lost(_) => self.is_current = false,
            News::Order(_) => {}
            News::Removed(_) | News::Position(_) | News::Synced | News::Refused(_) => {
                panic!("{news:?}")
            }
        }
    }

    fn hang_up(&mut self) {
        self.is_subscribed = false;
        self.sent.clear();
    }

    fn arrive(&mut self, message: &Value) {
        self.client.frame(self.now, &message.to_string());
    }

    fn tick(&mut self) {
        self.now = self.client.due().expect("something to wait for").max(self.now);
        self.client.tick(self.now);
    }

    fn suffer(&mut self, fault: &Fault) {
        match fault {
            Fault::Commit => self.commit(),
            Fault::Tick => self.tick(),
            Fault::Disconnect => {
                self.hang_up();
                self.client.closed(self.now);
            }
            Fault::Arrive(_) | Fault::Repeat(_) | Fault::Lose(_) if self.sent.is_empty() => {}
            Fault::Arrive(index) => {
                let message = self.sent.remove(index.index(self.sent.len()));
                self.arrive(&message);
            }
            Fault::Repeat(index) => {
                let message = index.get(&self.sent).clone();
                if message["type"] == "events" {
                    self.arrive(&message);
                }
            }
            Fault::Lose(index) => {
                self.sent.remove(index.index(self.sent.len()));
                self.has_lost = true;
            }
        }
        self.obey();
    }

    /// Continues without faults until the client has reported everything.
    fn settle(&mut self) {
        if self.has_lost {
            self.commit();
        }
        for _ in 0..1000 {
            if self.sent.is_empty() {
                if self.is_current && self.notified == self.version {
                    return;
                }
                self.tick();
            } else {
                let message = self.sent.remove(0);
                self.arrive(&message);
            }
            self.obey();
        }
        panic!("told {} of {}", self.notified, self.version);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn each_version_is_notified_once_and_in_order(faults in prop::collection::vec(fault(), 0..60)) {
        let mut world = World::new();
        for fault in &faults {
            world.suffer(fault);
        }
        world.settle();
        let held: Vec<_> = world.client.held().values().collect();
        prop_assert_eq!(held, [&world.order()]);
    }

    #[test]
    fn no_text_is_too_much(texts in prop::collection::vec(any::<String>(), 0..20)) {
        for topic in ["orders", "order:o1", ""] {
            let mut client = Follower::new(topic, || 1.0);
            client.opened(Duration::ZERO);
            for text in &texts {
                client.frame(Duration::ZERO, text);
            }
            prop_assert!(client.held().is_empty());
        }
    }
}
