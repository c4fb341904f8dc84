//! What an event makes of an order.

use super::{Event, EventData, Order, OrderId, Version};

/// The order after `event`, which must be its next.
#[must_use]
pub fn evolve(order: Order, event: &Event) -> Order {
    let driver = match &event.data {
        EventData::DriverAssigned { driver } => Some(driver.clone()),
        EventData::DriverUnassigned { .. } => None,
        EventData::Created(_) | EventData::StatusChanged => order.driver,
    };
    let moved = event.status != order.status;
    Order {
        status: event.status,
        version: event.version,
        updated_at: event.at,
        status_since: if moved { event.at } else { order.status_since },
        driver,
        ..order
    }
}

/// Why events are no history of an order.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first event is missing or does not create.
    #[error("the history does not begin with the order's creation")]
    NotCreated,
    /// The versions are not 1, 2, 3 ….
    #[error("the history has version {found} where {expected} belongs")]
    Gap {
        /// What belongs there.
        expected: Version,
        /// What stands there.
        found: Version,
    },
}

/// The order that `events` made, from the first one on.
pub fn fold<'a>(
    id: OrderId,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Order, FoldError> {
    let mut events = events.into_iter();
    let first = events.next().ok_or(FoldError::NotCreated)?;
    events.try_fold(begin(id, first)?, |order, event| {
        let expected = order.version.next();
        if event.version == expected {
            Ok(evolve(order, event))
        } else {
            Err(FoldError::Gap { expected, found: event.version })
        }
    })
}

fn begin(id: OrderId, event: &Event) -> Result<Order, FoldError> {
    let EventData::Created(created) = &event.data else { return Err(FoldError::NotCreated) };
    if event.version != Version::FIRST {
        return Err(FoldError::Gap { expected: Version::FIRST, found: event.version });
    }
    Ok(Order {
        id,
        merchant: created.merchant.clone(),
        customer: created.customer.clone(),
        external_id: created.external_id.clone(),
        store: created.store.clone(),
        workflow: created.workflow,
        status: event.status,
        version: event.version,
        created_at: event.at,
        updated_at: event.at,
        status_since: event.at,
        driver: None,
        metadata: event.metadata.clone(),
    })
}
