//! The endpoints of merchants.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::webhooks::{Disabled, DisabledReason, Endpoint, EventType, WebhookUrl};
use domain::{MerchantId, Name, StoreId, Version, WebhookId};
use serde::{Deserialize, Serialize};

use super::Secrets;
use crate::retry::{if_met, unless_held};
use crate::{Consistency, Db, DbError, Digest, keys};

/// The maximum number of endpoints of a merchant. Each is looked up for each change of the
/// merchant's orders. Concurrent creations can exceed it by their number.
pub const MAX_ENDPOINTS: usize = 20;

/// An endpoint as it is stored.
#[derive(Clone, Debug)]
pub struct StoredEndpoint {
    pub endpoint: Endpoint,
    pub secrets: Secrets,
    /// The number of changes of the endpoint, from 1.
    pub version: Version,
    pub health: Health,
    /// The digest of the body that made the endpoint, if it was under an Idempotency-Key.
    pub made_from: Option<Digest>,
}

/// The experience with an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The time of the first failure after the last success; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// The time until which the endpoint counts as slow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_until: Option<Timestamp>,
    /// The time until which the endpoint asks for no requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
}

/// The reason that an endpoint was not written.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The Idempotency-Key made an endpoint from another body.
    #[error("the Idempotency-Key was used with another body")]
    KeyReused,
    /// The merchant has [`MAX_ENDPOINTS`].
    #[error("the merchant has as many endpoints as it may have")]
    TooMany,
    /// Another request changed or deleted the endpoint since it was read.
    #[error("the endpoint has changed")]
    Changed,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The change of an endpoint that its owner asks for.
#[derive(Clone, Debug)]
pub struct EndpointChange {
    pub endpoint: Endpoint,
    pub secrets: Secrets,
    /// True if the experience with the endpoint no longer counts, such as with another URL.
    pub forgets_health: bool,
}

/// An item of `webhooks`.
#[derive(Serialize, Deserialize)]
struct Row {
    merchant: MerchantId,
    id: WebhookId,
    url: WebhookUrl,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<EventType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Name>,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<DisabledReason>,
    #[serde(flatten)]
    secrets: Secrets,
    #[serde(flatten)]
    health: Health,
    version: u64,
    /// The digest of the body that made the endpoint, under an Idempotency-Key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_from: Option<Digest>,
}

impl Row {
    fn of(stored: &StoredEndpoint) -> Self {
        let StoredEndpoint { endpoint, secrets, version, health, made_from } = stored.clone();
        let Endpoint { merchant, id, url, store, events, description, created_at, disabled } =
            endpoint;
        Self {
            merchant,
            id,
            url,
            store,
            events: events.into_iter().collect(),
            description,
            created_at,
            disabled_at: disabled.map(|it| it.at),
            disabled_reason: disabled.map(|it| it.reason),
            secrets,
            health,
            version: version.0,
            made_from,
        }
    }
}

impl From<Row> for StoredEndpoint {
    fn from(row: Row) -> Self {
        let events: BTreeSet<_> = row.events.into_iter().collect();
        let disabled = row.disabled_at.zip(row.disabled_reason);
        Self {
            endpoint: Endpoint {
                merchant: row.merchant,
                id: row.id,
                url: row.url,
                store: row.store,
                events,
                description: row.description,
                created_at: row.created_at,
                disabled: disabled.map(|(at, reason)| Disabled { at, reason }),
            },
            secrets: row.secrets,
            version: Version(row.version),
            health: row.health,
            made_from: row.made_from,
        }
    }
}

