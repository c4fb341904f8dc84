//! Follows the open orders of a topic.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use serde_json::{Value, json};

use super::held::Held;
use super::message::{Event, Message, Order, Page, Received, Removed, Subscribed};
use super::output::{News, Output};

/// The time from `subscribed` to the recheck. An index from which a snapshot is read trails its
/// table by less than 10 s, the time that the server assumes; the other half second allows for
/// differences between the clocks.
const RECHECK_AFTER: Duration = Duration::from_millis(10_500);

/// The maximum number of orders in one `fetch`.
const MAX_FETCHED: usize = 100;

/// The state of any topic except `order:ID`.
#[derive(Debug)]
pub(super) struct List {
    topic: String,
    held: Held,
    /// The version of the last event reported, by order.
    notified: HashMap<String, u64>,
    /// Orders that were held when the connection opened, and that no message has named since:
    /// each may have been closed or lost meanwhile.
    unnamed: BTreeSet<String>,
    stage: Stage,
    /// The time of the subscription, by the server's clock.
    since: String,
    /// The time of the recheck, by the client's clock.
    recheck_due: Duration,
}

/// The stages of a connection, in order.
#[derive(Debug)]
enum Stage {
    Subscribe,
    Snapshot {
        cursor: Option<String>,
    },
    Recheck {
        cursor: Option<String>,
    },
    /// The unnamed orders are being fetched; `asked` has the versions of them that are held.
    Fetch {
        asked: HashMap<String, u64>,
    },
    Synced,
}

impl List {
    pub(super) fn new(topic: String) -> Self {
        Self {
            topic,
            held: Held::default(),
            notified: HashMap::new(),
            unnamed: BTreeSet::new(),
            stage: Stage::Subscribe,
            since: String::new(),
            recheck_due: Duration::ZERO,
        }
    }

    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    pub(super) fn held(&self) -> &BTreeMap<String, Value> {
        self.held.orders()
    }

    pub(super) fn opened(&mut self) {
        self.held.forget_the_dropped();
        self.unnamed = self.held().keys().cloned().collect();
        self.notified.retain(|id, _| self.unnamed.contains(id));
        self.stage = Stage::Subscribe;
    }

    /// Returns the time of the next request, if that request waits for its time.
    pub(super) fn due(&self) -> Option<Duration> {
        matches!(self.stage, Stage::Recheck { .. }).then_some(self.recheck_due)
    }

    /// Returns the next request, or reports that the list is synced once none is left.
    pub(super) fn ask(&mut self, now: Duration, said: &mut Vec<Output>) -> Option<Value> {
        let topic = &self.topic;
        match &mut self.stage {
            Stage::Subscribe => Some(json!({ "action": "subscribe", "topic": topic })),
            Stage::Snapshot { cursor } => {
                Some(paged(json!({ "action": "snapshot", "topic": topic }), cursor.as_deref()))
            }
            Stage::Recheck { .. } if now < self.recheck_due => None,
            Stage::Recheck { cursor } => {
                let ask = json!({ "action": "recheck", "topic": topic, "since": self.since });
                Some(paged(ask, cursor.as_deref()))
            }
            Stage::Fetch { .. } if self.unnamed.is_empty() => {
                self.stage = Stage::Synced;
                said.push(Output::News(News::Synced));
                None
            }
            Stage::Fetch { asked } => {
                let ids: Vec<_> = self.unnamed.iter().take(MAX_FETCHED).collect();
                let version = |id: &&String| Some(((*id).clone(), self.held.version(id)?));
                *asked = ids.iter().filter_map(version).collect();
                Some(json!({ "action": "fetch", "topic": topic, "orders": ids }))
            }
            Stage::Synced => None,
        }
    }

    /// Restarts the pages that are being read.
    pub(super) fn restart(&mut self) {
        if let Stage::Snapshot { cursor } | Stage::Recheck { cursor } = &mut self.stage {
            *cursor = None;
        }
    }

