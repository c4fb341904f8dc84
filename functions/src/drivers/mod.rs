//! The drivers of fleets: `/drivers`.

mod change;
mod duty;
mod form;
mod list;
mod near;
mod positions;
mod track;
mod view;
mod write;

use axum::extract::{FromRef, State};
use axum::response::Response;
use db::StoredDriver;
use domain::{ClaimNames, Denied, DriverId, Principal};
use http::StatusCode;
use http_api::{Authenticated, DriverPath, Problem, ProblemKind, QueryParameters};

use self::view::DriverView;
use crate::app::{self, App, Reader};
use crate::positions::Positions;
use crate::routes::{Method, Routes};
use crate::{Environment, VariableError};

const ALL: &str = "/drivers";
const ONE: &str = "/drivers/{driver}";

/// The state of the handlers: also has what receives positions.
#[derive(Clone)]
pub(crate) struct Drivers {
    reader: Reader,
    positions: Positions,
}

impl app::State for Drivers {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { reader: Reader::new(env)?, positions: Positions::new(env)? })
    }
}

impl FromRef<Drivers> for Reader {
    fn from_ref(drivers: &Drivers) -> Self {
        drivers.reader.clone()
    }
}

impl FromRef<Drivers> for App {
    fn from_ref(drivers: &Drivers) -> Self {
        Self::from_ref(&drivers.reader)
    }
}

impl FromRef<Drivers> for ClaimNames {
    fn from_ref(drivers: &Drivers) -> Self {
        Self::from_ref(&drivers.reader)
    }
}

impl FromRef<Drivers> for Positions {
    fn from_ref(drivers: &Drivers) -> Self {
        drivers.positions.clone()
    }
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Drivers>>(routes: R) -> R {
    let routes = routes.route(Method::Post, ALL, change::register, change::describe_registration);
    let routes = routes.route(Method::Get, ALL, list::list, list::describe);
    let routes = routes.route(Method::Get, ONE, one, |it| {
        it.is("getDriver", "Drivers", "Get a driver")
            .about("For operations, support, the driver, and the merchant whose fleet it is.")
            .responds::<DriverView<'_>>(StatusCode::OK, "The driver.", &[])
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    let routes = routes.route(Method::Patch, ONE, change::change, change::describe_change);
    let routes = routes.route(Method::Delete, ONE, change::delete, change::describe_deletion);
    let routes = routes.route(Method::Put, "/drivers/{driver}/duty", duty::set, duty::describe);
    let path = "/drivers/{driver}/positions";
    let routes = routes.route(Method::Post, path, positions::upload, positions::describe);
    routes.route(Method::Get, "/drivers/{driver}/track", track::track, track::describe)
}

/// Returns a driver that `principal` reads; one of others is not found.
async fn read(app: &App, principal: &Principal, id: &DriverId) -> Result<StoredDriver, Problem> {
    let stored = app.db.driver(id).await?.ok_or_else(Problem::not_found)?;
    stored.roster.may_read(principal).map_err(denied)?;
    Ok(stored)
}

fn denied(denied: Denied) -> Problem {
    Problem::denied(denied, "drivers")
}

async fn one(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let stored = read(&app, &caller.principal, &id).await?;
    query.finish()?;
    Ok(view::tagged(StatusCode::OK, &stored))
}
