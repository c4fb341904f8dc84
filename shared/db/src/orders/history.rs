//! Reads of `order-history`.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Actor, Event, Order, OrderId, Timeline, Version, Workflow, fold};
use serde::Deserialize;

use super::event::HistoryItem;
use super::idempotency::{Digest, KeyedRequest, Remembered};
use crate::{Consistency, Db, DbError, Head, keys};

/// The number of events that are read at once, from the newest.
const LATEST: i32 = 8;

impl Db {
    /// Returns the events of an order after `after`, up to and including `until`, oldest first
    /// (read consistently, all pages; empty if `until` is not later).
    pub async fn history(
        &self,
        id: OrderId,
        workflow: &'static Workflow,
        after: Version,
        until: Version,
    ) -> Result<Vec<Event>, DbError> {
        let items = self.history_items(id, after, until).await?.into_iter();
        items.map(|item| item.event.into_event(item.version, workflow)).collect()
    }

    /// Returns the timeline of an order from its whole history (read consistently, all pages), or
    /// `None` if it has no events.
    pub async fn timeline(&self, id: OrderId) -> Result<Option<Timeline>, DbError> {
        let items = self.history_items(id, Version(0), Version(u64::MAX)).await?;
        let Some(first) = items.first() else { return Ok(None) };
        let workflow = first.event.workflow()?;
        let events = items.into_iter().map(|it| it.event.into_event(it.version, workflow));
        let events = events.collect::<Result<Vec<_>, _>>()?;
        Timeline::of(id, &events).map(Some).map_err(DbError::corrupt)
    }

    /// Returns the items after `after`, up to and including `until`, oldest first.
    async fn history_items(
        &self,
        id: OrderId,
        after: Version,
        until: Version,
    ) -> Result<Vec<HistoryItem>, DbError> {
        if until <= after {
            return Ok(Vec::new());
        }
        let number = |version: Version| AttributeValue::N(version.to_string());
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.history)
            .consistent_read(true)
            .key_condition_expression("order_id = :id AND version BETWEEN :first AND :last")
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .expression_attribute_values(":first", number(after.next()))
            .expression_attribute_values(":last", number(until))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(serde_dynamo::from_item(item?)?);
        }
        Ok(items)
    }

    /// Returns the order at `version`, which must not be later than its head.
    pub(super) async fn order_at(&self, head: &Head, version: Version) -> Result<Order, DbError> {
        let Order { id, placed, .. } = &head.order;
        if version == head.order.version {
            return Ok(head.order.clone());
        }
        let events = self.history(*id, placed.workflow, Version(0), version).await?;
        fold(*id, &events).map_err(DbError::corrupt)
    }

    /// Returns the id of the commit that wrote `version` of an order.
    pub(super) async fn commit_of(
        &self,
        id: OrderId,
        version: Version,
    ) -> Result<Option<String>, DbError> {
        let (table, key) = (&self.tables.history, keys::event(id, version));
        let item = self.get(table, key, Consistency::Strong, &[]).await?;
        let item: Option<HistoryItem> = item.map(serde_dynamo::from_item).transpose()?;
        Ok(item.map(|item| item.commit_id))
    }

    /// Returns the actor of the last event that changed an order's status (read consistently,
    /// page by page from the newest event). Only issues and erasure follow the closing of an
    /// order, so that this is soon found.
    pub(super) async fn last_mover(&self, id: OrderId) -> Result<Option<Actor>, DbError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.history)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(LATEST)
            .key_condition_expression("order_id = :id")
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pages.next().await {
            let item: HistoryItem = serde_dynamo::from_item(item?)?;
            if let Some(actor) = item.event.mover() {
                return Ok(Some(actor));
            }
        }
        Ok(None)
    }

    /// Finds the request with this key in an order's history.
    pub(super) async fn remembered(
        &self,
        id: OrderId,
        key: &Digest,
    ) -> Result<Option<Remembered>, DbError> {
        #[derive(Deserialize)]
        struct Row {
            version: Version,
            request: KeyedRequest,
        }
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.history)
            .consistent_read(true)
            .key_condition_expression("order_id = :id")
            .filter_expression("#request.#key = :key")
            .projection_expression("version, #request")
            .expression_attribute_names("#request", "request")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .expression_attribute_values(":key", AttributeValue::S(key.to_string()))
            .into_paginator()
            .items()
            .send();
        match pages.next().await {
            Some(item) => {
                let Row { version, request } = serde_dynamo::from_item(item?)?;
                Ok(Some(Remembered { request, version }))
            }
            None => Ok(None),
        }
    }
}
