//! One attempt to send a message.

use std::time::Duration;

use clock::Timestamp;
use db::{Attempt, Response, StoredEndpoint};
use domain::visibility::sees;
use domain::webhooks::{
    DeliveryStatus, Disabled, DisabledReason, EventType, Outcome, Verdict, pause, verdict,
};
use domain::{Event, Version, fold};
use lambda_runtime::Error;

use super::Sender;
use super::patience::{Patience, SLOW_FOR};
use crate::queue::{LONGEST_DELAY, delay};
use crate::webhooks::{Message, Queued, Sent, send};

/// The longest time for which an endpoint gets no requests, well within the lease of the sweep.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// The time that an attempt may take, in seconds: of one whose lease ends within it, another
/// could overlap.
const RESERVE: i64 = 60;

/// The body of a message, or the reason that the endpoint does not get it.
enum Content {
    Body(Vec<u8>),
    /// The endpoint does not ask for it: a replay is of all types, and a webhook can be changed.
    Unwanted,
    /// The endpoint may not have it.
    Dropped(&'static str),
}

impl Sender {
    /// Makes one attempt, or puts it off. An error means that nothing is known to be done.
    pub(super) async fn send(&self, queued: Queued, patience: Patience) -> Result<(), Error> {
        let now = self.clock.now();
        let end = now.plus_seconds(RESERVE);
        if queued.leased_until.is_some_and(|until| until <= end) {
            // The sweep starts this attempt again.
            return Ok(());
        }
        let stored = match self.db.endpoint(&queued.merchant, &queued.endpoint).await? {
            Some(stored) if stored.endpoint.disabled.is_none() => stored,
            Some(_) => return self.forget(&queued, "the webhook is disabled").await,
            None => return self.forget(&queued, "the webhook was deleted").await,
        };
        if let Some(until) = stored.health.paused_until.filter(|until| now < *until) {
            return self.queue.send(&queued, delay(now, until)).await;
        }
        let is_slow = stored.health.slow_until.is_some_and(|until| now < until);
        if is_slow && patience == Patience::Short {
            return self.slow.send(&queued, Duration::ZERO).await;
        }
        match self.content(&queued, &stored).await? {
            Content::Dropped(reason) => self.drop(&queued, reason).await,
            Content::Unwanted => {
                self.forget(&queued, "the webhook does not ask for this type").await
            }
            Content::Body(body) => self.post(queued, stored, patience, body).await,
        }
    }

    /// Ends a message that the endpoint is not to get. The log has it only if an attempt failed before.
    async fn forget(&self, queued: &Queued, reason: &str) -> Result<(), Error> {
        if queued.attempt == 1 && !queued.redelivered {
            Ok(())
        } else {
            self.drop(queued, reason).await
        }
    }

    /// Ends a message that the endpoint may not have.
    async fn drop(&self, queued: &Queued, reason: &str) -> Result<(), Error> {
        let response = Response { error: Some(reason.to_owned()), ..Response::default() };
        // Of a message that was redelivered, this attempt may have been made.
        let made = queued.attempt - u32::from(!queued.redelivered);
        self.record(queued, made, DeliveryStatus::Dropped, response, None).await?;
        Ok(())
    }

    /// Returns the body, which follows from history, so that it is the same in every attempt. The
    /// current head only decides whether the endpoint may still have it.
    async fn content(&self, queued: &Queued, stored: &StoredEndpoint) -> Result<Content, Error> {
        let (id, version) = (queued.message.order, queued.message.version);
        let Some(head) = self.db.head(id).await? else {
            return Ok(Content::Dropped("the order does not exist"));
        };
        if !sees(&stored.endpoint.principal(), &head.order) {
            return Ok(Content::Dropped("the endpoint no longer sees the order"));
        }
        let workflow = head.order.placed.workflow;
        let events = self.db.history(id, workflow, Version(0), version).await?;
        let order = fold(id, &events)?;
        let last = events.last().filter(|event| event.version == version);
        let is_wanted = |event: &Event| stored.endpoint.asks_for(EventType::of(&event.data));
        if !last.is_none_or(is_wanted) {
            return Ok(Content::Unwanted);
        }
        let message = last.and_then(|event| Message::of(&stored.endpoint, &order, event));
        Ok(match message {
            Some(message) => Content::Body(serde_json::to_vec(&message)?),
            None => Content::Dropped("the endpoint did not see the order then"),
        })
    }

    async fn post(
        &self,
        queued: Queued,
        stored: StoredEndpoint,
        patience: Patience,
        body: Vec<u8>,
    ) -> Result<(), Error> {
        let (now, id) = (self.clock.now(), queued.message.to_string());
        let begun = tokio::time::Instant::now();
        let sent = send(&self.egress, &stored, &id, now, body, patience.limit()).await?;
        let is_slow = begun.elapsed() >= Patience::Short.limit();
        if is_slow {
            self.note_slowness(&stored).await?;
        }
        if is_slow && patience == Patience::Short {
            return self.slow.send(&queued, Duration::ZERO).await;
        }
        self.settle(&queued, &stored, sent).await
    }

