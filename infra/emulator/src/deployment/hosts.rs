//! The names that the listener answers to.
//!
//! A page of any site can let its own name resolve to 127.0.0.1 (DNS rebinding): a browser then
//! takes the listener for the page's own origin, but still sends the name in `Host`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::HOST;
use serde_json::json;

const NAMES: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
/// The port that a URL of the scheme `http` leaves out.
const DEFAULT_PORT: u16 = 80;

/// The hosts of one listener.
#[derive(Clone, Debug)]
pub(super) struct Hosts(Arc<[String]>);

impl Hosts {
    /// Returns the hosts of a listener on this port, and `others`. Names with a trailing dot are
    /// not among the listener's own: to a browser they are other origins, and nothing uses them.
    pub(super) fn of(port: u16, others: &[String]) -> Self {
        let with_port = NAMES.iter().map(|name| format!("{name}:{port}"));
        let without = NAMES.iter().filter(|_| port == DEFAULT_PORT).map(ToString::to_string);
        Self(with_port.chain(without).chain(others.iter().cloned()).collect())
    }

    /// Returns true for a request with one `Host`, which is one of these. The authority of an
    /// absolute target, which takes precedence over it (RFC 9112, 3.2.2), must be the same.
    fn accept(&self, request: &Request) -> bool {
        let mut given = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (given.next(), given.next()) else { return false };
        let is_host = |other: &str| host.as_bytes().eq_ignore_ascii_case(other.as_bytes());
        let Self(hosts) = self;
        let target = request.uri().authority();
        hosts.iter().any(|own| is_host(own)) && target.is_none_or(|it| is_host(it.as_str()))
    }
}

/// Answers 421 to a request for any other host.
pub(super) async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.accept(&request) {
        return next.run(request).await;
    }
    let own = hosts.0.join(", ");
    let message =
        format!("Send requests to one of the hosts {own}, or allow the host with --host.");
    (StatusCode::MISDIRECTED_REQUEST, Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_its_port_except_for_80() {
        let accepts = |port, host: &str| {
            let request = Request::builder().header(HOST, host).body(().into()).unwrap();
            Hosts::of(port, &["box:8080".to_owned()]).accept(&request)
        };
        for name in NAMES {
            assert!(accepts(80, name), "{name}");
            assert!(accepts(80, &format!("{name}:80")), "{name}");
            assert!(!accepts(3000, name), "{name}");
            assert!(accepts(3000, &format!("{name}:3000")), "{name}");
            assert!(!accepts(3000, &format!("{name}:80")), "{name}");
        }
        assert!(accepts(3000, "box:8080") && !accepts(3000, "box:3000") && !accepts(3000, "box"));
    }
}
