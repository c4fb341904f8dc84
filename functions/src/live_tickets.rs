//! (under construction)

use axum::Router;

use crate::Environment;

/// The function's routes.
pub fn service(_env: &Environment) -> Router {
    Router::new()
}
