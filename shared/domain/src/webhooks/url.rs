//! The URL of an endpoint.

use crate::values::serde_as_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum number of characters.
const MOST: usize = 2000;

/// The characters of a path and a query beside letters and digits.
const OTHERS: &[u8] = b"/?&=._~%:@!$'()*+,;-";

/// The URL that messages are posted to: absolute, with the scheme `https` or `http` and a host's
/// name or IPv4 address, without user information and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Accepts what the schema says. The address behind the host's name is checked when a message
    /// is sent, because the name can mean another address by then.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(Invalid::new("must begin with https://"))?;
        if text.len() > MOST {
            return Err(Invalid::new("must be at most 2000 characters"));
        }
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_host) {
            return Err(Invalid::new("must name a host by its name or IPv4 address, and no user"));
        }
        if !is_port(port) {
            return Err(Invalid::new("must have a port from 1 to 65535"));
        }
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || OTHERS.contains(&byte);
        if !tail.bytes().all(is_part) {
            return Err(Invalid::new("must have only URL characters, and no fragment"));
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

/// True for a port in its canonical form.
fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == text)
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
        bounds: Bounds::Text {
            length: (8, MOST),
            pattern: concat!(
                "^https?://[A-Za-z0-9.-]+",
                "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
                r"([/?][A-Za-z0-9/?&=._~%:@!$'()*+,;\-]*)?$",
            ),
        },
    };
}
