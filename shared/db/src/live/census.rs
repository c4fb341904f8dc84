//! One reading of the whole table: the connections that have expired, and the principals whose
//! count may be wrong.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::Role;
use serde::Deserialize;

use crate::{ConnectionId, Db, DbError, keys};

/// The connections that a reading of the table found.
#[derive(Debug, Default)]
pub struct Census {
    /// Connections whose token has expired, as many as were asked for at most.
    pub expired: Vec<ConnectionId>,
    /// The connections that are counted, by principal.
    pub principals: Vec<PrincipalConnections>,
    /// The time of each counted connection that has a row, in seconds since 1970.
    counted: HashMap<ConnectionId, i64>,
}

/// The connections that are counted for one principal.
#[derive(Clone, Debug)]
pub struct PrincipalConnections {
    /// The principal's role.
    pub role: Role,
    pub connections: BTreeSet<ConnectionId>,
    /// The topic of the principal's row.
    topic: String,
}

#[derive(Deserialize)]
struct Row {
    topic: String,
    connection_id: ConnectionId,
    #[serde(default)]
    expires_at: i64,
    counted_at: Option<i64>,
    #[serde(default)]
    connections: BTreeSet<ConnectionId>,
}

impl Census {
    /// Returns the connections of a principal for which no row was found. The row of a new
    /// connection may be missing too: the table is not read at one point in time.
    pub fn without_row(&self, principal: &PrincipalConnections) -> Vec<ConnectionId> {
        let missing = principal.connections.iter().filter(|id| !self.counted.contains_key(*id));
        missing.cloned().collect()
    }

    /// Returns the connections of a principal that have a row since `before` or longer.
    pub fn older_than(
        &self,
        before: Timestamp,
        principal: &PrincipalConnections,
    ) -> Vec<ConnectionId> {
        let is_older = |id: &&ConnectionId| {
            self.counted.get(*id).is_some_and(|since| *since <= before.epoch_seconds())
        };
        principal.connections.iter().filter(is_older).cloned().collect()
    }

    fn add(&mut self, row: Row, now: Timestamp, most: usize) {
        if let Some(role) = keys::role_of(&row.topic) {
            let Row { topic, connections, .. } = row;
            self.principals.push(PrincipalConnections { role, connections, topic });
            return;
        }
        if row.expires_at <= now.epoch_seconds() && self.expired.len() < most {
            self.expired.push(row.connection_id.clone());
        }
        if let Some(counted_at) = row.counted_at {
            self.counted.insert(row.connection_id, counted_at);
        }
    }
}

impl Db {
    /// Reads the whole table, which has rows of connections, their principals and unused tickets
    /// only, and returns `most` expired connections at most.
    pub async fn census(&self, now: Timestamp, most: usize) -> Result<Census, DbError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut pages = self
            .client
            .scan()
            .table_name(&self.tables.subscriptions)
            .filter_expression(
                "begins_with(topic, :connection) AND (expires_at <= :now \
                 OR attribute_exists(counted_at)) \
                 OR begins_with(topic, :principal) AND attribute_exists(connections)",
            )
            .expression_attribute_values(":connection", text(keys::CONNECTION))
            .expression_attribute_values(":principal", text(keys::PRINCIPAL))
            .expression_attribute_values(":now", AttributeValue::N(now.epoch_seconds().to_string()))
            .projection_expression("topic, connection_id, expires_at, counted_at, connections")
            .into_paginator()
            .items()
            .send();
        let mut census = Census::default();
        while let Some(item) = pages.next().await {
            // A row that cannot be parsed must not hide the others.
            match serde_dynamo::from_item(item?) {
                Ok(row) => census.add(row, now, most),
                Err(error) => tracing::error!(%error, "the row of a connection cannot be parsed"),
            }
        }
        Ok(census)
    }

    /// Takes the connections of a principal that do not exist out of its count.
    pub async fn uncount_gone(
        &self,
        principal: &PrincipalConnections,
        suspects: Vec<ConnectionId>,
    ) -> Result<(), DbError> {
        let mut gone = Vec::new();
        for suspect in suspects {
            // An id is never given twice, so a connection without a row will not get one.
            if !self.is_connected(&suspect).await? {
                gone.push(suspect);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        self.uncount(keys::counted(&principal.topic), &gone).await
    }
}
