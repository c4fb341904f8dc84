//! The drivers of fleets: `/drivers`.

mod change;
mod duty;
mod form;
mod list;
mod view;

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, State};
use axum::response::Response;
use db::StoredDriver;
use domain::{ClaimNames, Denied, DriverId, Principal};
use http::StatusCode;
use http::request::Parts;
use http_api::{Authenticated, CursorKey, Problem, ProblemKind, QueryParameters, path_parameter};

use self::view::DriverView;
use crate::app::{self, App};
use crate::routes::{Method, Routes};
use crate::{Environment, VariableError};

const ALL: &str = "/drivers";
const ONE: &str = "/drivers/{driver}";

/// The number of attempts to change a driver whom others change at the same time.
const ATTEMPTS: u32 = 8;

/// The state of these handlers: also has the key that seals cursors.
#[derive(Clone)]
pub(crate) struct Manager {
    app: App,
    cursors: Arc<CursorKey>,
}

impl app::State for Manager {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { app: App::new(env)?, cursors: Arc::new(env.cursor_key()?) })
    }
}

impl FromRef<Manager> for ClaimNames {
    fn from_ref(manager: &Manager) -> Self {
        Self::from_ref(&manager.app)
    }
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Manager>>(routes: R) -> R {
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
    routes.route(Method::Put, "/drivers/{driver}/duty", duty::set, duty::describe)
}

/// The driver that a path names. An invalid id names none: 404.
struct DriverPath(DriverId);

impl<S: Sync> FromRequestParts<S> for DriverPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let id = path_parameter(parts, "driver").and_then(|text| DriverId::parse(text).ok());
        id.map(Self).ok_or_else(Problem::not_found)
    }
}

impl Manager {
    /// Returns a driver that `principal` reads; one of others is not found.
    async fn read(&self, principal: &Principal, id: &DriverId) -> Result<StoredDriver, Problem> {
        let stored = self.app.db.driver(id).await?.ok_or_else(Problem::not_found)?;
        stored.roster.may_read(principal)?;
        Ok(stored)
    }
}

fn denied(denied: Denied) -> Problem {
    let detail = match denied {
        Denied::NotFound => return denied.into(),
        Denied::WholeMerchantOnly => {
            "Only the merchant as a whole can change its drivers, not a single store.".to_owned()
        }
        Denied::ReadOnly(role) => format!("The role {} cannot change drivers.", role.name()),
    };
    Problem::new(ProblemKind::Forbidden, detail)
}

fn contended() -> Problem {
    let detail = "Other requests kept changing the driver. Try again.";
    Problem::new(ProblemKind::Contended, detail)
}

async fn one(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let stored = manager.read(&caller.principal, &id).await?;
    query.finish()?;
    Ok(view::tagged(StatusCode::OK, &stored))
}
