//! The writes for the effects of a commit.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use domain::{DetailsChange, Effect, OrderEffect, OrderId, Rejection};

use super::commit::{put_new, write};
use super::{details, load, reservation};
use crate::{DbError, Item, Tables, keys};

/// An effect that a commit can write.
pub trait WriteEffect: Effect {
    /// The reason that the effect cannot be written.
    type Refusal;

    /// Builds the write for the effect, as part of a commit of this order. Its condition, if any,
    /// holds if the effect can be applied.
    fn write(&self, order: OrderId, tables: &Tables) -> Result<TransactWriteItem, DbError>;

    /// Returns the meaning of the condition that failed; `current` is the existing item, if there is
    /// one and the write asks for it.
    fn unmet(&self, current: Option<&Item>) -> Result<Unmet<Self::Refusal>, DbError>;
}

/// The meaning of an effect's condition that failed.
#[derive(Debug)]
pub enum Unmet<F> {
    /// The effect is refused, whatever the decision knew.
    Refused(F),
    /// The item is not as the decision knew it, so the decision is made again.
    Outdated,
    /// The item is gone, and with it what the effect would end: the rest is committed without it.
    Moot,
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
            Self::TakeLoad { driver, is_forced } => {
                load::take(&tables.drivers, order, driver, *is_forced)
            }
            Self::ReleaseLoad { driver, at } => load::release(&tables.drivers, order, driver, *at),
        }
    }

    fn unmet(&self, current: Option<&Item>) -> Result<Unmet<Rejection>, DbError> {
        match self {
            Self::ClaimExternalId { .. } => {
                let order = reservation::order_of(current.cloned().unwrap_or_default())?;
                Ok(Unmet::Refused(Rejection::ExternalIdTaken { order }))
            }
            Self::ReleaseExternalId { .. } => {
                Err(DbError::corrupt("the order's external_id is reserved for another order"))
            }
            Self::Details(_) => Err(DbError::corrupt("an order's details do not match its head")),
            // The driver has become full or gone off duty, or was deleted.
            Self::TakeLoad { .. } => Ok(Unmet::Outdated),
            // There is no roster any more that counts the order.
            Self::ReleaseLoad { .. } => Ok(Unmet::Moot),
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
