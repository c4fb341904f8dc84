//! API Gateway's `@connections`.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_apigatewaymanagement::error::DisplayErrorContext;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use db::ConnectionId;
use http_api::Problem;

use crate::{Environment, VariableError};

/// How long one request may take.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(500);

/// How long it may take with its repetitions. A batch is as slow as its slowest post;
/// a connection that takes longer is closed, and comes back.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// How often at most what is throttled or fails is tried.
pub const ATTEMPTS: u32 = 3;

/// How long at most it waits before the second try, and twice that before the third.
pub const BACKOFF: Duration = Duration::from_millis(50);

/// Sends to connections and closes them.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Client);

/// Why a message did not reach a connection.
#[derive(Debug)]
pub(crate) enum PostError {
    /// The connection is no more.
    Gone,
    /// It is still there, but the message is not through; the text is for the log.
    Failed(String),
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Gone => Self::unavailable("the connection is gone".to_owned()),
            PostError::Failed(error) => Self::unavailable(error),
        }
    }
}

impl Connections {
    pub(crate) fn new(env: &Environment) -> Result<Self, VariableError> {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(TIMEOUT)
            .build();
        let config = Builder::from(&env.sdk)
            .endpoint_url(env.variables.get("LIVE_ENDPOINT")?)
            .timeout_config(timeouts)
            // It watches over bodies that stream; none here does.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(
                RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF),
            )
            .build();
        Ok(Self(Client::from_conf(config)))
    }

    /// Posts one message; the SDK repeats what API Gateway throttles or fails with, as
    /// long as not too much of it does.
    pub(crate) async fn post(
        &self,
        connection: &ConnectionId,
        message: String,
    ) -> Result<(), PostError> {
        let sent = self
            .0
            .post_to_connection()
            .connection_id(connection.as_str())
            .data(Blob::new(message))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PostToConnectionError::is_gone_exception) =>
            {
                Err(PostError::Gone)
            }
            Err(error) => Err(PostError::Failed(DisplayErrorContext(error).to_string())),
        }
    }

    /// Closes a connection, and says whether it is closed; one that is gone is.
    pub(crate) async fn close(&self, connection: &ConnectionId) -> bool {
        let closed = self.0.delete_connection().connection_id(connection.as_str()).send().await;
        let Err(error) = closed else { return true };
        if error.as_service_error().is_some_and(DeleteConnectionError::is_gone_exception) {
            return true;
        }
        let error = DisplayErrorContext(error).to_string();
        tracing::warn!(connection.id = %connection, error, "a connection could not be closed");
        false
    }
}
