//! The responses to people who request what they may not see, or who resume our order.

use serde_json::{Value, json};

use super::crowd::{Access, Topic, Who};
use super::ledger::Ledger;
use super::listeners::{NOBODYS, check_silence, without_order_id};
use super::situation::Situation;
use crate::harness::{App, Live};

/// Returns every request for a topic.
fn asks(topic: &str, order: &str) -> [Value; 4] {
    let since = "2026-11-21T09:30:00Z";
    [
        json!({ "action": "subscribe", "topic": topic }),
        json!({ "action": "snapshot", "topic": topic }),
        json!({ "action": "recheck", "topic": topic, "since": since }),
        json!({ "action": "fetch", "topic": topic, "orders": [order] }),
    ]
}

/// A connection that requests everything that is not granted, and resumes our order.
pub(super) struct Requester<'a> {
    pub(super) who: &'a Who,
    live: Live,
    /// The response about an order that does not exist, without its id.
    nothing: String,
}

impl<'a> Requester<'a> {
    /// Requests every topic that is refused.
    pub(super) async fn refused(
        app: &App,
        ledger: &Ledger,
        who: &'a Who,
        topics: &[Topic],
        theirs: &str,
    ) -> Self {
        let live = app.live(&who.client).await;
        let mut requester = Self { who, live, nothing: String::new() };
        let refused = topics.iter().filter(|it| it.access[who.place] == Access::Refused);
        for message in refused.flat_map(|topic| asks(topic.name, theirs)) {
            requester.check_problem(ledger, &message, "forbidden").await;
        }
        let message = |id| json!({ "action": "subscribe", "topic": format!("order:{id}") });
        let nothing = requester.check_problem(ledger, &message(NOBODYS), "not-found").await;
        requester.nothing = nothing.replace(NOBODYS, "");
        if who.sees_theirs {
            assert_eq!(requester.live.say(&message(theirs)).await["order"]["id"], theirs);
        } else {
            requester.check_not_there(ledger, &message(theirs), theirs).await;
        }
        requester
    }

    /// Checks that this order looks to the person like one that does not exist.
    async fn check_not_there(&mut self, ledger: &Ledger, message: &Value, id: &str) {
        let response = self.check_problem(ledger, message, "not-found").await;
        assert_eq!(response.replace(id, ""), self.nothing, "{}", self.who.name);
    }

    /// Checks that the response is a problem of this kind, and returns it as text.
    async fn check_problem(&mut self, ledger: &Ledger, message: &Value, kind: &str) -> String {
        let response = self.live.say(message).await;
        ledger.around("problem", &response);
        assert_eq!(response["topic"], message["topic"]);
        let problem = &response["problem"];
        assert_eq!(problem["type"], format!("urn:waybill:problem:{kind}"), "{}", self.who.name);
        ledger.problem("topic", problem);
        response.to_string()
    }

    /// Subscribes to our order from its first event on, checks the replay, and unsubscribes.
    pub(super) async fn resume(&mut self, ledger: &Ledger, situation: &Situation<'_>) {
        let topic = format!("order:{}", situation.id);
        let message = json!({ "action": "subscribe", "topic": topic, "after": 0 });
        if !self.who.sees(situation) {
            return self.check_not_there(ledger, &message, situation.id).await;
        }
        let replay = self.live.say(&message).await;
        ledger.around("replay", &replay);
        let events = without_order_id(&replay["events"], situation.id);
        ledger.events("replay", self.who, situation.events, &events);
        let subscribed = self.live.next().await;
        ledger.around("subscribed", &subscribed);
        assert_eq!(subscribed["recovered"], true);
        ledger.order("subscribed", self.who, situation, &subscribed["order"]);
        assert_eq!(self.live.ask("unsubscribe", &topic).await["type"], "unsubscribed");
    }

    /// Checks that no message about our order came that was not requested.
    pub(super) async fn check_silence(&mut self, situation: &Situation<'_>) {
        check_silence(&mut self.live, situation, self.who.name, "what is refused").await;
    }
}
