//! `subscribe`: new events from now on, and with `after` also the earlier ones after that
//! version.

use db::{Head, MAX_TOPICS, SubscribeError};
use domain::topics::{Access, Topic};
use domain::visibility::{self, sees};
use domain::{Event, Order, OrderId, Principal, Version};
use http_api::{Problem, ProblemKind};
use serde_json::value::to_raw_value;

use super::{Live, Refusal, Sender};
use crate::live::{Frame, Messages, OrderEvent, Subscribed};

/// The maximum number of events that are replayed.
const MAX_REPLAYED: u64 = 300;

impl Live {
    /// Subscribes a connection to a topic. The order is read after the subscription is written,
    /// and the relay reads subscriptions after the commit. So each event is either part of the
    /// order that is read, or delivered by the relay. A watch comes before that read, too: either the
    /// read finds the driver, or the driver gets the order later and finds the watch.
    pub(super) async fn subscribe(
        &self,
        sender: &Sender,
        topic: &Topic,
        after: Option<Version>,
    ) -> Result<Frame, Refusal> {
        let principal = sender.principal();
        let order = self.check(principal, topic).await?;
        let at = self.clock.now();
        let expires_at = sender.identity.expires_at;
        let listens = self.db.subscribe(&sender.connection, principal, expires_at, topic);
        listens.await?;
        let mut subscribed =
            Subscribed { topic: topic.to_string(), at, recovered: None, order: None };
        if let Topic::Fleet(fleet) = topic {
            self.watch_fleet(sender, fleet).await?;
        }
        if let Topic::Order(id) = topic {
            let watched = match &order {
                Some(order) => self.watch_order(sender, order).await?,
                None => None,
            };
            let head = self.listened_to(sender, *id).await?;
            self.watch_driver(&head.order, watched).await?;
            if let Some(after) = after {
                subscribed.recovered = Some(self.replay(sender, &head, after).await?);
            }
            let order = visibility::order(principal, &head.order, None);
            subscribed.order = Some(to_raw_value(&order).map_err(Problem::from_fault)?);
        }
        Ok(Frame::Subscribed(subscribed))
    }

    /// Checks that `principal` may use the topic. A list's topic shows its owner; for a single
    /// order, the order's head is read, and returned.
    pub(super) async fn check(
        &self,
        principal: &Principal,
        topic: &Topic,
    ) -> Result<Option<Order>, Problem> {
        match topic.access(principal) {
            Access::Granted => Ok(None),
            Access::Refused => {
                let detail = "You cannot subscribe to this topic. Subscribe to one of your own.";
                Err(Problem::new(ProblemKind::Forbidden, detail))
            }
            Access::IfSeen(id) => {
                let order = self.db.head(id).await?.map(|head| head.order);
                let order = order.filter(|order| sees(principal, order));
                order.map(Some).ok_or_else(Problem::not_found)
            }
        }
    }

    /// Reads the order of a new subscription. If the caller has lost sight of the order
    /// meanwhile, the subscription is deleted.
    async fn listened_to(&self, sender: &Sender, id: OrderId) -> Result<Head, Problem> {
        let head = self.db.head(id).await?;
        if let Some(head) = head.filter(|head| sees(sender.principal(), &head.order)) {
            return Ok(head);
        }
        self.db.unsubscribe(&sender.connection, &Topic::Order(id)).await?;
        Err(Problem::not_found())
    }

    /// Sends the events after `after`, either all of them or none, and returns true if they were
    /// sent.
    async fn replay(&self, sender: &Sender, head: &Head, after: Version) -> Result<bool, Problem> {
        let order = &head.order;
        let missing = order.version.0.checked_sub(after.0);
        if missing.is_none_or(|missing| missing > MAX_REPLAYED) {
            return Ok(false);
        }
        let events = self.db.history(order.id, order.placed.workflow, after, order.version).await?;
        if !follows(after, &events, order.version) {
            tracing::error!(order.id = %order.id, %after, "the history has a gap");
            return Ok(false);
        }
        let mut messages = Messages::default();
        for event in &events {
            let Some(event) = visibility::event(sender.principal(), order, event) else { continue };
            let event = OrderEvent { order_id: order.id, event };
            messages.event(&to_raw_value(&event).map_err(Problem::from_fault)?);
        }
        for frame in messages.into_frames() {
            self.connections.post(&sender.connection, frame.to_json()).await?;
        }
        Ok(true)
    }
}

/// True if the events are exactly those after `after` up to `last`, without a gap.
fn follows(after: Version, events: &[Event], last: Version) -> bool {
    let versions = events.iter().map(|event| event.version.0);
    versions.eq(after.0 + 1..=last.0)
}

impl From<SubscribeError> for Refusal {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Full => {
                let detail = format!(
                    "A connection can have at most {MAX_TOPICS} subscriptions. Unsubscribe from a \
                     topic first."
                );
                Self::Problem(Problem::new(ProblemKind::TooManyTopics, detail))
            }
            SubscribeError::Gone => Self::Gone,
            SubscribeError::Db(error) => Self::Problem(error.into()),
        }
    }
}
