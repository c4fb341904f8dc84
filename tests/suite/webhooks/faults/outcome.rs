//! The comparison of the messages with the history of the orders.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::Side;
use super::stage::Stage;
use crate::harness::people;
use crate::webhooks::Received;

impl Side {
    /// Checks that a receiver that follows the guide has exactly what is stored.
    pub(super) async fn check(&self, stage: &Stage) {
        let mut told: BTreeMap<&str, BTreeMap<u64, Value>> =
            self.orders.iter().map(|id| (id.as_str(), BTreeMap::new())).collect();
        let received = self.receiver.received();
        for message in self.deduplicated(&received) {
            let body = message.json();
            let event = &body["data"]["event"];
            let version = event["version"].as_u64().expect("a version");
            let id = body["data"]["order"]["id"].as_str().expect("an id");
            assert_eq!(message.id(), format!("msg_{id}_{version}"));
            assert_eq!(body["data"]["order"]["version"], version, "the order as of the event");
            let events = told.get_mut(id);
            let events = events.unwrap_or_else(|| panic!("not an order of this merchant: {body}"));
            events.insert(version, event.clone());
        }
        let merchant = stage.app.client(people::merchant(&self.merchant)).await;
        for (id, events) in told {
            let history = merchant.history(id).await.expect(200);
            let events: Vec<_> = events.into_values().collect();
            assert_eq!(Value::Array(events), history["events"], "{id}");
        }
        let rows = self.webhook.deliveries(&merchant).await;
        let waits = rows.iter().find(|row| row["status"] != "delivered");
        assert_eq!(waits, None, "the log knows that nothing waits");
    }

    /// Returns one message for each id, after a check of its repetitions and their signatures.
    fn deduplicated<'a>(&self, received: &'a [Received]) -> Vec<&'a Received> {
        let mut first: BTreeMap<&str, &Received> = BTreeMap::new();
        for message in received {
            assert!(message.verified_by(&self.webhook.secret), "{message:?}");
            let known = first.entry(message.id()).or_insert(message);
            assert_eq!(known.json(), message.json(), "the same message");
            assert_eq!(known.body, message.body, "the same bytes");
        }
        first.into_values().collect()
    }
}
