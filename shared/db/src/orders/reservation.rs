//! The reservation of a merchant's `external_id` for one order, an item of `order-details`.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::{ExternalId, MerchantId, OrderId};
use serde::{Deserialize, Serialize};

use super::commit::{put, write};
use crate::{DbError, Item, keys};

/// The attributes of the item besides its key.
#[derive(Serialize, Deserialize)]
struct Reservation {
    /// The order that has the `external_id`.
    order: OrderId,
    /// True once that order is cancelled. It is found by the `external_id` until another order
    /// has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    released: bool,
}

impl Reservation {
    fn into_item(self, merchant: &MerchantId, id: &ExternalId) -> Result<Item, DbError> {
        let mut item = keys::external_id(merchant, id);
        item.extend(serde_dynamo::to_item::<_, Item>(self)?);
        Ok(item)
    }
}

/// Returns the order that a reservation names.
pub(super) fn order_of(item: Item) -> Result<OrderId, DbError> {
    Ok(serde_dynamo::from_item::<_, Reservation>(item)?.order)
}

/// Builds the write that reserves the id for `order`, unless another order has it.
pub(super) fn claim(
    table: &str,
    order: OrderId,
    merchant: &MerchantId,
    id: &ExternalId,
) -> Result<TransactWriteItem, DbError> {
    let item = Reservation { order, released: false }.into_item(merchant, id)?;
    let put = put(table, item)
        .condition_expression("attribute_not_exists(order_id) OR released = :true")
        .expression_attribute_values(":true", AttributeValue::Bool(true))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    write(put)
}

/// Builds the write that lets another order claim the id of `order`.
pub(super) fn release(
    table: &str,
    order: OrderId,
    merchant: &MerchantId,
    id: &ExternalId,
) -> Result<TransactWriteItem, DbError> {
    let item = Reservation { order, released: true }.into_item(merchant, id)?;
    let put = put(table, item)
        .condition_expression("attribute_not_exists(order_id) OR #order = :order")
        .expression_attribute_names("#order", "order")
        .expression_attribute_values(":order", AttributeValue::S(order.to_string()));
    write(put)
}
