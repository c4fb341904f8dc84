//! Writing changes of drivers, whom others change at the same time.

use axum::response::{IntoResponse, Response};
use db::StoredDriver;
use domain::Principal;
use http::StatusCode;
use http_api::{Problem, ProblemKind};

use super::read;
use super::view::tagged;
use crate::app::App;

/// The number of attempts to change a driver whom others change at the same time.
pub(super) const ATTEMPTS: u32 = 8;

/// A change of a driver.
pub(super) enum Change {
    /// The driver is as asked for.
    Nothing,
    /// The driver gets this profile, vehicle and capacity.
    Record(StoredDriver),
    /// The driver's duty begins or ends, as here; with `is_forced` it ends in spite of open orders.
    Duty {
        after: StoredDriver,
        is_forced: bool,
    },
    Deletion,
}

/// Makes the change that `decide` decides on, first of the driver as in `stored`. If others have
/// changed the driver meanwhile, it is decided again. Returns the driver after it.
pub(super) async fn made(
    app: &App,
    principal: &Principal,
    mut stored: StoredDriver,
    decide: impl Fn(&StoredDriver) -> Result<Change, Problem>,
) -> Result<Response, Problem> {
    let id = stored.roster.driver.clone();
    for _ in 0..ATTEMPTS {
        let read_version = stored.roster.version;
        let (is_made, after) = match decide(&stored)? {
            Change::Nothing => return Ok(tagged(StatusCode::OK, &stored)),
            Change::Record(mut after) => {
                after.roster.version = read_version.next();
                (app.db.change_driver(&after, read_version).await?, Some(after))
            }
            Change::Duty { mut after, is_forced } => {
                after.roster.version = read_version.next();
                (app.db.set_duty(&after.roster, read_version, is_forced).await?, Some(after))
            }
            Change::Deletion => (app.db.delete_driver(&id, read_version).await?, None),
        };
        if is_made {
            let changed = after.map(|after| tagged(StatusCode::OK, &after));
            return Ok(changed.unwrap_or_else(|| StatusCode::NO_CONTENT.into_response()));
        }
        stored = read(app, principal, &id).await?;
    }
    let detail = "Other requests kept changing the driver. Try again.";
    Err(Problem::new(ProblemKind::Contended, detail))
}
