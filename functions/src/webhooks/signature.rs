//! The signature of a message.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers>

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clock::Timestamp;
use db::{Secrets, WebhookSecret};
use http::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

/// Returns the headers of an attempt at `now` to send a message.
pub(crate) fn headers(id: &str, now: Timestamp, body: &[u8], secrets: &Secrets) -> HeaderMap {
    let timestamp = now.epoch_seconds().to_string();
    let signatures = secrets.signing(now).map(|secret| signature(id, &timestamp, body, secret));
    let signatures: Vec<_> = signatures.collect();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("Waybill-Webhooks/1.0"));
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", &timestamp),
        ("webhook-signature", &signatures.join(" ")),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// Returns `v1,` and the Base64 of the HMAC-SHA256 of `id.timestamp.body`.
fn signature(id: &str, timestamp: &str, body: &[u8], secret: &WebhookSecret) -> String {
    let mut context = hmac::Context::with_key(&Key::new(HMAC_SHA256, secret.as_bytes()));
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        context.update(part);
    }
    format!("v1,{}", STANDARD.encode(context.sign()))
}
