//! `GET /drivers`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Fleet, MerchantId, Principal};
use http::StatusCode;
use http_api::{Authenticated, Cursor, Problem, ProblemKind, QueryParameters};

use super::denied;
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
    cursor: Option<Cursor>,
}

/// Reads `merchant`, `on_duty`, `available` and `cursor`.
fn take(query: &mut QueryParameters) -> Listing {
    Listing {
        merchant: query.take("merchant", MerchantId::parse),
        on_duty: query.flag("on_duty", "Only drivers who are on duty."),
        available: query.flag("available", "Only drivers who can be given another order."),
        cursor: Cursor::take(query),
    }
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("listDrivers", "Drivers", "List the drivers of a fleet")
        .about(
            "Without `merchant`, operations and support list the platform's fleet, and a merchant \
             its own.",
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
    let Listing { merchant, on_duty, available, cursor } = take(&mut query);
    query.finish()?;
    let fleet = fleet(principal, merchant)?;
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
