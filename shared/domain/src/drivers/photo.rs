//! The photo of a driver.

use crate::values::{check_url, serde_as_text, url_pattern};
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum number of characters: the items of a driver that a customer's view is made of remain
/// below 4 KB, so DynamoDB charges half a unit to read them.
const MOST: usize = 1000;

/// The URL of a driver's photo: absolute, with the scheme `https` and a host's name or IPv4 address,
/// without user information and fragment. Waybill does not load it; the clients that show it do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoUrl(String);

impl PhotoUrl {
    /// Accepts what the schema says.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_url(text, &["https://"], MOST)?;
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Display for PhotoUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(PhotoUrl);

impl Shaped for PhotoUrl {
    const SHAPE: Shape = Shape {
        name: Some("PhotoUrl"),
        about: "The `https` URL of a driver's photo, without user information and fragment.",
        bounds: Bounds::Text { length: (9, MOST), pattern: url_pattern!("https") },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_at_an_https_url() {
        let url = |length: usize| format!("https://e/{}", "x".repeat(length - 10));
        for text in ["https://e", "https://cdn.example.com:8443/d/7.jpg?v=2", &url(MOST)] {
            assert_eq!(PhotoUrl::parse(text).map(|url| url.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "http://example.com/7.jpg",
            "HTTPS://example.com/7.jpg",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "//example.com/7.jpg",
            "https://dan@example.com/7.jpg",
            "https://example.com/7.jpg#x",
            "https://example.com/\"onload=\"x",
            "https://example.com/ 7.jpg",
            &url(MOST + 1),
        ] {
            assert!(PhotoUrl::parse(text).is_err(), "{text:?}");
        }
    }
}
