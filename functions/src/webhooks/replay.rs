//! `POST …/replay`: queues messages again, about one order or about all of a period.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::{MessageId, Position, StoredEndpoint};
use domain::visibility::sees;
use domain::{Direction, Filter, Order, OrderId, OrderState, Principal, Version};
use http::StatusCode;
use http_api::{
    Authenticated, Cursor, Fields, JsonBody, MerchantPath, Problem, ProblemKind, WebhookPath, time,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{Manager, Queued};
use crate::describe::Endpoint;

/// The number of orders whose messages one request queues. With 10 messages each these are 100
/// requests to SQS.
const ORDERS: u16 = 100;

/// The messages to send again.
enum Again {
    /// Those about an order: of one version, or of all.
    Order(OrderId, Option<Version>),
    /// Those about the orders that were created in a period.
    Period(Period),
}

/// A period, of which a part may be done.
struct Period {
    /// Inclusive.
    from: Timestamp,
    /// Exclusive; `None` for all that was created since.
    to: Option<Timestamp>,
    after: Option<Cursor>,
}

/// The result of a replay.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookReplay")]
struct Queueing {
    /// The number of messages that were queued.
    queued: usize,
    /// The cursor of the rest of the period; null if there is none.
    next: Option<Cursor>,
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = json!({ "from": "2026-11-21T09:00:00Z", "to": "2026-11-21T17:00:00Z" });
    it.is("replayWebhook", "Webhooks", "Send messages again")
        .about(
            "Queues the messages about one `order`, of one `version` or of all; or those about \
             the orders that were created at or after `from` and before `to`. Of a period, a \
             request queues the messages about at most 100 orders: repeat it with the `next` of \
             its response as `cursor` until `next` is null. The messages have the ids and bodies \
             that they had; types that the webhook does not ask for are left out.",
        )
        .body(example, read)
        .responds::<Queueing>(StatusCode::ACCEPTED, "The messages are queued.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidCursor, ProblemKind::WebhookDisabled])
}

/// `{"order", "version"?}` or `{"from", "to"?, "cursor"?}`
fn read(fields: &mut Fields<'_>) -> Option<Again> {
    fields.some_of(&["order", "from"]);
    let of_periods = ["from", "to", "cursor"];
    let other = if fields.has("order") {
        of_periods.into_iter().find(|name| fields.has(name)).map(|name| (name, "order"))
    } else {
        fields.has("version").then_some(("version", "from"))
    };
    if let Some((name, with)) = other {
        fields.wrong(name, format!("cannot be combined with `{with}`"));
    }
    let order = fields.text("order", OrderId::parse);
    let version = fields.integer("version", 1, i64::MAX);
    let version = version.and_then(|version| u64::try_from(version).ok()).map(Version);
    let (from, to) = (fields.text("from", time), fields.text("to", time));
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        fields.wrong("to", "must be after `from`");
    }
    let after = fields.text("cursor", Cursor::parse);
    let period = || Some(Again::Period(Period { from: from?, to, after }));
    order.map(|order| Again::Order(order, version)).or_else(period)
}

pub(super) async fn replay(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
    body: JsonBody,
) -> Result<Response, Problem> {
    let stored = manager.changed(&caller.principal, &merchant, &id).await?;
    let again = Fields::read(body.value, read)?;
    if stored.endpoint.disabled.is_some() {
        return Err(Problem::webhook_disabled());
    }
    let queueing = match again {
        Again::Order(order, version) => manager.replay_order(&stored, order, version).await?,
        Again::Period(period) => manager.replay_part(&caller.principal, &stored, period).await?,
    };
    Ok((StatusCode::ACCEPTED, Json(queueing)).into_response())
}

impl Manager {
    async fn replay_order(
        &self,
        stored: &StoredEndpoint,
        id: OrderId,
        version: Option<Version>,
    ) -> Result<Queueing, Problem> {
        let head = self.app.db.head(id).await?;
        let head = head.filter(|head| sees(&stored.endpoint.principal(), &head.order));
        let order = head.ok_or_else(Problem::not_found)?.order;
        let mut queued = self.messages(stored, &order);
        if let Some(version) = version {
            queued.retain(|it| it.message.version == version);
            if queued.is_empty() {
                return Err(Problem::not_found());
            }
        }
        Ok(Queueing { queued: self.queue_all(&queued).await?, next: None })
    }

    /// Queues the messages about the next orders of a period.
    async fn replay_part(
        &self,
        principal: &Principal,
        stored: &StoredEndpoint,
        Period { from, to, after }: Period,
    ) -> Result<Queueing, Problem> {
        let endpoint = &stored.endpoint;
        let end = to.map(|to| to.to_string()).unwrap_or_default();
        let bound = format!("replay to {}#{} {from} {end}", endpoint.merchant, endpoint.id);
        let open = |cursor| self.cursors.open(&cursor, principal, &bound);
        let after = after.map(open).transpose()?;
        let filter = Filter { state: OrderState::All, from: Some(from), to, ..Filter::default() };
        let filter = filter.within(&endpoint.principal())?;
        let (now, oldest) = (self.app.clock.now(), Direction::Oldest);
        let page = self.app.db.orders(&filter, oldest, after.as_ref(), ORDERS, now).await?;
        let queued: Vec<_> = page.orders.iter().flat_map(|it| self.messages(stored, it)).collect();
        let queued = self.queue_all(&queued).await?;
        let seal = |position: Position| self.cursors.seal(&position, principal, &bound);
        Ok(Queueing { queued, next: page.next.map(seal).transpose()? })
    }

    /// Returns the messages about all versions of an order.
    fn messages(&self, stored: &StoredEndpoint, order: &Order) -> Vec<Queued> {
        let now = self.app.clock.now();
        let messages = (1..=order.version.0).map(|version| {
            let message = MessageId { order: order.id, version: Version(version) };
            Queued::first(&stored.endpoint, message).replayed(now)
        });
        messages.collect()
    }

    /// Queues messages and returns their number.
    async fn queue_all(&self, queued: &[Queued]) -> Result<usize, Problem> {
        match self.queue.send_all(queued).await {
            Ok(refused) if refused.is_empty() => Ok(queued.len()),
            Ok(_) => Err(Problem::unavailable("SQS did not accept all messages".to_owned())),
            Err(error) => Err(Problem::unavailable(error.to_string())),
        }
    }
}
