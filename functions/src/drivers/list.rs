//! `GET /drivers`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Fleet, MerchantId, Principal};
use http::StatusCode;
use http_api::{Authenticated, Cursor, Problem, ProblemKind, QueryParameters};

use super::denied;
use super::near::Near;
use super::view::{DriverView, DriversView};
use crate::app::Reader;
use crate::describe::Endpoint;

/// The number of drivers on a page: their two items each are one batch.
const PAGE: u16 = 50;

/// The drivers that are requested.
struct Listing {
    merchant: Option<MerchantId>,
    on_duty: bool,
    available: bool,
    near: Option<Near>,
    cursor: Option<Cursor>,
}

/// Reads `merchant`, `on_duty`, `available`, `near` and `cursor`.
fn take(query: &mut QueryParameters) -> Listing {
    let listing = Listing {
        merchant: query.take("merchant", MerchantId::parse),
        on_duty: query.flag("on_duty", "Only drivers who are on duty."),
        available: query.flag("available", "Only drivers who can be given another order."),
        near: query.take("near", Near::parse),
        cursor: Cursor::take(query),
    };
    if listing.near.is_some() && listing.cursor.is_some() {
        query.wrong("cursor", "cannot be combined with `near`, whose list has one page");
    }
    listing
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("listDrivers", "Drivers", "List the drivers of a fleet")
        .about(
            "Without `merchant`, operations and support list the platform's fleet, and a merchant \
             its own. With `near`, the list has the drivers on duty who are at most 10 km from a \
             point, at most 20, ranked by distance and 500 m more for each order that a driver has; \
             drivers whose position is older than three minutes or coarser than 500 m come last, \
             and those who have sent none in this duty are left out.",
        )
        .query(take)
        .responds::<DriversView<'_>>(StatusCode::OK, "A page of at most 50 drivers.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidCursor])
}

pub(super) async fn list(
    State(Reader { app, cursors }): State<Reader>,
    Authenticated(caller): Authenticated,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let Listing { merchant, on_duty, available, near, cursor } = take(&mut query);
    query.finish()?;
    let fleet = fleet(principal, merchant)?;
    if let Some(near) = near {
        return near.list(&app, &fleet, available).await;
    }
    let on_duty = on_duty || available;
    let bound = format!("drivers of {fleet} {on_duty}");
    let after = cursor.map(|cursor| cursors.open(&cursor, principal, &bound)).transpose()?;
    let page = app.db.fleet(&fleet, on_duty, after.as_ref(), PAGE).await?;
    let seal = |position| cursors.seal(&position, principal, &bound);
    let next = page.next.map(seal).transpose()?;
    let is_listed = |it: &&db::StoredDriver| {
        // An entry of the index can be older than the roster.
        (!on_duty || it.roster.on_duty_since.is_some())
            && (!available || it.roster.check_available().is_ok())
    };
    let drivers = page.drivers.iter().filter(is_listed).map(DriverView::of).collect();
    Ok(Json(DriversView { drivers, next }).into_response())
}

fn fleet(principal: &Principal, merchant: Option<MerchantId>) -> Result<Fleet, Problem> {
    let fleet = Fleet::of(merchant.or_else(|| principal.merchant().cloned()));
    fleet.may_read(principal).map_err(denied)?;
    Ok(fleet)
}
