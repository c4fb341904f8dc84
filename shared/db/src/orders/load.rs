//! The order in the roster of its driver.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use clock::Timestamp;
use domain::{DriverId, OrderId};

use crate::{DbError, keys};

/// Builds the write that adds the order to those of the driver, if the driver is available. It can be
/// forced upon a driver who is not.
///
/// `size` of an absent set is no number, and no comparison with it holds.
pub(super) fn take(
    table: &str,
    order: OrderId,
    driver: &DriverId,
    is_forced: bool,
) -> Result<TransactWriteItem, DbError> {
    let available = "attribute_exists(on_duty_since) AND (attribute_not_exists(#orders) \
                     OR contains(#orders, :id) OR size(#orders) < #capacity)";
    let update = update(table, order, driver).update_expression("ADD #orders :order");
    write(if is_forced {
        update.condition_expression("attribute_exists(driver_id)")
    } else {
        update
            .condition_expression(available)
            .expression_attribute_names("#capacity", "capacity")
            .expression_attribute_values(":id", AttributeValue::S(order.to_string()))
    })
}

/// Builds the write that removes the order from those of the driver, and notes the time.
pub(super) fn release(
    table: &str,
    order: OrderId,
    driver: &DriverId,
    at: Timestamp,
) -> Result<TransactWriteItem, DbError> {
    let update = update(table, order, driver)
        .update_expression("DELETE #orders :order SET order_left_at = :at")
        .expression_attribute_values(":at", keys::text(at.to_string()));
    write(update.condition_expression("attribute_exists(driver_id)"))
}

fn update(table: &str, order: OrderId, driver: &DriverId) -> UpdateBuilder {
    Update::builder()
        .table_name(table)
        .set_key(Some(keys::roster(driver)))
        .expression_attribute_names("#orders", "orders")
        .expression_attribute_values(":order", AttributeValue::Ss(vec![order.to_string()]))
}

fn write(update: UpdateBuilder) -> Result<TransactWriteItem, DbError> {
    let update = update.build().map_err(DbError::corrupt)?;
    Ok(TransactWriteItem::builder().update(update).build())
}
