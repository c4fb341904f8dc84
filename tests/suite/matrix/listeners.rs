//! Subscribers of one topic: the messages that they receive, and the responses to their requests.

use serde_json::{Value, json};

use super::crowd::{Topic, Who};
use super::ledger::Ledger;
use super::situation::Situation;
use crate::harness::{App, Live, removed};

/// The id of an order that does not exist.
pub(super) const NOBODYS: &str = "0195b3c0-7b1e-7000-8000-0123456789ab";

/// A connection that is subscribed to one topic.
pub(super) struct Listener<'a> {
    who: &'a Who,
    topic: &'a Topic,
    live: Live,
    /// The time of the subscription; null for a subscription to our order alone.
    since: Value,
}

impl<'a> Listener<'a> {
    /// Subscribes to a topic that has lists.
    pub(super) async fn open(app: &App, ledger: &Ledger, who: &'a Who, topic: &'a Topic) -> Self {
        let mut live = app.live(&who.client).await;
        let subscribed = live.subscribe(topic.name).await;
        ledger.around("listening", &subscribed);
        Self { who, topic, live, since: subscribed["at"].clone() }
    }

    /// Subscribes a person who may see our order to it.
    pub(super) async fn at_order(app: &App, who: &'a Who, topic: &'a Topic, id: &str) -> Self {
        let mut live = app.live(&who.client).await;
        live.subscribe(&format!("order:{id}")).await;
        Self { who, topic, live, since: Value::Null }
    }

    /// True if this is the person's subscription to our order alone.
    pub(super) fn is_at_order_of(&self, who: &Who) -> bool {
        self.since.is_null() && self.who.place == who.place
    }

    /// Returns whether this topic shows our order to the person, now and before the latest
    /// commit.
    fn sight(&self, situation: &Situation<'_>) -> (bool, bool) {
        let now = self.who.sees(situation) && situation.holds(self.topic.ours);
        (now, self.who.saw(situation) && situation.held(self.topic.ours))
    }

    /// Checks the messages about the latest commit: a person who may see the order receives its
    /// events, a person who lost it receives the removal, and everybody else receives nothing.
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

    /// True if the person requests the lists of this topic now.
    pub(super) fn looks(&self, situation: &Situation<'_>) -> bool {
        let is_main = self.topic.is_main_of(self.who);
        !self.since.is_null() && (situation.is_turn() || is_main && self.who.sees(situation))
    }

    /// Requests the topic's lists and checks our order in them.
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

    /// Checks that no unexpected message about our order came.
    pub(super) async fn check_silence(&mut self, situation: &Situation<'_>) {
        check_silence(&mut self.live, situation, self.who.name, self.topic.name).await;
    }
}

/// Panics if a message about our order comes that was neither expected nor requested.
pub(super) async fn check_silence(
    live: &mut Live,
    situation: &Situation<'_>,
    who: &str,
    topic: &str,
) {
    let received = json!(live.until_pong().await).to_string();
    assert!(!received.contains(situation.id), "{who} hears on {topic}: {received}");
}

/// Returns the events without their `order_id`, which must be that of our order.
pub(super) fn without_order_id(events: &Value, id: &str) -> Value {
    let events = events.as_array().expect("events").iter().cloned().map(|mut event| {
        let order_id = event.as_object_mut().expect("an event").remove("order_id");
        assert_eq!(order_id, Some(json!(id)));
        event
    });
    events.collect()
}
