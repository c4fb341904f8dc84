//! Serves the program's own routes and both APIs, with bounds for clients that are slow.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1::{Builder, UpgradeableConnection};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::Listener;
use super::hosts::{self, Hosts};
use crate::gateway::http::{Bodies, HttpGateway};
use crate::gateway::live::LiveGateway;
use connection::Connection;

mod connection;

#[cfg(test)]
mod tests;

/// The number of open connections, also of WebSocket clients. Further clients wait to be accepted.
pub(super) const MOST_CONNECTIONS: usize = 6_000;
/// The time in which the head of a request must have arrived. A connection that is idle for as long
/// is closed too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The buffer of a connection, in bytes: more than the largest head that the gateway accepts.
const CONNECTION_BUFFER: usize = 16 * 1024;

/// The gateways that requests are routed to.
#[derive(Clone)]
struct Gateways {
    http: Arc<HttpGateway>,
    live: Option<Arc<LiveGateway>>,
}

/// Combines everything that is served at the address: `routes` first, then both APIs.
pub(super) fn app(
    hosts: Hosts,
    routes: Router,
    http: HttpGateway,
    live: Option<Arc<LiveGateway>>,
) -> Router {
    let routes = routes.layer(from_fn_with_state(http.open_bodies().clone(), buffered));
    let gateways = Gateways { http: Arc::new(http), live };
    let app = routes.fallback_service(Router::new().fallback(respond).with_state(gateways));
    app.layer(from_fn_with_state(hosts, hosts::check))
}

/// Reads the body for one of the program's own routes, within the bounds of open routes.
async fn buffered(State(bodies): State<Bodies>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match bodies.read(body).await {
        Ok(held) => {
            let body = Body::from(held.bytes.clone());
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
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

/// Serves until `stop`, and then until the requests in flight have a response. At most
/// `most_connections` are open.
pub(super) async fn serve(
    listener: Listener,
    app: Router,
    most_connections: usize,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let mut listener = listener.listener;
    let room = Arc::new(Semaphore::new(most_connections));
    let (stopping, connections) = (CancellationToken::new(), TaskTracker::new());
    let http = http();
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            let counted = Arc::clone(&room).acquire_owned().await;
            (counted, axum::serve::Listener::accept(&mut listener).await)
        };
        let (Ok(counted), (stream, client)) = (tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        }) else {
            // Unreachable: the semaphore is never closed.
            break;
        };
        let app = app.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(client));
            app.clone().oneshot(request)
        });
        let stream = TokioIo::new(Connection::new(stream, counted));
        let connection = http.serve_connection(stream, service).with_upgrades();
        connections.spawn(until_closed(connection, stopping.clone()));
        // A crowd that comes at once would stand before the requests of all others.
        yield_now().await;
    }
    drop(listener);
    stopping.cancel();
    connections.close();
    connections.wait().await;
}

fn http() -> Builder {
    let mut http = Builder::new();
    http.timer(TokioTimer::new());
    http.header_read_timeout(HEAD_TIMEOUT);
    http.max_buf_size(CONNECTION_BUFFER);
    http
}

/// Serves a connection until it is closed; once `stopping`, until its request has a response.
async fn until_closed<S>(
    connection: UpgradeableConnection<TokioIo<Connection>, S>,
    stopping: CancellationToken,
) where
    S: HttpService<Incoming, ResBody = Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke");
    }
}
