//! The URL of an endpoint.

use crate::values::serde_as_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum number of characters.
const MOST: usize = 2000;

/// The URL that messages are posted to: absolute, with the scheme `https` or `http`, without user
/// information and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Accepts visible ASCII characters. The address behind the host's name is checked when a
    /// message is sent, because the name can mean another address by then.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(Invalid::new("must begin with https://"))?;
        if text.len() > MOST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::new("must be at most 2000 visible ASCII characters"));
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.is_empty() || authority.starts_with(':') {
            return Err(Invalid::new("must name a host"));
        }
        if authority.contains('@') {
            return Err(Invalid::new("must not contain a user name or a password"));
        }
        if text.contains(['#', '\\', '"', '<', '>']) {
            return Err(Invalid::new("must not contain a fragment or any of \\ \" < >"));
        }
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
        bounds: Bounds::Text { length: (8, MOST), pattern: r"^https?://[!$-:;=?A-\[\]^-~]+$" },
    };
}
