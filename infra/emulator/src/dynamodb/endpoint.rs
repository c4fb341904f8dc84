//! An external DynamoDB, reached over plain HTTP.

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use clock::Clock;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::BodyExt;

use super::{ACCESS_KEY_ID, OpenError, REGION, Reply};

/// The external DynamoDB. Clones share its connections.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    url: String,
    connector: SharedHttpConnector,
    clock: Clock,
}

impl Endpoint {
    /// Creates a client of the DynamoDB at `url`, without connecting to it yet. Only plain HTTP
    /// is supported: calls are not signed, so an endpoint that needs TLS would reject them.
    pub(super) fn new(url: &str, clock: &Clock) -> Result<Self, OpenError> {
        let wrong = || OpenError::Endpoint(url.to_owned());
        let parsed: http::Uri = url.parse().map_err(|_| wrong())?;
        if parsed.scheme_str() != Some("http") {
            return Err(wrong());
        }
        let connector = SharedHttpConnector::new(Connector::builder().build_http());
        Ok(Self { url: url.to_owned(), connector, clock: clock.clone() })
    }

    /// Forwards the call; a transport failure becomes an internal server error.
    pub(super) async fn call(&self, target: &str, body: Bytes) -> Reply {
        self.send(target, body).await.unwrap_or_else(|error| {
            let url = &self.url;
            Reply::internal_server_error(&format!(
                "The DynamoDB at {url} does not respond: {error}"
            ))
        })
    }

    async fn send(
        &self,
        target: &str,
        body: Bytes,
    ) -> Result<Reply, Box<dyn std::error::Error + Send + Sync>> {
        let request = http::Request::post(&self.url)
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .header(AUTHORIZATION, self.authorization())
            .body(SdkBody::from(body))?;
        let response = self.connector.call(Request::try_from(request)?).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Reply { status, body })
    }

    /// Returns a well-formed header without a valid signature: DynamoDB Local reads the key id
    /// and the Region and checks nothing.
    fn authorization(&self) -> String {
        let day = self.clock.now().day().replace('-', "");
        format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{day}/{REGION}/dynamodb/aws4_request, \
             SignedHeaders=host, Signature=00"
        )
    }
}
