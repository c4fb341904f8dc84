//! The views of drivers.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::StoredDriver;
use domain::{Capacity, DriverId, MerchantId, Name, OrderId, Phone, PhotoUrl, Text, Vehicle};
use http::StatusCode;
use http::header::ETAG;
use http_api::{Cursor, etag};
use schemars::JsonSchema;
use serde::Serialize;

/// A page of a fleet's drivers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Drivers")]
pub(super) struct DriversView<'a> {
    /// The drivers of this page. A page can have fewer than requested, even none.
    pub(super) drivers: Vec<DriverView<'a>>,
    /// The cursor of the next page; null on the last page.
    pub(super) next: Option<Cursor>,
}

/// A driver.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Driver")]
pub(super) struct DriverView<'a> {
    driver: &'a DriverId,
    /// The merchant whose own fleet the driver belongs to; absent for the platform's.
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<&'a MerchantId>,
    name: &'a Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a Phone>,
    /// The vehicle's registration plate.
    #[serde(skip_serializing_if = "Option::is_none")]
    plate: Option<&'a Text<20>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo_url: Option<&'a PhotoUrl>,
    vehicle: &'a Vehicle,
    capacity: Capacity,
    on_duty: bool,
    /// The beginning of the driver's duty.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_duty_since: Option<Timestamp>,
    /// True if the driver can be given another order.
    available: bool,
    /// The open orders that the driver has.
    orders: &'a BTreeSet<OrderId>,
    /// The distance from the point of `near`, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_m: Option<u64>,
    /// The age of the driver's position in a list by `near`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    position_age_s: Option<u64>,
}

impl<'a> DriverView<'a> {
    pub(super) fn of(stored: &'a StoredDriver) -> Self {
        let StoredDriver { roster, profile } = stored;
        Self {
            driver: &roster.driver,
            merchant: roster.fleet.merchant(),
            name: &profile.name,
            phone: profile.phone.as_ref(),
            plate: profile.plate.as_ref(),
            photo_url: profile.photo_url.as_ref(),
            vehicle: &roster.vehicle,
            capacity: roster.capacity,
            on_duty: roster.on_duty_since.is_some(),
            on_duty_since: roster.on_duty_since,
            available: roster.check_available().is_ok(),
            orders: &roster.orders,
            distance_m: None,
            position_age_s: None,
        }
    }

    /// Adds the distance in metres and the age of the position in seconds.
    pub(super) fn near(self, distance_m: u64, position_age_s: u64) -> Self {
        Self { distance_m: Some(distance_m), position_age_s: Some(position_age_s), ..self }
    }
}

/// Returns a response with the driver, and with the roster's version as its `ETag`. Taking and
/// leaving an order is no change of the version.
pub(super) fn tagged(status: StatusCode, stored: &StoredDriver) -> Response {
    let body = Json(DriverView::of(stored));
    (status, [(ETAG, etag(stored.roster.version))], body).into_response()
}
