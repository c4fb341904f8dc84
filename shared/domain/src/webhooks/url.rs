//! The URL of an endpoint.

use crate::values::{check_url, serde_as_text, url_pattern};
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum number of characters.
const MOST: usize = 2000;

/// The URL that messages are posted to: absolute, with the scheme `https` or `http` and a host's
/// name or IPv4 address, without user information and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Accepts what the schema says. The address behind the host's name is checked when a message
    /// is sent, because the name can mean another address by then.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_url(text, &["https://", "http://"], MOST)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the URL's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True if the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl std::fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(WebhookUrl);

impl Shaped for WebhookUrl {
    const SHAPE: Shape = Shape {
        name: Some("WebhookUrl"),
        about: "An absolute URL without user information and fragment.",
        bounds: Bounds::Text { length: (8, MOST), pattern: url_pattern!("https?") },
    };
}