    pub(super) fn receive(
        &mut self,
        now: Duration,
        message: Message,
        said: &mut Vec<Output>,
    ) -> Received {
        match message {
            Message::Subscribed(Subscribed { at, .. }) => self.subscribed(now, at),
            Message::Events { events, orders, removed } => {
                self.happened(events, &orders, removed, said);
                Received::Nothing
            }
            Message::Snapshot(page) => self.snapshot(page, said),
            Message::Synced(page) => self.rechecked(page, said),
            Message::Fetched { orders, gone, .. } => self.fetched(&orders, &gone, said),
            Message::Positions { .. }
            | Message::Problem { .. }
            | Message::Closing { .. }
            | Message::Pong => Received::Nothing,
        }
    }

    fn subscribed(&mut self, now: Duration, at: String) -> Received {
        if !matches!(self.stage, Stage::Subscribe) {
            return Received::Nothing;
        }
        self.since = at;
        self.recheck_due = now + RECHECK_AFTER;
        self.stage = Stage::Snapshot { cursor: None };
        Received::Response
    }

    fn snapshot(&mut self, page: Page, said: &mut Vec<Output>) -> Received {
        self.read(&page.orders, said);
        if !matches!(self.stage, Stage::Snapshot { .. }) {
            return Received::Nothing;
        }
        self.stage = if page.next.is_some() {
            Stage::Snapshot { cursor: page.next }
        } else {
            said.push(Output::News(News::Current));
            Stage::Recheck { cursor: None }
        };
        Received::Response
    }

    fn rechecked(&mut self, page: Page, said: &mut Vec<Output>) -> Received {
        self.read(&page.orders, said);
        if !matches!(self.stage, Stage::Recheck { .. }) {
            return Received::Nothing;
        }
        self.stage = match page.next {
            Some(cursor) => Stage::Recheck { cursor: Some(cursor) },
            None => Stage::Fetch { asked: HashMap::new() },
        };
        Received::Response
    }

    fn fetched(&mut self, orders: &[Order], gone: &[String], said: &mut Vec<Output>) -> Received {
        self.read(orders, said);
        let Stage::Fetch { asked } = &mut self.stage else { return Received::Nothing };
        let asked = std::mem::take(asked);
        for id in gone {
            self.unnamed.remove(id);
            // An order that arrived since the request is newer than the response, and stays.
            if let Some(version) = asked.get(id) {
                self.drop(id, *version, said);
            }
        }
        let named = orders.iter().map(|order| &order.id).chain(gone);
        if named.filter(|id| asked.contains_key(*id)).count() == 0 {
            return Received::Short;
        }
        Received::Response
    }

    /// Takes orders that the server has just read from the database.
    fn read(&mut self, orders: &[Order], said: &mut Vec<Output>) {
        for order in orders {
            self.unnamed.remove(&order.id);
            if self.take(order, said) {
                let notified = self.notified.entry(order.id.clone()).or_default();
                *notified = order.version.max(*notified);
            }
        }
    }

    fn happened(
        &mut self,
        events: Vec<Event>,
        orders: &[Order],
        removed: Vec<Removed>,
        said: &mut Vec<Output>,
    ) {
        for Event { order_id, version, body } in events {
            let notified = self.notified.entry(order_id).or_default();
            if version > *notified {
                *notified = version;
                said.push(Output::News(News::Event(body)));
            }
        }
        for order in orders {
            self.take(order, said);
            self.name(&order.id, order.version);
        }
        for Removed { order_id, version } in removed {
            self.drop(&order_id, version, said);
            self.name(&order_id, version);
        }
    }

    /// Notes that a message named the order. A message of the relay may be late: one that is
    /// older than the held version says nothing about the order's current state.
    fn name(&mut self, id: &str, version: u64) {
        if self.held.version(id).is_none_or(|held| held <= version) {
            self.unnamed.remove(id);
        }
    }

    /// Takes an order, and returns true if it was news.
    fn take(&mut self, order: &Order, said: &mut Vec<Output>) -> bool {
        let is_news = self.held.take(order);
        if is_news {
            said.push(Output::News(News::Order(order.body.clone())));
            if order.is_closed {
                self.held.drop(&order.id, order.version);
            }
        }
        is_news
    }

    fn drop(&mut self, id: &str, version: u64, said: &mut Vec<Output>) {
        if self.held.drop(id, version) {
            said.push(Output::News(News::Removed(id.to_owned())));
        }
    }
}

fn paged(mut ask: Value, cursor: Option<&str>) -> Value {
    if let Some(cursor) = cursor {
        ask["cursor"] = cursor.into();
    }
    ask
}
