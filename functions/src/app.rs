//! What the handlers of HTTP functions work with.

use axum::extract::FromRef;
use shared::auth::ClaimNames;
use shared::edge::Clock;
use shared::http::{CursorKey, Kind, Problem};
use shared::store::Store;

use crate::Environment;

/// What the handlers of HTTP functions work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) cursors: CursorKey,
    claims: ClaimNames,
}

impl App {
    pub(crate) fn new(env: &Environment) -> Self {
        Self {
            store: env.store(),
            clock: env.clock.clone(),
            cursors: CursorKey::new(&env.config.cursor_key),
            claims: env.config.claims.clone(),
        }
    }
}

impl FromRef<App> for ClaimNames {
    fn from_ref(app: &App) -> Self {
        app.claims.clone()
    }
}

/// What a function answers to a path that is not its own.
pub(crate) async fn not_found() -> Problem {
    Problem::not_found()
}

/// What a function answers to a method that its path does not have.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "This path does not have this method.")
}
