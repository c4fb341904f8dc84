//! What the handlers of HTTP functions work with.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use lambda_http::request::RequestContext;
use shared::auth::ClaimNames;
use shared::clock::Clock;
use shared::db::Db;
use shared::http::{CursorKey, Problem};

use crate::Environment;

/// What the handlers of HTTP functions work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) cursors: Arc<CursorKey>,
    claims: ClaimNames,
}

impl App {
    pub(crate) fn new(env: &Environment) -> Self {
        Self {
            db: env.db(),
            clock: env.clock.clone(),
            cursors: Arc::new(CursorKey::new(&env.config.cursor_key)),
            claims: env.config.claims.clone(),
        }
    }
}

impl FromRef<App> for ClaimNames {
    fn from_ref(app: &App) -> Self {
        app.claims.clone()
    }
}

/// A function of these routes, as API Gateway calls it.
pub(crate) fn serve(env: &Environment, routes: Router<App>) -> Router {
    routes
        .route_layer(from_fn(as_routed))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(App::new(env))
}

/// Serves a request by the route that API Gateway chose for it and by no other.
/// The path is decoded by the time it comes here, so that `%2f` and `%3f` in an
/// id can make another route of it.
async fn as_routed(
    matched: MatchedPath,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let here = format!("{} {}", request.method(), matched.as_str());
    match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context))
            if context.route_key.as_ref() == Some(&here) =>
        {
            Ok(next.run(request).await)
        }
        _ => Err(Problem::not_found()),
    }
}

async fn not_found() -> Problem {
    Problem::not_found()
}
