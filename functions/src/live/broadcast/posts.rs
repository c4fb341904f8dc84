//! Posting to a connection, and closing one that is not reached.

use std::time::Duration;

use db::{ConnectionId, DbError};
use tokio::time::{error::Elapsed, timeout};

use super::Broadcast;
use super::views::Push;
use crate::live::{Ending, Frame, PostError};

/// How long a connection may hold up a batch: what it takes to post, to close it where
/// that fails, and to forget it.
const LIMIT: Duration = Duration::from_secs(3);

impl Broadcast {
    /// Sends a connection's messages, within its limit.
    pub(super) async fn push(&self, push: Push) -> Result<Result<(), DbError>, Elapsed> {
        timeout(LIMIT, self.push_or_close(push)).await
    }

    /// Sends a connection's messages. A connection that cannot be reached is forgotten and
    /// closed, so that its client comes back and resumes; one that cannot be closed learns by
    /// its next `ping` that it is forgotten. One that is neither comes again with its batch.
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
                // The next batch meets it again, and its rows end with its token.
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
