//! Applies events to an order.

use std::collections::BTreeMap;

use super::deadline::timed;
use crate::{Created, Event, EventData, Handover, Offer, Order, OrderId, Told, Version};

/// Applies `event`, which must be the order's next event, and returns the resulting order.
#[must_use]
pub fn evolve(order: Order, event: &Event) -> Order {
    let mut order = event.apply(order);
    let from = event.previous_status.filter(|_| event.data.is_step());
    if let Some(stamp) = from.and_then(|from| order.placed.workflow.stamp(from, event.status)) {
        order.stamps.insert(stamp, event.at);
    }
    // A stamp tells when the order took a step; the step that is put right was not taken.
    if let (EventData::Reopened { .. }, Some(from)) = (&event.data, from)
        && let Some(stamp) = order.placed.workflow.stamp(event.status, from)
    {
        order.stamps.remove(&stamp);
    }
    let moved = event.status != order.status;
    let offer = if moved { order.offer.map(Offer::of_earlier_status) } else { order.offer };
    let order = Order {
        status: event.status,
        version: event.version,
        updated_at: event.at,
        status_since: if moved { event.at } else { order.status_since },
        offer,
        ..order
    };
    let mut order = timed(order, event, moved);
    let told = std::mem::take(&mut order.told);
    order.told = told.after(event, &order);
    order
}

/// The reason why events do not form the history of an order.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first event is missing or does not create the order.
    #[error("the history does not start with the order's creation")]
    NotCreated,
    /// The versions of the events are not 1, 2, 3 ….
    #[error("the history has version {found}, expected {expected}")]
    Gap { expected: Version, found: Version },
}

/// Returns the order that results from `events`, which start with its creation.
pub fn fold<'a>(
    id: OrderId,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Order, FoldError> {
    fold_step_by_step(id, events, |_, _| {})
}

/// Works like [`fold`], and calls `step` with each event and the order after it.
pub(crate) fn fold_step_by_step<'a>(
    id: OrderId,
    events: impl IntoIterator<Item = &'a Event>,
    mut step: impl FnMut(&Order, &Event),
) -> Result<Order, FoldError> {
    let mut events = events.into_iter();
    let first = events.next().ok_or(FoldError::NotCreated)?;
    let order = begin(id, first)?;
    step(&order, first);
    events.try_fold(order, |order, event| {
        let expected = order.version.next();
        if event.version != expected {
            return Err(FoldError::Gap { expected, found: event.version });
        }
        let order = evolve(order, event);
        step(&order, event);
        Ok(order)
    })
}

fn begin(id: OrderId, event: &Event) -> Result<Order, FoldError> {
    let EventData::Created(created) = &event.data else { return Err(FoldError::NotCreated) };
    if event.version != Version::FIRST {
        return Err(FoldError::Gap { expected: Version::FIRST, found: event.version });
    }
    Ok(Order::created(id, created, event))
}

impl Order {
    /// Returns the order after its first event, which contains `created`.
    pub(super) fn created(id: OrderId, created: &Created, event: &Event) -> Self {
        let Created { placed, store, basket, has_handover_code } = created.clone();
        let order = Self {
            id,
            placed,
            store,
            status: event.status,
            version: event.version,
            created_at: event.at,
            updated_at: event.at,
            status_since: event.at,
            driver: None,
            is_load: false,
            offer: None,
            told: Told::default(),
            stamps: BTreeMap::new(),
            basket,
            handover: has_handover_code.then(Handover::default),
            issues: Vec::new(),
            is_erased: false,
            deadline: None,
            delayed_since: None,
            metadata: event.metadata.clone(),
        };
        timed(order, event, true)
    }
}
