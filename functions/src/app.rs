//! HTTP functions: the state of their handlers, and the way their routes are served.

use axum::Router;
use axum::extract::{FromRef, MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use clock::Clock;
use db::Db;
use domain::ClaimNames;
use http_api::Problem;
use lambda_http::request::RequestContext;

use crate::caching::cached;
use crate::{Environment, VariableError};

/// The state that the handlers of a function share, created once per process.
pub(crate) trait State: Clone + Send + Sync + Sized + 'static {
    /// Creates the state from the function's environment.
    fn new(env: &Environment) -> Result<Self, VariableError>;
}

impl State for () {
    fn new(_: &Environment) -> Result<Self, VariableError> {
        Ok(())
    }
}

/// The state of most HTTP functions' handlers.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    claims: ClaimNames,
}

impl State for App {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { db: env.db()?, clock: env.clock.clone(), claims: env.claim_names()? })
    }
}

impl FromRef<App> for ClaimNames {
    fn from_ref(app: &App) -> Self {
        app.claims.clone()
    }
}

/// Builds a function that serves these routes to API Gateway.
pub(crate) fn serve<S: State>(
    env: &Environment,
    routes: impl FnOnce(Router<S>) -> Router<S>,
) -> Result<Router, VariableError> {
    let routes = routes(Router::new())
        .route_layer(from_fn(as_routed))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(from_fn(cached));
    Ok(routes.with_state(S::new(env)?))
}

/// Serves a request only by the route that API Gateway chose for it. The path is already decoded
/// here, so `%2f` and `%3f` in an id can make it match another route.
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
