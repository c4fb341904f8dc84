//! Serves the program's own routes and both APIs.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::serve::ListenerExt;

use super::Listener;
use super::hosts::{self, Hosts};
use crate::gateway::http::HttpGateway;
use crate::gateway::live::LiveGateway;

/// The gateways that requests are routed to.
#[derive(Clone)]
struct Gateways {
    http: Arc<HttpGateway>,
    live: Option<Arc<LiveGateway>>,
}

/// Combines everything that is served at the address: `routes` first, then both APIs.
pub(super) fn app(
    address: SocketAddr,
    routes: Router,
    http: HttpGateway,
    live: Option<Arc<LiveGateway>>,
) -> Router {
    let gateways = Gateways { http: Arc::new(http), live };
    let app = routes.fallback_service(Router::new().fallback(respond).with_state(gateways));
    app.layer(from_fn_with_state(Hosts::of(address.port()), hosts::check))
}

async fn respond(
    State(gateways): State<Gateways>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    match &gateways.live {
        Some(live) if live.takes(&request) => live.respond(request, client.ip()).await,
        _ => gateways.http.respond(request, client.ip()).await,
    }
}

/// Serves until `stop`, and then until the requests in flight have a response.
pub(super) async fn serve(
    listener: Listener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let listener = listener.listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "cannot set TCP_NODELAY; small frames may be late");
        }
    });
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stop).await;
    if let Err(error) = served {
        tracing::error!(%error, "the listener failed");
    }
}
