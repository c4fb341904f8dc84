//! `PUT …/duty`: begins and ends a driver's duty.

use axum::extract::State;
use axum::response::Response;
use db::{DriverWrite, StoredDriver};
use domain::{Denied, Role, Roster};
use http::StatusCode;
use http_api::{Authenticated, Fields, JsonBody, Problem, ProblemKind};
use serde_json::json;

use super::view::{DriverView, tagged};
use super::{ATTEMPTS, DriverPath, Manager, contended, denied, form};
use crate::describe::{Endpoint, Header};

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("setDuty", "Drivers", "Begin or end a driver's duty")
        .about(
            "For the driver, operations, and the merchant whose fleet it is. A driver on duty can \
             be given orders. A duty does not end while the driver has open orders, unless \
             operations send `force`. A repetition changes nothing.",
        )
        .body(json!({ "on_duty": true }), form::duty)
        .responds::<DriverView<'_>>(StatusCode::OK, "The driver.", &[Header::ETag])
        .refuses(&[ProblemKind::NotFound, ProblemKind::DriverBusy, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn set(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let stored = manager.read(principal, &id).await?;
    stored.roster.hold_of(principal).map_err(denied)?;
    let (on_duty, force) = Fields::read(body.value, form::duty)?;
    if force && principal.role() != Role::Ops {
        let detail = "Only operations can end a duty in spite of open orders.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    let mut current = Some(stored);
    for _ in 0..ATTEMPTS {
        let before = match current.take() {
            Some(stored) => stored,
            None => manager.read(principal, &id).await?,
        };
        if before.roster.on_duty_since.is_some() == on_duty {
            return Ok(tagged(StatusCode::OK, &before));
        }
        if !on_duty && !force && !before.roster.orders.is_empty() {
            return Err(Problem::driver_busy());
        }
        let read = before.roster.version;
        let on_duty_since = on_duty.then(|| manager.app.clock.now());
        let roster = Roster { on_duty_since, version: read.next(), ..before.roster };
        let after = StoredDriver { roster, ..before };
        if manager.app.db.set_duty(&after.roster, read, force).await? == DriverWrite::Written {
            return Ok(tagged(StatusCode::OK, &after));
        }
    }
    Err(contended())
}