impl Db {
    /// Returns the endpoints of a merchant, in the order of their ids (all pages). One that cannot be
    /// parsed is logged and left out, so that it does not stop the others.
    pub async fn endpoints(
        &self,
        merchant: &MerchantId,
        consistency: Consistency,
    ) -> Result<Vec<StoredEndpoint>, DbError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.webhooks)
            .consistent_read(consistency == Consistency::Strong)
            .key_condition_expression("merchant = :merchant")
            .expression_attribute_values(":merchant", AttributeValue::S(merchant.to_string()))
            .into_paginator()
            .items()
            .send();
        let mut endpoints = Vec::new();
        while let Some(item) = pages.next().await {
            match serde_dynamo::from_item::<_, Row>(item?) {
                Ok(row) => endpoints.push(row.into()),
                Err(error) => tracing::error!(%merchant, %error, "a webhook cannot be parsed"),
            }
        }
        Ok(endpoints)
    }

    /// Returns an endpoint (read consistently).
    pub async fn endpoint(
        &self,
        merchant: &MerchantId,
        id: &WebhookId,
    ) -> Result<Option<StoredEndpoint>, DbError> {
        let (table, key) = (&self.tables.webhooks, keys::endpoint(merchant, id));
        let item = self.get(table, key, Consistency::Strong, &[]).await?;
        Ok(item.map(serde_dynamo::from_item::<_, Row>).transpose()?.map(Into::into))
    }

    /// Stores a new endpoint. The id of a request under an Idempotency-Key follows from it, so that
    /// its repetition finds the endpoint that it made, which is returned.
    pub async fn create_endpoint(
        &self,
        new: &StoredEndpoint,
    ) -> Result<Option<StoredEndpoint>, EndpointError> {
        let merchant = &new.endpoint.merchant;
        let all = self.endpoints(merchant, Consistency::Strong).await?;
        let is_there = all.iter().any(|it| it.endpoint.id == new.endpoint.id);
        if !is_there && all.len() >= MAX_ENDPOINTS {
            return Err(EndpointError::TooMany);
        }
        let row = serde_dynamo::to_item(Row::of(new)).map_err(DbError::from)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.webhooks)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(merchant)");
        if if_met(|| put.clone().send()).await? {
            Ok(None)
        } else {
            self.made_before(new).await.map(Some)
        }
    }

    /// Returns the endpoint with the id of a new one, if the same body made it.
    async fn made_before(&self, new: &StoredEndpoint) -> Result<StoredEndpoint, EndpointError> {
        let Endpoint { merchant, id, .. } = &new.endpoint;
        let found = self.endpoint(merchant, id).await?.ok_or(EndpointError::Changed)?;
        let is_same = found.made_from.is_some() && found.made_from == new.made_from;
        if is_same { Ok(found) } else { Err(EndpointError::KeyReused) }
    }

    /// Replaces what the owner can change, if the endpoint still has the version `read`; returns
    /// the endpoint after the change.
    pub async fn change_endpoint(
        &self,
        read: &StoredEndpoint,
        change: EndpointChange,
    ) -> Result<StoredEndpoint, EndpointError> {
        let EndpointChange { endpoint, secrets, forgets_health } = change;
        // Experience that is recorded meanwhile is lost, and made again.
        let health = if forgets_health { Health::default() } else { read.health };
        let (version, made_from) = (read.version.next(), read.made_from.clone());
        let new = StoredEndpoint { endpoint, secrets, version, health, made_from };
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.webhooks)
            .set_item(Some(serde_dynamo::to_item(Row::of(&new)).map_err(DbError::from)?))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", AttributeValue::N(read.version.to_string()));
        let is_written = if_met(|| put.clone().send()).await?;
        if is_written { Ok(new) } else { Err(EndpointError::Changed) }
    }

    /// Deletes an endpoint, if there is one.
    pub async fn delete_endpoint(
        &self,
        merchant: &MerchantId,
        id: &WebhookId,
    ) -> Result<(), DbError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(keys::endpoint(merchant, id)));
        unless_held(|| delete.clone().send()).await?;
        Ok(())
    }

    /// Records that an endpoint failed at `now`, and for how long it asks for no requests.
    pub async fn endpoint_failed(
        &self,
        endpoint: &Endpoint,
        now: Timestamp,
        paused_until: Option<Timestamp>,
    ) -> Result<(), DbError> {
        let set = "SET failing_since = if_not_exists(failing_since, :now)";
        let set = if paused_until.is_some() {
            format!("{set}, paused_until = :paused")
        } else {
            set.to_owned()
        };
        let values = paused_until.map(|until| (":paused", until));
        self.note(endpoint, &set, values.into_iter().chain([(":now", now)])).await
    }

    /// Records that an endpoint succeeds again.
    pub async fn endpoint_succeeded(&self, endpoint: &Endpoint) -> Result<(), DbError> {
        self.note(endpoint, "REMOVE failing_since, paused_until", []).await
    }

    /// Records that an endpoint is slow.
    pub async fn endpoint_is_slow(
        &self,
        endpoint: &Endpoint,
        until: Timestamp,
    ) -> Result<(), DbError> {
        self.note(endpoint, "SET slow_until = :until", [(":until", until)]).await
    }

    /// Disables an endpoint that is as it was when it was read; false if it has changed: it has
    /// another URL, is enabled again or deleted, or has succeeded since it began to fail.
    pub async fn disable_endpoint(
        &self,
        read: &StoredEndpoint,
        disabled: Disabled,
    ) -> Result<bool, DbError> {
        let (endpoint, text) = (&read.endpoint, |text: String| AttributeValue::S(text));
        let since =
            read.health.failing_since.filter(|_| disabled.reason == DisabledReason::Failing);
        let condition = if since.is_some() {
            "version = :read AND failing_since = :since"
        } else {
            "version = :read"
        };
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(keys::endpoint(&endpoint.merchant, &endpoint.id)))
            .update_expression("SET disabled_at = :at, disabled_reason = :reason ADD version :one")
            .condition_expression(condition)
            .expression_attribute_values(":at", text(disabled.at.to_string()))
            .expression_attribute_values(":reason", text(disabled.reason.name().to_owned()))
            .expression_attribute_values(":read", AttributeValue::N(read.version.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        let update = match since {
            Some(since) => update.expression_attribute_values(":since", text(since.to_string())),
            None => update,
        };
        if_met(|| update.clone().send()).await
    }

    /// Updates an endpoint, if it is still there.
    async fn note(
        &self,
        endpoint: &Endpoint,
        expression: &str,
        times: impl IntoIterator<Item = (&'static str, Timestamp)>,
    ) -> Result<(), DbError> {
        let times = times.into_iter();
        let values = times.map(|(name, at)| (name.to_owned(), AttributeValue::S(at.to_string())));
        let values: std::collections::HashMap<_, _> = values.collect();
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(keys::endpoint(&endpoint.merchant, &endpoint.id)))
            .update_expression(expression)
            .condition_expression("attribute_exists(merchant)")
            .set_expression_attribute_values(Some(values).filter(|it| !it.is_empty()));
        if_met(|| update.clone().send()).await?;
        Ok(())
    }
}
