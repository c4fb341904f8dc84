//! The driver of an order on the way, as the order's customer sees it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{OrderView, sees};
use crate::{Courier, DriverId, FirstName, Order, Phase, PhotoUrl, Principal, Role, Vehicle};

/// The driver who brings the order. Only the order's customer sees it, only while the order is on
/// the way, and only if the driver is registered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Courier")]
pub(super) struct CourierView<'a> {
    /// The driver's first name; absent if the registered name does not show which word it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a FirstName>,
    vehicle: &'a Vehicle,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo_url: Option<&'a PhotoUrl>,
}

/// Returns the driver whom `principal` sees as the courier of `order`; `None` if the principal sees
/// no courier. Customers recognise by it the person at the door. Everyone else who sees the order
/// sees the driver's id, and the driver's record if they may read it.
pub fn courier<'a>(principal: &Principal, order: &'a Order) -> Option<&'a DriverId> {
    let is_theirs = match principal.role() {
        Role::Customer => sees(principal, order),
        Role::Ops | Role::Support | Role::Merchant | Role::Driver | Role::System => false,
    };
    let is_on_the_way = match order.status.phase() {
        Phase::OnTheWay => true,
        Phase::Placed
        | Phase::Preparing
        | Phase::Ready
        | Phase::Returning
        | Phase::Delivered
        | Phase::Returned
        | Phase::Cancelled
        | Phase::Failed => false,
    };
    order.carrier().filter(|_| is_theirs && is_on_the_way)
}

impl<'a> OrderView<'a> {
    /// Shows the driver whom [`courier`] returned for the principal of this view.
    #[must_use]
    pub fn with_courier(mut self, courier: Option<&'a Courier>) -> Self {
        self.courier = courier.map(|Courier { first_name, vehicle, photo_url }| CourierView {
            first_name: first_name.as_ref(),
            vehicle,
            photo_url: photo_url.as_ref(),
        });
        self
    }
}
