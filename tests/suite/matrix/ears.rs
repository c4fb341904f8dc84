//! What somebody hears who listens to one topic, and what they are answered.

use serde_json::{Value, json};

use super::crowd::{Access, Topic, Who};
use super::ledger::Ledger;
use super::moment::Moment;
use crate::harness::{App, Live, removed};

/// An order that nobody has.
pub(super) const NOBODYS: &str = "0195b3c0-7b1e-7000-8000-0123456789ab";

/// A connection that listens to one topic.
pub(super) struct Ear<'a> {
    pub(super) who: &'a Who,
    topic: &'a Topic,
    live: Live,
    since: Value,
}

impl<'a> Ear<'a> {
    /// Listens to what the topic is called now.
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
    fn sight(&self, moment: &Moment<'_>) -> (bool, bool) {
        let now = self.who.sees(moment) && moment.holds(self.topic.ours);
        (now, self.who.saw(moment) && moment.held(self.topic.ours))
    }

    /// What just happened is heard by whoever it is for; whoever lost the order
    /// hears that, and nobody else anything.
    pub(super) async fn hear(&mut self, ledger: &Ledger, moment: &Moment<'_>) {
        let version = moment.told.len();
        match self.sight(moment) {
            (true, _) => {
                let heard = self.live.next().await;
                ledger.around("events", &heard);
                let events = without_order_id(&heard["events"], moment.id);
                let new = &moment.told[version - moment.new..];
                ledger.events("events", self.who, new, &events);
                let orders = heard["orders"].as_array().expect("orders");
                assert_eq!(orders.len(), 1, "{heard}");
                ledger.order("orders-of-events", self.who, moment, &orders[0]);
            }
            (false, true) => {
                let version = version.try_into().expect("a version");
                assert_eq!(self.live.next().await, removed(moment.id, version));
            }
            (false, false) => {}
        }
    }

    /// Whether they look at the lists of this topic now.
    pub(super) fn looks(&self, moment: &Moment<'_>) -> bool {
        let is_main = self.topic.is_main_of(self.who);
        !self.since.is_null() && (moment.is_turn() || is_main && self.who.sees(moment))
    }

    /// What the topic's lists have of our order.
    pub(super) async fn ask(&mut self, ledger: &Ledger, moment: &Moment<'_>) {
        let (topic, since) = (self.topic.name, self.since.clone());
        let ids = [moment.id, moment.theirs, NOBODYS];
        let holds =
            [self.sight(moment).0, self.topic.holds_theirs && self.who.sees_theirs(), false];
        for (place, message, is_listed) in [
            ("snapshot", json!({ "action": "snapshot", "topic": topic }), moment.is_open()),
            (
                "synced",
                json!({ "action": "recheck", "topic": topic, "since": since }),
                moment.is_open(),
            ),
            ("fetched", json!({ "action": "fetch", "topic": topic, "orders": ids }), true),
        ] {
            let answer = self.live.say(&message).await;
            ledger.around(place, &answer);
            assert_eq!((&answer["type"], &answer["topic"]), (&json!(place), &json!(topic)));
            let orders = answer["orders"].as_array().expect("orders");
            for (id, held) in ids.into_iter().zip(holds) {
                let is_listed = held && (is_listed || id != moment.id);
                let found = orders.iter().filter(|order| order["id"] == id).count();
                assert_eq!(found, usize::from(is_listed), "{} {topic}: {answer}", self.who.name);
                let gone = place == "fetched" && !held;
                assert_eq!(answer["gone"].to_string().contains(id), gone, "{answer}");
            }
            let ours = orders.iter().filter(|order| order["id"] == moment.id);
            ours.for_each(|order| ledger.order(place, self.who, moment, order));
        }
    }

    /// Nothing of our order has come that was not waited for.
    pub(super) async fn check_silence(&mut self, moment: &Moment<'_>) {
        check_silence(&mut self.live, moment, self.who.name, self.topic.name).await;
    }
}

