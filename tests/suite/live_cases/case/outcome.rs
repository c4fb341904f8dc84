//! The comparison of the stored orders with those that clients hold.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::audience::{Person, Topic};
use super::super::listener::Listener;
use super::super::stage::Stage;
use super::Case;

impl Case {
    /// Checks that every client holds what is stored.
    pub(super) async fn compare(&mut self, stage: &Stage) {
        let path = format!("/orders?merchant={}&state=all&limit=100", self.names.merchant);
        let stored = stage.ops.get(&path).await.expect(200);
        let stored = stored["orders"].as_array().expect("orders").iter();
        let stored: BTreeMap<_, _> =
            stored.map(|it| (it["id"].as_str().expect("an id"), it)).collect();
        for listener in &self.listeners {
            let who = (listener.person, &listener.text);
            match listener.topic {
                Topic::Order(number) => self.compare_order(stage, listener, &self.orders[number]),
                _ => self.compare_list(stage, listener),
            }
            for (id, order) in listener.follower.held() {
                let mut own = stored.get(id.as_str()).map(|own| (*own).clone());
                if let (Person::Customer, Some(Value::Object(own))) = (listener.person, &mut own) {
                    // A customer does not see the driver's id.
                    own.remove("driver");
                }
                let is_own = own.as_ref().is_none_or(|own| own == order);
                assert!(is_own, "{who:?} holds {order}, not {own:?}");
            }
        }
        let violations = &stage.world.lock().gateway.violations;
        assert!(violations.is_empty(), "{violations:#?}");
    }

    fn compare_list(&self, stage: &Stage, listener: &Listener) {
        let held = listener.follower.held().iter();
        let version = |order: &Value| order["version"].as_u64().expect("a version");
        let held: Vec<_> = held.map(|(id, order)| (id.as_str(), version(order))).collect();
        let world = stage.world.lock();
        let theirs = world.ledger.all().filter(|order| {
            order.is_open
                && listener.topic.holds(&self.names, order)
                && listener.person.sees(&self.names, order)
        });
        let stored: Vec<_> = theirs.map(|order| (order.id.as_str(), order.version)).collect();
        assert_eq!(held, stored, "{:?} at {}", listener.person, listener.text);
    }

    fn compare_order(&self, stage: &Stage, listener: &Listener, id: &str) {
        let order = stage.world.lock().ledger.now(id).cloned().expect("an order");
        let held = listener.follower.held();
        let who = (listener.person, &listener.text);
        if !listener.person.sees(&self.names, &order) {
            assert!(held.is_empty(), "{who:?} holds what it lost: {held:?}");
        } else if let Some(problem) = &listener.refused {
            assert_eq!(problem["status"], 404, "{who:?} came when it was not theirs: {problem}");
        } else {
            let version = held.get(id).and_then(|it| it["version"].as_u64());
            assert_eq!(version, Some(order.version), "{who:?}");
            assert_eq!(listener.notified(id), order.version, "{who:?} was told of each version");
        }
    }
}
