//! Registering, changing and deleting drivers.

use axum::extract::State;
use axum::response::Response;
use db::StoredDriver;
use domain::{Denied, DriverRights, Fleet, Role, Roster};
use http::StatusCode;
use http_api::{Authenticated, DriverPath, Fields, IfMatch, JsonBody, Problem, ProblemKind};

use super::form::{self, NewDriver};
use super::view::{DriverView, tagged};
use super::write::{Change, made};
use super::{denied, read};
use crate::app::App;
use crate::describe::{Endpoint, Header};

pub(super) fn describe_registration(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("registerDriver", "Drivers", "Register a driver")
        .about(
            "For operations, and for a merchant as a whole, whose own fleet the driver then \
             belongs to. `driver` is the id in the driver's token. A registered driver begins and \
             ends duties, and has at most `capacity` open orders.",
        )
        .body(form::example(), form::new_driver)
        .responds::<DriverView<'_>>(StatusCode::CREATED, "The driver.", &[Header::ETag])
        .refuses(&[ProblemKind::DriverExists])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn register(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<Response, Problem> {
    let new = Fields::read(body.value, form::new_driver)?;
    let NewDriver { driver, merchant, profile, vehicle, capacity } = new;
    let merchant = merchant.or_else(|| caller.principal.merchant().cloned());
    let fleet = Fleet::of(merchant);
    fleet.may_manage(&caller.principal).map_err(|it| not_theirs(it, caller.principal.role()))?;
    let roster = Roster { vehicle, capacity, ..Roster::new(driver, fleet) };
    let stored = StoredDriver { roster, profile };
    if app.db.register_driver(&stored).await? {
        return Ok(tagged(StatusCode::CREATED, &stored));
    }
    Err(Problem::driver_exists())
}

/// A caller who names another merchant's fleet is told so: there is nothing to hide.
fn not_theirs(reason: Denied, role: Role) -> Problem {
    match reason {
        Denied::NotFound => {
            let detail = format!("The role {} cannot register drivers of this fleet.", role.name());
            Problem::new(ProblemKind::Forbidden, detail)
        }
        Denied::WholeMerchantOnly | Denied::ReadOnly(_) => denied(reason),
    }
}

pub(super) fn describe_change(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = serde_json::json!({ "capacity": 5 });
    it.is("changeDriver", "Drivers", "Change a driver")
        .about(
            "Omitted fields stay as they are. A driver changes its own `vehicle`, and nothing \
             else. A smaller `capacity` takes no order away.",
        )
        .conditional()
        .body(example, |fields| Some(form::changes(fields)))
        .responds::<DriverView<'_>>(StatusCode::OK, "The driver.", &[Header::ETag])
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn change(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    if_match: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let stored = read(&app, principal, &id).await?;
    let rights = stored.roster.rights_of(principal).map_err(denied)?;
    let changes = Fields::read(body.value, |fields| Some(form::changes(fields)))?;
    if rights == DriverRights::Own && !changes.is_a_drivers_own() {
        let detail = "A driver can change only its own vehicle. Ask operations for the rest.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    made(&app, principal, stored, |before| {
        if_match.check(before.roster.version)?;
        let after = with(before, &changes);
        Ok(if after == *before { Change::Nothing } else { Change::Record(after) })
    })
    .await
}

fn with(before: &StoredDriver, changes: &form::Changes) -> StoredDriver {
    let mut after = before.clone();
    if let Some(name) = &changes.name {
        after.profile.name = name.clone();
    }
    after.profile.phone = changes.phone.clone().or(after.profile.phone);
    after.profile.plate = changes.plate.clone().or(after.profile.plate);
    after.profile.photo_url = changes.photo_url.clone().or(after.profile.photo_url);
    if let Some(vehicle) = &changes.vehicle {
        after.roster.vehicle = vehicle.clone();
    }
    after.roster.capacity = changes.capacity.unwrap_or(after.roster.capacity);
    after
}

pub(super) fn describe_deletion(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("deleteDriver", "Drivers", "Delete a driver")
        .about("A driver with open orders cannot be deleted. Closed orders keep the driver's id.")
        .conditional()
        .responds_nothing("The driver is deleted.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::DriverBusy, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn delete(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let stored = read(&app, principal, &id).await?;
    if stored.roster.rights_of(principal).map_err(denied)? == DriverRights::Own {
        let detail = "A driver cannot delete itself. Ask operations, or the fleet's merchant.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    made(&app, principal, stored, |stored| {
        if_match.check(stored.roster.version)?;
        if stored.roster.orders.is_empty() {
            Ok(Change::Deletion)
        } else {
            Err(Problem::driver_busy())
        }
    })
    .await
}
