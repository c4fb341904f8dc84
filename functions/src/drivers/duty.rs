//! `PUT …/duty`: begins and ends a driver's duty.

use axum::extract::State;
use axum::response::Response;
use domain::{Denied, Role};
use http::StatusCode;
use http_api::{Authenticated, DriverPath, Fields, JsonBody, Problem, ProblemKind};
use serde_json::json;

use super::view::DriverView;
use super::write::{Change, made};
use super::{denied, form, read};
use crate::app::App;
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
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let stored = read(&app, principal, &id).await?;
    stored.roster.rights_of(principal).map_err(denied)?;
    let (on_duty, force) = Fields::read(body.value, form::duty)?;
    if force && principal.role() != Role::Ops {
        let detail = "Only operations can end a duty in spite of open orders.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    made(&app, principal, stored, |before| {
        if before.roster.on_duty_since.is_some() == on_duty {
            return Ok(Change::Nothing);
        }
        if !on_duty && !force && !before.roster.orders.is_empty() {
            return Err(Problem::driver_busy());
        }
        let mut after = before.clone();
        after.roster.set_duty(on_duty, app.clock.now());
        Ok(Change::Duty { after, is_forced: force })
    })
    .await
}