async fn check_silence(live: &mut Live, moment: &Moment<'_>, who: &str, topic: &str) {
    let heard = json!(live.until_pong().await).to_string();
    assert!(!heard.contains(moment.id), "{who} hears on {topic}: {heard}");
}

/// The events, each of our order.
fn without_order_id(events: &Value, id: &str) -> Value {
    let events = events.as_array().expect("events").iter().cloned().map(|mut event| {
        let order_id = event.as_object_mut().expect("an event").remove("order_id");
        assert_eq!(order_id, Some(json!(id)));
        event
    });
    events.collect()
}

/// A connection that asks for all that is not granted, and resumes what is.
pub(super) struct Asker<'a> {
    pub(super) who: &'a Who,
    live: Live,
    /// What they are answered about an order that there is not, but for its id.
    nothing: String,
}

impl<'a> Asker<'a> {
    /// Asks for every topic that is refused.
    pub(super) async fn refused(
        app: &App,
        ledger: &Ledger,
        who: &'a Who,
        topics: &[Topic],
        theirs: &str,
    ) -> Self {
        let live = app.live(&who.client).await;
        let mut asker = Self { who, live, nothing: String::new() };
        let refused = topics.iter().filter(|it| it.access[who.place] == Access::Refused);
        for topic in refused {
            for message in [
                json!({ "action": "subscribe", "topic": topic.name }),
                json!({ "action": "snapshot", "topic": topic.name }),
                json!({ "action": "recheck", "topic": topic.name, "since": "2026-11-21T09:30:00Z" }),
                json!({ "action": "fetch", "topic": topic.name, "orders": [theirs] }),
            ] {
                asker.check_problem(ledger, &message, "forbidden").await;
            }
        }
        let message = |id| json!({ "action": "subscribe", "topic": format!("order:{id}") });
        let nothing = asker.check_problem(ledger, &message(NOBODYS), "not-found").await;
        asker.nothing = nothing.replace(NOBODYS, "");
        if who.sees_theirs() {
            assert_eq!(asker.live.say(&message(theirs)).await["order"]["id"], theirs);
        } else {
            asker.check_not_there(ledger, &message(theirs), theirs).await;
        }
        asker
    }

    /// To them this order is not there, and no different from one that is not.
    async fn check_not_there(&mut self, ledger: &Ledger, message: &Value, id: &str) {
        let answer = self.check_problem(ledger, message, "not-found").await;
        assert_eq!(answer.replace(id, ""), self.nothing, "{}", self.who.name);
    }

    /// The answer, a problem of this kind, as text.
    async fn check_problem(&mut self, ledger: &Ledger, message: &Value, kind: &str) -> String {
        let answer = self.live.say(message).await;
        ledger.around("problem", &answer);
        assert_eq!(answer["topic"], message["topic"]);
        let problem = &answer["problem"];
        assert_eq!(problem["type"], format!("urn:waybill:problem:{kind}"), "{}", self.who.name);
        ledger.problem("topic", problem);
        answer.to_string()
    }

    /// Asks for our order and all that has happened to it, and goes.
    pub(super) async fn resume(&mut self, ledger: &Ledger, moment: &Moment<'_>) {
        let topic = format!("order:{}", moment.id);
        let message = json!({ "action": "subscribe", "topic": topic, "after": 0 });
        if !self.who.sees(moment) {
            return self.check_not_there(ledger, &message, moment.id).await;
        }
        let replay = self.live.say(&message).await;
        ledger.around("replay", &replay);
        let events = without_order_id(&replay["events"], moment.id);
        ledger.events("replay", self.who, moment.told, &events);
        let subscribed = self.live.next().await;
        ledger.around("subscribed", &subscribed);
        assert_eq!(subscribed["recovered"], true);
        ledger.order("subscribed", self.who, moment, &subscribed["order"]);
        assert_eq!(self.live.ask("unsubscribe", &topic).await["type"], "unsubscribed");
    }

    /// Nothing of our order has come that was not asked for.
    pub(super) async fn check_silence(&mut self, moment: &Moment<'_>) {
        check_silence(&mut self.live, moment, self.who.name, "what is refused").await;
    }
}
