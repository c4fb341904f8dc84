//! The secrets that sign messages.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clock::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Digest;

/// The beginning of a secret's text.
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme>
const PREFIX: &str = "whsec_";

/// A secret of 32 bytes, shared by Waybill and the receiver.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; random::SECRET_BYTES]);

impl WebhookSecret {
    /// Generates a new secret.
    pub fn random() -> Self {
        Self(random::random_secret())
    }

    /// Returns the bytes, with which messages are signed.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text, `whsec_` and Base64, which is for the endpoint's owner only and never for
    /// a log.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

impl Serialize for WebhookSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.reveal())
    }
}

impl<'de> Deserialize<'de> for WebhookSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a secret"))
    }
}

/// The number of rotations whose repetitions are recognised.
const REMEMBERED_ROTATIONS: usize = 8;

/// The secrets of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    #[serde(rename = "secret")]
    pub current: WebhookSecret,
    /// The secret before the last rotation.
    #[serde(default, rename = "previous_secret", skip_serializing_if = "Option::is_none")]
    pub previous: Option<WebhookSecret>,
    /// The time until which the previous secret signs too.
    #[serde(default, rename = "previous_until", skip_serializing_if = "Option::is_none")]
    pub previous_until: Option<Timestamp>,
    /// The digests of the Idempotency-Keys of the last rotations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rotated_by: Vec<Digest>,
}

impl Secrets {
    /// Creates the secrets of a new endpoint.
    pub const fn new(current: WebhookSecret) -> Self {
        Self { current, previous: None, previous_until: None, rotated_by: Vec::new() }
    }

    /// True if a request with this key has rotated the secret before.
    pub fn are_rotated_by(&self, key: &Digest) -> bool {
        self.rotated_by.contains(key)
    }

    /// Returns the secrets with `new` as the current one, which a request with this key asks for.
    /// The present one signs too until `until`.
    #[must_use]
    pub fn rotated(self, new: WebhookSecret, until: Timestamp, key: Option<Digest>) -> Self {
        let mut rotated_by = self.rotated_by;
        rotated_by.extend(key);
        rotated_by.drain(..rotated_by.len().saturating_sub(REMEMBERED_ROTATIONS));
        let (previous, previous_until) = (Some(self.current), Some(until));
        Self { current: new, previous, previous_until, rotated_by }
    }

    /// Returns the secrets that sign a message at `now`, the current one first.
    pub fn signing(&self, now: Timestamp) -> impl Iterator<Item = &WebhookSecret> {
        let is_valid = self.previous_until.is_some_and(|until| now < until);
        std::iter::once(&self.current).chain(self.previous.as_ref().filter(move |_| is_valid))
    }
}
