//! HTTP functions: the state of their handlers, and the way their routes are served.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, MatchedPath, Request};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use clock::Clock;
use db::Db;
use domain::visibility;
use domain::{ClaimNames, Order, OrderId, Principal};
use http_api::{BasePath, CursorKey, Problem, nosniff};
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tower::Service;

use crate::caching::cached;
use crate::{Environment, VariableError};

/// All characters but those that a path never encodes.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~').remove(b'-');

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

impl App {
    /// Reads an order that `principal` sees. Read this before anything else of the order, so that
    /// an order of others costs the same read as one that does not exist.
    pub(crate) async fn seen(&self, principal: &Principal, id: OrderId) -> Result<Order, Problem> {
        let order = self.db.head(id).await?.map(|head| head.order);
        order.filter(|it| visibility::sees(principal, it)).ok_or_else(Problem::not_found)
    }
}

impl FromRef<App> for ClaimNames {
    fn from_ref(app: &App) -> Self {
        app.claims.clone()
    }
}

/// The state of handlers that list things by the page: also has the key that seals cursors.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) app: App,
    pub(crate) cursors: Arc<CursorKey>,
}

impl State for Reader {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { app: App::new(env)?, cursors: Arc::new(env.cursor_key()?) })
    }
}

impl FromRef<Reader> for App {
    fn from_ref(reader: &Reader) -> Self {
        reader.app.clone()
    }
}

impl FromRef<Reader> for ClaimNames {
    fn from_ref(reader: &Reader) -> Self {
        Self::from_ref(&reader.app)
    }
}

/// Builds a function that serves these routes to API Gateway.
pub(crate) fn serve<S: State>(
    env: &Environment,
    routes: impl FnOnce(Router<S>) -> Router<S>,
) -> Result<Router, VariableError> {
    let routes = routes(Router::new())
        .route_layer(from_fn(only_chosen))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(S::new(env)?);
    let serve = move |request| as_routed(routes.clone(), request);
    Ok(Router::new().fallback(serve).layer(from_fn(cached)).layer(map_response(nosniff)))
}

/// Serves a request by the route that API Gateway chose for it. The path itself decides nothing: a
/// custom domain puts its base path in front, and the path is already decoded here, so `%2f` and
/// `%3f` in an id could make it match another route.
async fn as_routed(mut routes: Router, mut request: Request) -> Result<Response, Problem> {
    let path = routed_path(&request).ok_or_else(Problem::not_found)?;
    let base = request.uri().path().strip_suffix(&*path).unwrap_or_default().to_owned();
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    *request.uri_mut() = format!("{path}{query}").parse().map_err(Problem::from_fault)?;
    request.extensions_mut().insert(BasePath(base));
    let Ok(response) = routes.call(request).await;
    Ok(response)
}

/// Serves no request by a route that API Gateway did not choose, such as that of `/orders/export`
/// for the id `export`.
async fn only_chosen(
    matched: MatchedPath,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match chosen(&request) {
        Some((_, path)) if path == matched.as_str() => Ok(next.run(request).await),
        _ => Err(Problem::not_found()),
    }
}

/// Returns the method and the path of the route that API Gateway chose.
fn chosen(request: &Request) -> Option<(&str, &str)> {
    match request.extensions().get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => context.route_key.as_deref()?.split_once(' '),
        _ => None,
    }
}

/// Returns the path of the chosen route, with the values of its variables; `None` if API Gateway
/// chose no route of this method.
fn routed_path(request: &Request) -> Option<String> {
    let (method, path) = chosen(request)?;
    let parameters = request.path_parameters_ref();
    let segment = |segment: &str| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(name) = name else { return Some(segment.to_owned()) };
        let value = parameters?.first(name)?;
        Some(utf8_percent_encode(value, RESERVED).to_string())
    };
    let segments: Option<Vec<_>> = path.split('/').map(segment).collect();
    segments.filter(|_| request.method() == method).map(|segments| segments.join("/"))
}

async fn not_found() -> Problem {
    Problem::not_found()
}
