//! Tickets, with which browsers open a WebSocket because they cannot send a header.

use aws_sdk_dynamodb::types::ReturnValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clock::Timestamp;
use domain::Principal;
use serde::{Deserialize, Serialize};

use super::connections::Holder;
use crate::error::is_unmet;
use crate::retry::unless_held;
use crate::{Db, DbError, Digest, Item, keys};

/// A secret that opens one connection, once.
pub struct Ticket(String);

impl Ticket {
    /// Generates a new ticket.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random::random_secret()))
    }

    /// Parses a ticket from a client, if it has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let secret = URL_SAFE_NO_PAD.decode(text).ok()?;
        (secret.len() == random::SECRET_BYTES).then(|| Self(text.to_owned()))
    }

    /// Returns the secret, which is for the client only and never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn key(&self) -> Item {
        keys::ticket(&Digest::of([self.0.as_bytes()]).to_string())
    }
}

/// The row of a ticket. The ticket's own expiry is the table's TTL.
#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    ticket: Holder,
    /// The expiry of the connection that the ticket opens, in seconds since 1970.
    token_expires_at: i64,
}

impl Db {
    /// Stores a ticket until `expires_at`. The connection that it opens expires at
    /// `token_expires_at`.
    pub async fn issue_ticket(
        &self,
        ticket: &Ticket,
        principal: &Principal,
        expires_at: Timestamp,
        token_expires_at: Timestamp,
    ) -> Result<(), DbError> {
        let mut item: Item = serde_dynamo::to_item(Row {
            ticket: Holder::new(principal, expires_at),
            token_expires_at: token_expires_at.epoch_seconds(),
        })?;
        item.extend(ticket.key());
        self.put(&self.tables.subscriptions, item).await
    }

    /// Deletes a ticket and returns its principal and the expiry of the principal's token, if the
    /// ticket was valid at `now`. If two callers race with one ticket, only one of them gets it.
    pub async fn consume_ticket(
        &self,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<Option<(Principal, Timestamp)>, DbError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.subscriptions)
            .set_key(Some(ticket.key()))
            // DynamoDB Local returns the old item to each of several racing deletions, unless
            // they are conditional.
            .condition_expression("attribute_exists(topic)")
            .return_values(ReturnValue::AllOld);
        let item = match unless_held(|| delete.clone().send()).await {
            Ok(gone) => gone.attributes.ok_or_else(|| DbError::corrupt("no ticket deleted"))?,
            Err(error) if is_unmet(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Row { ticket, token_expires_at } = serde_dynamo::from_item(item)?;
        let token_ends = Timestamp::from_epoch_seconds(token_expires_at)
            .ok_or_else(|| DbError::corrupt("a ticket's expiry"))?;
        let good = ticket.expires_at() > now && token_ends > now;
        Ok(good.then_some((ticket.principal, token_ends)))
    }
}
