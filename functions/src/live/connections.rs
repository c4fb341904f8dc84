//! A client of API Gateway's `@connections` interface.

use std::error::Error;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::http::HttpResponse;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_apigatewaymanagement::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use db::{ConnectionId, Db, DbError};
use http_api::Problem;

use super::{Ending, Frame};
use crate::{Environment, VariableError};

/// The time limit of one attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(500);

/// The time limit of a request with its retries.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The maximum number of attempts of a request that is throttled or fails.
const ATTEMPTS: u32 = 3;

/// The maximum delay before the second attempt; twice that before the third.
const BACKOFF: Duration = Duration::from_millis(50);

/// A client that posts to connections and closes them.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Client);

/// The reason that a request about a connection failed.
#[derive(Debug)]
pub(crate) enum ConnectionError {
    /// The connection no longer exists.
    Gone,
    /// API Gateway returned 429: "more than the allowed number of requests per unit of time or the
    /// WebSocket client side buffer is full".
    /// <https://docs.aws.amazon.com/botocore/latest/reference/services/apigatewaymanagementapi/client/exceptions/LimitExceededException.html>
    Throttled,
    /// The message is larger than API Gateway accepts.
    TooLarge,
    /// The request failed in another way. Carries the error for the log.
    Failed(String),
}

impl From<ConnectionError> for Problem {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Gone => Self::unavailable("the connection is gone".to_owned()),
            ConnectionError::Throttled => Self::unavailable("the post was throttled".to_owned()),
            ConnectionError::TooLarge => Self::unavailable("the message is too large".to_owned()),
            ConnectionError::Failed(error) => Self::unavailable(error),
        }
    }
}

impl ConnectionError {
    fn of<E: ProvideErrorMetadata + Error + 'static>(error: SdkError<E, HttpResponse>) -> Self {
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("GoneException") => Self::Gone,
            Some("LimitExceededException") => Self::Throttled,
            Some("PayloadTooLargeException") => Self::TooLarge,
            _ => Self::Failed(DisplayErrorContext(error).to_string()),
        }
    }
}

impl Connections {
    /// Creates a client whose requests are retried within a second.
    pub(crate) fn new(env: &Environment) -> Result<Self, VariableError> {
        let retries =
            RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF);
        Self::with(env, retries)
    }

    /// Creates a client whose caller retries.
    pub(crate) fn without_retries(env: &Environment) -> Result<Self, VariableError> {
        Self::with(env, RetryConfig::disabled())
    }

    fn with(env: &Environment, retries: RetryConfig) -> Result<Self, VariableError> {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(TIMEOUT)
            .build();
        let config = Builder::from(&env.sdk)
            .endpoint_url(env.variables.get("LIVE_ENDPOINT")?)
            .timeout_config(timeouts)
            // The protection watches streamed bodies, and no body here is streamed.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(retries)
            .build();
        Ok(Self(Client::from_conf(config)))
    }

    /// Posts one message.
    pub(crate) async fn post(
        &self,
        connection: &ConnectionId,
        message: String,
    ) -> Result<(), ConnectionError> {
        let post = self.0.post_to_connection().connection_id(connection.as_str());
        let posted = post.data(Blob::new(message)).send().await;
        posted.map(|_| ()).map_err(ConnectionError::of)
    }

    /// Checks that API Gateway has a connection. The request counts towards the account's quota,
    /// like a post, but needs no room in the client's buffer.
    pub(crate) async fn find(&self, connection: &ConnectionId) -> Result<(), ConnectionError> {
        let found = self.0.get_connection().connection_id(connection.as_str()).send().await;
        found.map(|_| ()).map_err(ConnectionError::of)
    }

    /// Closes a connection and returns true if it is closed, or was closed before.
    pub(crate) async fn close(&self, connection: &ConnectionId) -> bool {
        let closed = self.0.delete_connection().connection_id(connection.as_str()).send().await;
        match closed.map_err(ConnectionError::of) {
            Ok(_) | Err(ConnectionError::Gone) => true,
            Err(error) => {
                tracing::warn!(connection.id = %connection, ?error, "a connection could not be closed");
                false
            }
        }
    }

    /// Tells the client the reason, closes the connection and deletes it.
    pub(crate) async fn end(
        &self,
        db: &Db,
        connection: &ConnectionId,
        reason: Ending,
    ) -> Result<(), DbError> {
        let told = self.post(connection, Frame::Closing { reason }.to_json()).await;
        if let Err(error) = told {
            tracing::info!(
                connection.id = %connection,
                ?error,
                "the client could not be told that its connection ends"
            );
        }
        self.close(connection).await;
        db.disconnect(connection, &[]).await
    }
}
