//! A client of API Gateway's `@connections` interface.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_apigatewaymanagement::error::DisplayErrorContext;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use db::{ConnectionId, Db, DbError};
use http_api::Problem;

use super::{Ending, Frame};
use crate::{Environment, VariableError};

/// The time limit of one attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(500);

/// The time limit of a request with its retries. A batch takes as long as its slowest post; a
/// connection that takes longer is closed, and its client reconnects.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// The maximum number of attempts of a request that is throttled or fails.
pub const ATTEMPTS: u32 = 3;

/// The maximum delay before the second attempt; twice that before the third.
pub const BACKOFF: Duration = Duration::from_millis(50);

/// A client that posts to connections and closes them.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Client);

/// The reason that a message did not reach a connection.
#[derive(Debug)]
pub(crate) enum PostError {
    /// The connection no longer exists.
    Gone,
    /// The connection exists, but the message could not be posted. Carries the error for the log.
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
            // The protection watches streamed bodies, and no body here is streamed.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(
                RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF),
            )
            .build();
        Ok(Self(Client::from_conf(config)))
    }

    /// Posts one message. The SDK retries throttled and failed requests within its retry quota.
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

    /// Closes a connection and returns true if it is closed, or was closed before.
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
