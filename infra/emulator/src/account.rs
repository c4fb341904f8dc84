//! The behaviour of an AWS account under load, which one machine shows only if it is asked to.

/// The quotas and the concurrency that a deployment meets in its account. By default no request is
/// throttled, a stream has one shard, and a connection's messages are processed one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The requests per second that the HTTP API, the WebSocket API and `@connections` share, in
    /// bursts of half as many; `None` for no quota. A request beyond it gets 429.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
    pub requests: Option<u32>,
    /// The number of shards of each stream, at least 1. A table's items are spread over them by
    /// key, and each shard is delivered independently of the others.
    pub shards: u32,
    /// The largest message that `@connections` accepts, in bytes.
    pub post_bytes: usize,
    /// The number of messages of one connection that are processed at once, at least 1. API Gateway
    /// has no bound.
    pub messages_at_once: usize,
}

impl Default for Account {
    fn default() -> Self {
        Self { requests: None, shards: 1, post_bytes: 128 * 1024, messages_at_once: 1 }
    }
}

impl Account {
    /// Returns an account with a quota of requests per second. A stream has the four shards of a
    /// new on-demand table, a post has at most the size of a frame, and the messages of a
    /// connection are processed concurrently.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
    pub const fn with_quota(requests: u32) -> Self {
        Self { requests: Some(requests), shards: 4, post_bytes: 32 * 1024, messages_at_once: 16 }
    }
}
