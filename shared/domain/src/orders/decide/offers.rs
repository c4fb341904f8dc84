//! Decides the offers of an order to drivers, and their answers.

use clock::Timestamp;

use super::step::roster_of;
use crate::{Context, DriverId, EventData, Offering, Operation, Order, Reason, Rejection};

/// Returns the data of the event that offers the order. Every driver must be able to carry it.
pub(super) fn offered(
    order: &Order,
    Offering { drivers, time, replace, radius_m }: Offering,
    context: &Context<'_>,
) -> Result<EventData, Rejection> {
    let status = order.status;
    let mut accepting = order.placed.workflow.transitions_of(Operation::Accept, status);
    if accepting.next().is_none() {
        return Err(Rejection::NotOfferable { status });
    }
    // As with an assignment: of several who offer the order at once, all but one would else believe
    // that they did.
    if !replace && order.offer_ends().is_some_and(|end| context.now < end) {
        return Err(Rejection::OfferStands { status });
    }
    for driver in &drivers {
        if let Some(roster) = roster_of(order, driver, "drivers", context)?
            && let Err(why) = roster.check_available()
        {
            return Err(Rejection::DriverUnavailable { status, driver: driver.clone(), why });
        }
    }
    let round = order.next_round();
    let expires_at = context.now.max(order.updated_at).plus_seconds(time.seconds().into());
    Ok(EventData::DriverOffered { round, drivers, expires_at, radius_m })
}

/// Returns the data of the event that a driver declined, or `None` if the driver did so before.
pub(super) fn declined(
    order: &Order,
    driver: DriverId,
    reason: Option<Reason>,
    context: &Context<'_>,
) -> Result<Option<EventData>, Rejection> {
    if order.offer.as_ref().is_some_and(|offer| offer.declined.contains(&driver)) {
        return Ok(None);
    }
    check_answer(order, &driver, context)?;
    Ok(Some(EventData::OfferDeclined { driver, reason }))
}

/// Checks that the driver can still answer the order's offer.
pub(super) fn check_answer(
    order: &Order,
    driver: &DriverId,
    context: &Context<'_>,
) -> Result<(), Rejection> {
    let end = order.offer_end(driver, context.now);
    end.map_or(Ok(()), |why| Err(Rejection::OfferOver { why }))
}

/// Returns the data of the event that ends the order's offer, if its time is over.
pub(super) fn expired(order: &Order, now: Timestamp) -> Option<EventData> {
    let offer =
        order.offer.as_ref().filter(|_| order.offer_ends().is_some_and(|end| end <= now))?;
    let (round, drivers) = (offer.round, offer.asked().cloned().collect());
    Some(EventData::OfferExpired { round, drivers, radius_m: None })
}
