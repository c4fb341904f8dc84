//! The writes for the effects of a commit.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use domain::{DetailsChange, Effect, OrderEffect, OrderId, Rejection};

use super::commit::{put_new, write};
use super::{details, reservation};
use crate::{DbError, Item, Tables, keys};

/// An effect that a commit can write.
pub trait WriteEffect: Effect {
    /// The reason that the effect cannot be written.
    type Refusal;

    /// Builds the write for the effect, as part of a commit of this order. Its condition, if any,
    /// holds if the effect can be applied.
    fn write(&self, order: OrderId, tables: &Tables) -> Result<TransactWriteItem, DbError>;

    /// Returns the reason that the condition failed; `current` is the existing item, if the write
    /// asks for it.
    fn refusal(&self, current: Option<&Item>) -> Result<Self::Refusal, DbError>;
}

impl WriteEffect for OrderEffect {
    type Refusal = Rejection;

    fn write(&self, order: OrderId, tables: &Tables) -> Result<TransactWriteItem, DbError> {
        match self {
            Self::Details(change) => write_details(order, change, &tables.details),
            Self::ClaimExternalId { merchant, external_id } => {
                reservation::claim(&tables.details, order, merchant, external_id)
            }
            Self::ReleaseExternalId { merchant, external_id } => {
                reservation::release(&tables.details, order, merchant, external_id)
            }
        }
    }

    fn refusal(&self, current: Option<&Item>) -> Result<Rejection, DbError> {
        match self {
            Self::ClaimExternalId { .. } => {
                let order = reservation::order_of(current.cloned().unwrap_or_default())?;
                Ok(Rejection::ExternalIdTaken { order })
            }
            Self::ReleaseExternalId { .. } => {
                Err(DbError::corrupt("the order's external_id is reserved for another order"))
            }
            Self::Details(_) => Err(DbError::corrupt("an order's details do not match its head")),
        }
    }
}

fn write_details(
    order: OrderId,
    change: &DetailsChange,
    table: &str,
) -> Result<TransactWriteItem, DbError> {
    match change {
        DetailsChange::Put(details) => write(put_new(table, details::to_item(order, details)?)),
        DetailsChange::Correct(correction) => {
            let update = details::correction(correction)?
                .table_name(table)
                .set_key(Some(keys::details(order)))
                .condition_expression("attribute_exists(order_id)")
                .build()
                .map_err(DbError::corrupt)?;
            Ok(TransactWriteItem::builder().update(update).build())
        }
        DetailsChange::Erase => {
            let delete = Delete::builder()
                .table_name(table)
                .set_key(Some(keys::details(order)))
                .build()
                .map_err(DbError::corrupt)?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        }
    }
}
