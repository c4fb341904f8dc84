//! The log of deliveries. A message that is accepted at its first attempt leaves no row, unless it
//! was replayed, or the function failed after the attempt was begun, and it was made again.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use clock::Timestamp;
use domain::webhooks::DeliveryStatus;
use domain::{MerchantId, OrderId, Version, WebhookId};
use serde::{Deserialize, Serialize};

use crate::error::is_unmet;
use crate::orders::Position;
use crate::retry::{if_met, unless_held};
use crate::{Db, DbError, Item, keys};

/// The time for which a row is kept after its last attempt, in seconds.
const KEPT: i64 = 30 * 24 * 60 * 60;

/// The message about an event of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId {
    pub order: OrderId,
    pub version: Version,
}

impl std::fmt::Display for MessageId {
    /// Writes the text that receivers deduplicate by: `msg_ORDER_VERSION`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "msg_{}_{}", self.order, self.version)
    }
}

/// The answer of an endpoint, or the reason that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status of the response.
    #[serde(default, rename = "response_status", skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The reason that there is no response, or that the message was dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The beginning of the response's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// An attempt that ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub message: MessageId,
    /// The delivery that the attempt belongs to: 0, or the time of the replay that began it, in
    /// milliseconds since 1970.
    pub round: u64,
    /// From 1; for a message that was dropped, the number of attempts before.
    pub number: u32,
    pub at: Timestamp,
    pub status: DeliveryStatus,
    pub response: Response,
    /// The time of the next attempt, if the sweep starts it.
    pub due: Option<Timestamp>,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDelivery {
    pub merchant: MerchantId,
    pub endpoint: WebhookId,
    pub message: MessageId,
    /// 0, or the time of the replay that began the delivery, in milliseconds since 1970.
    pub round: u64,
    /// The number of attempts so far.
    pub attempts: u32,
    pub status: DeliveryStatus,
    /// The time of the last attempt.
    pub at: Timestamp,
    pub response: Response,
    due: Option<Timestamp>,
}

/// A page of the log.
#[derive(Debug)]
pub struct DeliveryPage {
    pub deliveries: Vec<FailedDelivery>,
    pub next: Option<Position>,
}

/// An item of `deliveries`.
#[derive(Serialize, Deserialize)]
struct Row {
    merchant: MerchantId,
    id: WebhookId,
    order_id: OrderId,
    version: Version,
    round: u64,
    attempts: u32,
    status: DeliveryStatus,
    at: Timestamp,
    #[serde(flatten)]
    response: Response,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    /// The TTL, in seconds since 1970.
    expires_at: i64,
}

impl From<Row> for FailedDelivery {
    fn from(row: Row) -> Self {
        Self {
            merchant: row.merchant,
            endpoint: row.id,
            message: MessageId { order: row.order_id, version: row.version },
            round: row.round,
            attempts: row.attempts,
            status: row.status,
            at: row.at,
            response: row.response,
            due: row.due,
        }
    }
}

impl Db {
    /// Records an attempt, and returns false if it is outdated: the delivery has ended, or a later
    /// attempt or a replay is recorded. If the function fails after an attempt, it is made again:
    /// then its new outcome counts.
    pub async fn record_attempt(
        &self,
        merchant: &MerchantId,
        id: &WebhookId,
        attempt: &Attempt,
    ) -> Result<bool, DbError> {
        let Attempt { message, round, number, at, status, response, due } = attempt.clone();
        let mut row: Item = serde_dynamo::to_item(Row {
            merchant: merchant.clone(),
            id: id.clone(),
            order_id: message.order,
            version: message.version,
            round,
            attempts: number,
            status,
            at,
            response,
            due,
            due_shard: due.map(|_| keys::DUE_DELIVERIES.to_owned()),
            expires_at: due.unwrap_or(at).plus_seconds(KEPT).epoch_seconds(),
        })?;
        row.extend(keys::delivery(merchant, id, &message));
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.deliveries)
            .set_item(Some(row))
            .condition_expression(
                "attribute_not_exists(attempts) OR round < :round OR (round = :round AND \
                 (attempts < :attempt OR (attempts = :attempt AND #status = :pending)))",
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":round", AttributeValue::N(round.to_string()))
            .expression_attribute_values(":attempt", AttributeValue::N(number.to_string()))
            .expression_attribute_values(
                ":pending",
                AttributeValue::S(DeliveryStatus::Pending.name().to_owned()),
            );
        if_met(|| put.clone().send()).await
    }

    /// Returns a page of an endpoint's log, by order and version, at most `limit` rows.
    pub async fn deliveries(
        &self,
        merchant: &MerchantId,
        id: &WebhookId,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<DeliveryPage, DbError> {
        let partition = keys::endpoint_partition(merchant, id);
        let key = after.map(|position| keys::delivery_after(&partition, position.as_str()));
        let page = self
            .client
            .query()
            .table_name(&self.tables.deliveries)
            .key_condition_expression("endpoint = :endpoint")
            .expression_attribute_values(":endpoint", AttributeValue::S(partition))
            .set_exclusive_start_key(key)
            .limit(limit.into())
            .send()
            .await?;
        let next = page.last_evaluated_key.as_ref().and_then(keys::delivery_position);
        let rows = page.items.unwrap_or_default().into_iter();
        let rows = rows.map(|item| Ok(serde_dynamo::from_item::<_, Row>(item)?.into()));
        Ok(DeliveryPage {
            deliveries: rows.collect::<Result<_, DbError>>()?,
            next: next.map(Position::new),
        })
    }

    /// Returns deliveries whose next attempt is due, the longest due first, at most `limit`.
    pub async fn due_deliveries(&self, now: Timestamp, limit: u16) -> Result<Vec<Item>, DbError> {
        let page = self
            .client
            .query()
            .table_name(&self.tables.deliveries)
            .index_name("by-due")
            .key_condition_expression("due_shard = :shard AND due <= :now")
            .expression_attribute_values(
                ":shard",
                AttributeValue::S(keys::DUE_DELIVERIES.to_owned()),
            )
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .limit(limit.into())
            .send()
            .await?;
        let rows = page.items.unwrap_or_default().into_iter();
        Ok(rows.map(keys::delivery_key).collect())
    }

    /// Moves the due time of a delivery from before `now` to `until`, so that no other sweep
    /// starts its attempt; `None` if another has done so, or if nothing is due any more.
    pub async fn lease_delivery(
        &self,
        key: Item,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<FailedDelivery>, DbError> {
        let lease = self
            .client
            .update_item()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key))
            .update_expression("SET due = :until")
            .condition_expression("due <= :now")
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .expression_attribute_values(":until", AttributeValue::S(until.to_string()))
            .return_values(ReturnValue::AllNew);
        match unless_held(|| lease.clone().send()).await {
            Ok(leased) => {
                let item = leased.attributes.ok_or_else(|| DbError::corrupt("no row"))?;
                Ok(Some(serde_dynamo::from_item::<_, Row>(item)?.into()))
            }
            Err(error) if is_unmet(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
