//! Registering, changing and deleting drivers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::{DriverWrite, StoredDriver};
use domain::{Denied, Fleet, Hold, Role, Roster, Version};
use http::StatusCode;
use http_api::{Authenticated, Fields, IfMatch, JsonBody, Problem, ProblemKind};

use super::form::{self, NewDriver};
use super::view::{DriverView, tagged};
use super::{ATTEMPTS, DriverPath, Manager, contended, denied};
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
    State(Manager { app, .. }): State<Manager>,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<Response, Problem> {
    let new = Fields::read(body.value, form::new_driver)?;
    let NewDriver { driver, merchant, profile, vehicle, capacity } = new;
    let merchant = merchant.or_else(|| caller.principal.merchant().cloned());
    let fleet = Fleet::of(merchant);
    fleet.may_manage(&caller.principal).map_err(|it| not_theirs(it, caller.principal.role()))?;
    let (on_duty_since, orders, version) = (None, [].into(), Version::FIRST);
    let roster = Roster { driver, fleet, on_duty_since, vehicle, capacity, orders, version };
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
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    if_match: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let stored = manager.read(principal, &id).await?;
    let hold = stored.roster.hold_of(principal).map_err(denied)?;
    let changes = Fields::read(body.value, |fields| Some(form::changes(fields)))?;
    if hold == Hold::Own && !changes.is_a_drivers_own() {
        let detail = "A driver can change only its own vehicle.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    let mut current = Some(stored);
    for _ in 0..ATTEMPTS {
        let before = match current.take() {
            Some(stored) => stored,
            None => manager.read(principal, &id).await?,
        };
        if_match.check(before.roster.version)?;
        let after = with(&before, &changes);
        if after == before {
            return Ok(tagged(StatusCode::OK, &before));
        }
        let read = before.roster.version;
        let roster = Roster { version: read.next(), ..after.roster };
        let after = StoredDriver { roster, ..after };
        if manager.app.db.change_driver(&after, read).await? == DriverWrite::Written {
            return Ok(tagged(StatusCode::OK, &after));
        }
    }
    Err(contended())
}

fn with(before: &StoredDriver, changes: &form::Changes) -> StoredDriver {
    let mut after = before.clone();
    if let Some(name) = &changes.name {
        after.profile.name = name.clone();
    }
    after.profile.phone = changes.phone.clone().or(after.profile.phone);
    after.profile.plate = changes.plate.clone().or(after.profile.plate);
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
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    for _ in 0..ATTEMPTS {
        let stored = manager.read(principal, &id).await?;
        if stored.roster.hold_of(principal).map_err(denied)? == Hold::Own {
            let detail = "A driver cannot delete itself.";
            return Err(Problem::new(ProblemKind::Forbidden, detail));
        }
        if_match.check(stored.roster.version)?;
        if !stored.roster.orders.is_empty() {
            return Err(Problem::driver_busy());
        }
        let read = stored.roster.version;
        if manager.app.db.delete_driver(&id, read).await? == DriverWrite::Written {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Err(contended())
}
