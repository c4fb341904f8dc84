//! API Gateway: an HTTP API and a WebSocket API on one address.

pub mod http;
pub mod live;
mod rate;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use chrono::DateTime;
use clock::Timestamp;
use random::random_uuid;

pub(crate) use rate::{Bucket, Requests};

/// Returns an id in the format of API Gateway's request and connection ids: 11 random bytes in
/// base64, such as `L0SM9cOFvHcCIhw=`.
pub(crate) fn random_id() -> String {
    let uuid = random_uuid();
    let bytes = uuid.as_bytes();
    // Bytes 6 and 8 of a UUID hold its version and variant.
    let random = [&bytes[..6], &bytes[7..8], &bytes[9..13]].concat();
    URL_SAFE.encode(random)
}

/// Returns `$context.requestTime`, in the Common Log Format: `21/Nov/2026:09:30:00 +0000`.
pub(crate) fn log_time(at: Timestamp) -> String {
    let at = DateTime::from_timestamp_millis(at.epoch_millis()).unwrap_or_default();
    at.format("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// Returns the pairs of a query in order, decoded as form data.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}
