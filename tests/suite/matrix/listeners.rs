//! What somebody hears who listens to one topic, and what they are answered.

use serde_json::{Value, json};

use super::crowd::{Topic, Who};
use super::ledger::Ledger;
use super::situation::Situation;
use crate::harness::{App, Live, removed};

/// An order that nobody has.
pub(super) const NOBODYS: &str = "0195b3c0-7b1e-7000-8000-0123456789ab";

/// A connection that listens to one topic.
pub(super) struct Listener<'a> {
    who: &'a Who,
    topic: &'a Topic,
    live: Live,
    /// Since when; null of one that listens to our order alone.
    since: Value,
}

impl<'a> Listener<'a> {
    /// Listens to a topic that has lists.
    pub(super) async fn open(app: &App, ledger: &Ledger, who: &'a Who, topic: &'a Topic) -> Self {
        let mut live = app.live(&who.client).await;
        let subscribed = live.subscribe(topic.name).await;
        ledger.around("listening", &subscribed);
        Self { who, topic, live, since: subscribed["at"].clone() }
    }

    /// Listens to our order, of somebody who sees it.
    pub(super) async fn at_order(app: &App, who: &'a Who, topic: &'a Topic, id: &str) -> Self {
        let mut live = app.live(&who.client).await;
        live.subscribe(&format!("order:{id}")).await;
        Self { who, topic, live, since: Value::Null }
    }

    /// Whether this is where they listen to our order alone.
    pub(super) fn is_at_order_of(&self, who: &Who) -> bool {
        self.since.is_null() && self.who.place == who.place
    }

    /// Whether our order is theirs on this topic, now and before what happened last.
    fn sight(&self, situation: &Situation<'_>) -> (bool, bool) {
        let now = self.who.sees(situation) && situation.holds(self.topic.ours);
        (now, self.who.saw(situation) && situation.held(self.topic.ours))
    }

    /// What just happened is heard by whoever it is for; whoever lost the order
    /// hears that, and nobody else anything.
    pub(super) async fn receive(&mut self, ledger: &Ledger, situation: &Situation<'_>) {
        let version = situation.events.len();
        match self.sight(situation) {
            (true, _) => {
                let received = self.live.next().await;
                ledger.around("events", &received);
                let events = without_order_id(&received["events"], situation.id);
                let new = &situation.events[version - situation.new..];
                ledger.events("events", self.who, new, &events);
                let orders = received["orders"].as_array().expect("orders");
                assert_eq!(orders.len(), 1, "{received}");
                ledger.order("orders-of-events", self.who, situation, &orders[0]);
            }
            (false, true) => {
                let version = version.try_into().expect("a version");
                assert_eq!(self.live.next().await, removed(situation.id, version));
            }
            (false, false) => {}
        }
    }

    /// Whether they look at the lists of this topic now.
    pub(super) fn looks(&self, situation: &Situation<'_>) -> bool {
        let is_main = self.topic.is_main_of(self.who);
        !self.since.is_null() && (situation.is_turn() || is_main && self.who.sees(situation))
    }

    /// What the topic's lists have of our order.
    pub(super) async fn ask(&mut self, ledger: &Ledger, situation: &Situation<'_>) {
        let (who, topic, is_open) = (self.who, self.topic.name, situation.is_open());
        let ids = [situation.id, situation.theirs, NOBODYS];
        let (ours, theirs) =
            (self.sight(situation).0, self.topic.holds_theirs && self.who.sees_theirs);
        for (place, action, ours) in [
            ("snapshot", "snapshot", ours && is_open),
            ("synced", "recheck", ours && is_open),
            ("fetched", "fetch", ours),
        ] {
            let mut message = json!({ "action": action, "topic": topic });
            match action {
                "recheck" => message["since"] = self.since.clone(),
                "fetch" => message["orders"] = json!(ids),
                _ => {}
            }
            let response = self.live.say(&message).await;
            ledger.around(place, &response);
            assert_eq!((&response["type"], &response["topic"]), (&json!(place), &json!(topic)));
            ledger.orders(place, who, situation, [ours, theirs], &response["orders"]);
            if action == "fetch" {
                let gone = ids.into_iter().zip([!ours, !theirs, true]);
                let gone: Vec<_> = gone.filter_map(|(id, is_gone)| is_gone.then_some(id)).collect();
                assert_eq!(response["gone"], json!(gone), "{} on {topic}", who.name);
            }
        }
    }

    /// Nothing of our order has come that was not waited for.
    pub(super) async fn check_silence(&mut self, situation: &Situation<'_>) {
        check_silence(&mut self.live, situation, self.who.name, self.topic.name).await;
    }
}

/// Panics if something of our order is heard that was neither waited nor asked for.
pub(super) async fn check_silence(
    live: &mut Live,
    situation: &Situation<'_>,
    who: &str,
    topic: &str,
) {
    let received = json!(live.until_pong().await).to_string();
    assert!(!received.contains(situation.id), "{who} hears on {topic}: {received}");
}

/// The events, each of our order.
pub(super) fn without_order_id(events: &Value, id: &str) -> Value {
    let events = events.as_array().expect("events").iter().cloned().map(|mut event| {
        let order_id = event.as_object_mut().expect("an event").remove("order_id");
        assert_eq!(order_id, Some(json!(id)));
        event
    });
    events.collect()
}
