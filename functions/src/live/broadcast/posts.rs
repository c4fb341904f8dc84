//! Posting to a connection, and closing it if it cannot be reached.

use std::time::Duration;

use db::{ConnectionId, DbError};
use tokio::time::{error::Elapsed, timeout};

use super::Broadcast;
use super::views::Push;
use crate::live::{Ending, Frame, PostError};

/// The time that one connection may delay a batch: enough to post, to close the connection if
/// that fails, and to delete its subscriptions.
const LIMIT: Duration = Duration::from_secs(3);

impl Broadcast {
    /// Sends a connection's messages, within the time limit.
    pub(super) async fn push(&self, push: Push) -> Result<Result<(), DbError>, Elapsed> {
        timeout(LIMIT, self.push_or_close(push)).await
    }

    /// Sends a connection's messages. An unreachable connection is closed and its subscriptions
    /// are deleted, so that the client reconnects and resumes. If it cannot be closed, the client
    /// learns from its next `ping` that it is disconnected. If it can neither be closed nor
    /// deleted, the batch fails and is retried.
    async fn push_or_close(&self, push: Push) -> Result<(), DbError> {
        let connection = &push.subscriber.connection;
        let expired = push.subscriber.expires_at <= self.clock.now();
        let frames = if expired {
            vec![Frame::Closing { reason: Ending::TokenExpired }]
        } else {
            push.frames()
        };
        let sent = self.post(connection, &frames).await;
        let is_gone = match &sent {
            Ok(()) if !expired => return Ok(()),
            Ok(()) => false,
            Err(PostError::Gone) => true,
            Err(PostError::Failed(error)) => {
                tracing::warn!(
                    connection.id = %connection,
                    error,
                    "a connection could not be reached"
                );
                false
            }
        };
        let is_closed = is_gone || self.connections.close(connection).await;
        let topics: Vec<_> = push.topics.iter().collect();
        match self.db.disconnect(connection, &topics).await {
            Err(error) if is_closed => {
                // The next batch finds the connection again, and its rows expire with its token.
                tracing::warn!(
                    connection.id = %connection,
                    ?error,
                    "a connection's subscriptions could not be deleted"
                );
                Ok(())
            }
            forgotten => forgotten,
        }
    }

    async fn post(&self, connection: &ConnectionId, frames: &[Frame]) -> Result<(), PostError> {
        for frame in frames {
            self.connections.post(connection, frame.to_json()).await?;
        }
        Ok(())
    }
}
