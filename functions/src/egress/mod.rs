//! Requests that leave Waybill for servers that others name. Every such request is made here: to
//! public addresses only, without following redirects, within a time limit, and with a bound on the
//! part of the response that is read.

mod addresses;
mod resolver;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::ResolveDns;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::BodyExt;
use tokio::time::timeout;

use self::addresses::is_public;
use self::resolver::{NotPublic, Public, System};
use crate::{Environment, VariableError};

/// The number of bytes of a response's body that are read.
const EXCERPT: usize = 1024;

/// A decorator of the client with which a function makes requests to the world. The runner counts
/// the requests with it and makes them fail; on Lambda it is the identity.
pub type Observe = Arc<dyn Fn(SharedHttpConnector) -> SharedHttpConnector + Send + Sync>;

/// The servers that requests may be made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Targets {
    /// Servers on public addresses, over `https`.
    Public,
    /// Any server, over `http` too, for tests and for trying out on one machine.
    Any,
}

/// A client for requests to the world.
#[derive(Clone, Debug)]
pub(crate) struct Egress {
    client: SharedHttpConnector,
    pub(crate) targets: Targets,
}

/// A response, with the beginning of its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// At most [`EXCERPT`] bytes.
    pub(crate) excerpt: Vec<u8>,
}

/// The reason that there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    /// The URL is not allowed, or its host has an address that is not public.
    #[error("the URL does not lead to a public address over https")]
    Refused,
    #[error("no response in time")]
    TimedOut,
    /// No connection, no TLS, or no HTTP. The message names no address.
    #[error("the server cannot be reached")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
}

impl Targets {
    /// Reads `WEBHOOK_TARGETS`.
    fn of(env: &Environment) -> Result<Self, VariableError> {
        match env.variables.get("WEBHOOK_TARGETS")?.as_str() {
            "public" => Ok(Self::Public),
            "any" => Ok(Self::Any),
            _ => Err(VariableError::Invalid("WEBHOOK_TARGETS", "public or any")),
        }
    }

    /// Checks what a URL tells by itself: the scheme, and an address in place of a name.
    pub(crate) fn allow(self, url: &Uri) -> bool {
        if self == Self::Any {
            return true;
        }
        let host = url.host().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_allowed = literal.map_or_else(|_| !ends_in_number(host), is_public);
        url.scheme_str() == Some("https") && is_allowed
    }
}

impl Egress {
    pub(crate) fn new(env: &Environment) -> Result<Self, VariableError> {
        let targets = Targets::of(env)?;
        let client = match targets {
            Targets::Public => client(Public(System)),
            Targets::Any => client(System),
        };
        Ok(Self { client: (env.egress)(client), targets })
    }

    /// Posts `body` and returns the response, whatever its status. All of it, with the beginning of
    /// the response's body, takes at most `limit`.
    pub(crate) async fn post(
        &self,
        url: &Uri,
        headers: HeaderMap,
        body: Bytes,
        limit: Duration,
    ) -> Result<Answer, EgressError> {
        if !self.targets.allow(url) {
            return Err(EgressError::Refused);
        }
        let mut request = Request::post(url.clone()).body(SdkBody::from(body));
        if let Ok(request) = &mut request {
            *request.headers_mut() = headers;
        }
        let request = request.map_err(|error| EgressError::Unreachable(error.into()))?;
        let exchanged = timeout(limit, self.exchange(request)).await;
        exchanged.unwrap_or(Err(EgressError::TimedOut))
    }

    async fn exchange(&self, request: Request<SdkBody>) -> Result<Answer, EgressError> {
        let request = HttpRequest::try_from(request)
            .map_err(|error| EgressError::Unreachable(error.into()))?;
        let response = self.client.call(request).await.map_err(|error| {
            if error.is_timeout() {
                EgressError::TimedOut
            } else if is_not_public(&error) {
                EgressError::Refused
            } else {
                EgressError::Unreachable(error.into())
            }
        })?;
        let response =
            response.try_into_http1x().map_err(|error| EgressError::Unreachable(error.into()))?;
        let (parts, body) = response.into_parts();
        let excerpt = beginning(body).await;
        Ok(Answer { status: parts.status, headers: parts.headers, excerpt })
    }
}

/// A client that finds hosts with `resolver`.
fn client(resolver: impl ResolveDns + Clone + 'static) -> SharedHttpConnector {
    let client = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    SharedHttpConnector::new(client.build_with_resolver(resolver))
}

/// True if a host ends in a number: what looks like a name is then an address in another notation,
/// such as 0x7f.1. <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn ends_in_number(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let is_number = |digits: &str, radix| digits.chars().all(|digit| digit.is_digit(radix));
    is_number(last, 10) || hexadecimal.is_some_and(|digits| is_number(digits, 16))
}

/// Returns the beginning of a body; what follows is not read. A body that breaks off ends there.
async fn beginning(mut body: SdkBody) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < EXCERPT
        && let Some(Ok(frame)) = body.frame().await
    {
        read.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
    }
    read.truncate(EXCERPT);
    read
}

/// True if the resolver refused the address.
fn is_not_public(error: &(dyn Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| Error::source(*error));
    causes.into_iter().any(<dyn Error>::is::<NotPublic>)
}

#[cfg(test)]
mod tests;
