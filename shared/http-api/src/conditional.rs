//! `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1): an order's entity tag is its
//! version in quotes.

use axum::extract::FromRequestParts;
use domain::Version;
use http::HeaderValue;
use http::header::IF_MATCH;
use http::request::Parts;

use super::{Problem, ProblemKind};

/// Returns the entity tag of a version.
pub fn etag(version: Version) -> HeaderValue {
    let mut tag = HeaderValue::from(version.0).as_bytes().to_vec();
    tag.insert(0, b'"');
    tag.push(b'"');
    HeaderValue::from_bytes(&tag).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The versions that a request applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Any version: `If-Match` is absent or `*`.
    Any,
    /// One of these entity tags, as they were received.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Rejects a request that does not apply to this version. A weak tag never matches.
    pub fn check(&self, current: Version) -> Result<(), Problem> {
        match self {
            Self::Any => Ok(()),
            Self::OneOf(tags) if tags.iter().any(|tag| *tag == format!("\"{current}\"")) => Ok(()),
            Self::OneOf(_) => Err(Problem::precondition_failed(current)),
        }
    }

    /// True if the request names the versions that it applies to.
    pub const fn names_versions(&self) -> bool {
        matches!(self, Self::OneOf(_))
    }

    fn parse(header: &str) -> Option<Self> {
        if header.trim() == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = header;
        loop {
            let (tag, after) = entity_tag(rest.trim_start())?;
            tags.push(tag.to_owned());
            match after.trim_start().strip_prefix(',') {
                Some(next) => rest = next,
                None => return after.trim().is_empty().then_some(Self::OneOf(tags)),
            }
        }
    }
}

/// Splits `text` into its leading entity tag and the rest.
fn entity_tag(text: &str) -> Option<(&str, &str)> {
    let opaque = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?;
    let (opaque, after) = opaque.split_once('"')?;
    let is_tag = opaque.bytes().all(|b| b.is_ascii_graphic());
    is_tag.then(|| (&text[..text.len() - after.len()], after))
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(IF_MATCH) else { return Ok(Self::Any) };
        header.to_str().ok().and_then(Self::parse).ok_or_else(|| {
            let detail = "If-Match must be the order's ETag in quotes, for example \"3\".";
            Problem::new(ProblemKind::InvalidHeader, detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_tag_of_the_version_matches() {
        let passes = |header| IfMatch::parse(header).map(|it| it.check(Version(3)).is_ok());
        for (header, expected) in [
            ("*", Some(true)),
            ("\"3\"", Some(true)),
            ("\"2\", \"3\"", Some(true)),
            ("\"2\"", Some(false)),
            ("W/\"3\"", Some(false)),
            ("\"03\"", Some(false)),
            ("\"\"", Some(false)),
            ("\"a,b\"", Some(false)),
            ("\"a,b\" ,\"3\"", Some(true)),
            ("3", None),
            ("", None),
            ("\"", None),
            ("\"3", None),
            ("\"3\",", None),
            ("\"3\" \"3\"", None),
            ("\"a b\"", None),
            ("*, \"3\"", None),
        ] {
            assert_eq!(passes(header), expected, "{header}");
        }
    }
}