    /// Records the outcome of an attempt and arranges the next one.
    async fn settle(
        &self,
        queued: &Queued,
        stored: &StoredEndpoint,
        sent: Sent,
    ) -> Result<(), Error> {
        let (now, failing_since) = (self.clock.now(), stored.health.failing_since);
        let Sent { outcome, response } = sent;
        match verdict(outcome, queued.attempt, failing_since, now) {
            Verdict::Delivered => self.accepted(queued, stored, response).await,
            Verdict::Disable(reason) if self.disable(stored, reason).await? => {
                self.end(queued, DeliveryStatus::Failed, response).await
            }
            // The endpoint that failed is no more: the message is for the new one.
            Verdict::Disable(_) => {
                let again = Queued { redelivered: true, ..queued.clone() };
                self.queue.send(&again, Duration::ZERO).await
            }
            Verdict::GiveUp => {
                self.note_failure(stored, outcome).await?;
                self.end(queued, DeliveryStatus::Failed, response).await
            }
            Verdict::Retry(after) => {
                self.note_failure(stored, outcome).await?;
                self.retry(queued, response, after).await
            }
        }
    }

    /// Notes that an endpoint accepted a message, if anything says otherwise.
    async fn accepted(
        &self,
        queued: &Queued,
        stored: &StoredEndpoint,
        response: Response,
    ) -> Result<(), Error> {
        if stored.health.failing_since.is_some() {
            self.db.endpoint_succeeded(&stored.endpoint).await?;
        }
        if queued.attempt == 1 && queued.round == 0 && !queued.redelivered {
            return Ok(());
        }
        self.end(queued, DeliveryStatus::Delivered, response).await
    }

    /// Notes that an endpoint is slow, unless that is known for a while to come.
    async fn note_slowness(&self, stored: &StoredEndpoint) -> Result<(), Error> {
        let now = self.clock.now();
        let soon = now.plus_seconds(SLOW_FOR / 2);
        if stored.health.slow_until.is_none_or(|until| until < soon) {
            self.db.endpoint_is_slow(&stored.endpoint, now.plus_seconds(SLOW_FOR)).await?;
        }
        Ok(())
    }

    /// Notes that an endpoint failed, unless it is known to fail and asks for no pause.
    async fn note_failure(&self, stored: &StoredEndpoint, outcome: Outcome) -> Result<(), Error> {
        let now = self.clock.now();
        let paused = pause(outcome).map(|time| later(now, time.min(LONGEST_PAUSE)));
        if stored.health.failing_since.is_none() || paused.is_some() {
            self.db.endpoint_failed(&stored.endpoint, now, paused).await?;
        }
        Ok(())
    }

    /// Arranges the next attempt: in the queue, or in the log for the sweep.
    async fn retry(
        &self,
        queued: &Queued,
        response: Response,
        after: Duration,
    ) -> Result<(), Error> {
        let due = (after > LONGEST_DELAY).then(|| later(self.clock.now(), after));
        let number = queued.attempt;
        let is_last = self.record(queued, number, DeliveryStatus::Pending, response, due).await?;
        if due.is_none() && is_last {
            let (attempt, leased_until) = (number + 1, None);
            let next = Queued { attempt, redelivered: false, leased_until, ..queued.clone() };
            self.queue.send(&next, after).await?;
        }
        Ok(())
    }

    /// Records the last attempt of a delivery.
    async fn end(
        &self,
        queued: &Queued,
        status: DeliveryStatus,
        response: Response,
    ) -> Result<(), Error> {
        self.record(queued, queued.attempt, status, response, None).await?;
        Ok(())
    }

    async fn record(
        &self,
        queued: &Queued,
        number: u32,
        status: DeliveryStatus,
        response: Response,
        due: Option<Timestamp>,
    ) -> Result<bool, Error> {
        let Queued { message, round, .. } = *queued;
        let at = self.clock.now();
        let attempt = Attempt { message, round, number, at, status, response, due };
        Ok(self.db.record_attempt(&queued.merchant, &queued.endpoint, &attempt).await?)
    }

    /// Disables an endpoint, and returns false if it is another one by now.
    async fn disable(
        &self,
        stored: &StoredEndpoint,
        reason: DisabledReason,
    ) -> Result<bool, Error> {
        let disabled = Disabled { at: self.clock.now(), reason };
        let is_disabled = self.db.disable_endpoint(stored, disabled).await?;
        if is_disabled {
            tracing::warn!(
                merchant = stored.endpoint.merchant.as_str(),
                webhook.id = stored.endpoint.id.as_str(),
                reason = reason.name(),
                "a webhook was disabled"
            );
        }
        Ok(is_disabled)
    }
}

fn later(now: Timestamp, after: Duration) -> Timestamp {
    now.plus_seconds(i64::try_from(after.as_secs()).unwrap_or(i64::MAX))
}
