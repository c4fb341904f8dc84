//! The one listener: both APIs, and beside them the issuer and the documents.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::docs;
use crate::gateway::http::HttpGateway;
use crate::gateway::live::LiveGateway;
use crate::issuer::{self, Issuer};

/// What requests are handed to.
#[derive(Clone)]
struct Gateways {
    http: Arc<HttpGateway>,
    live: Option<Arc<LiveGateway>>,
}

/// Everything that answers at `address`. Only the routes of the issuer and the
/// documents are the runner's own.
pub(super) fn app(
    address: SocketAddr,
    issuer: Arc<Issuer>,
    http: HttpGateway,
    live: Option<Arc<LiveGateway>>,
) -> Router {
    let gateways = Gateways { http: Arc::new(http), live };
    let docs = docs::routes(format!("http://{address}"));
    issuer::routes(issuer).merge(docs).fallback(respond).with_state(gateways)
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

/// Serves until `stop`, and then until the requests in flight are answered.
pub(super) async fn serve(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "small frames may be late");
        }
    });
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stop).await;
    if let Err(error) = served {
        tracing::error!(%error, "the listener failed");
    }
}
