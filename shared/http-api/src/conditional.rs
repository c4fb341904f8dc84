//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1). The entity tag of
//! an order is its version, followed in a response to a GET by a digest of the body: `"3"`,
//! `"3.DIGEST"`. A list has only a digest: `".DIGEST"`.

use axum::extract::FromRequestParts;
use db::Digest;
use domain::Version;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Problem, ProblemKind};

/// Returns the entity tag of a version.
pub fn etag(version: Version) -> HeaderValue {
    quoted(&version.to_string())
}

/// Returns the entity tag of the response to a GET with this body; `of` is the tag of the version,
/// if the response has one. Two callers who see an order differently get different tags, so that a
/// browser that keeps the responses to both shows neither the other's.
pub fn etag_of_body(of: Option<&HeaderValue>, body: &[u8]) -> HeaderValue {
    let version = of.and_then(|tag| tag.to_str().ok()).unwrap_or_default().trim_matches('"');
    quoted(&format!("{version}.{}", Digest::of([body])))
}

fn quoted(opaque: &str) -> HeaderValue {
    HeaderValue::try_from(format!("\"{opaque}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The versions that a request applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<Tags>);

/// The stored responses of a client that asks for a newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfNoneMatch(Option<Tags>);

/// The entity tags of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`
    Any,
    /// Tags without their quotes and without the `W/` of a weak tag.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Rejects a request that does not apply to this version. Only the version in a tag counts: a
    /// proxy that compresses a response makes its tag weak or adds a suffix (`"3-gzip"`), and the
    /// version is the same in every encoding.
    pub fn check(&self, current: Version) -> Result<(), Problem> {
        let is_current = |tag: &String| tag.split(['.', '-']).next() == Some(&*current.to_string());
        match &self.0 {
            None | Some(Tags::Any) => Ok(()),
            Some(Tags::OneOf(tags)) if tags.iter().any(is_current) => Ok(()),
            Some(Tags::OneOf(_)) => Err(Problem::precondition_failed(current)),
        }
    }

    /// As [`check`](Self::check), for a resource that may not exist: without one, no condition
    /// holds, not even `*` (RFC 9110, section 13.1.1).
    pub fn check_existing(&self, current: Option<Version>) -> Result<(), Problem> {
        match (current, &self.0) {
            (Some(current), _) => self.check(current),
            (None, None) => Ok(()),
            (None, Some(_)) => {
                let detail = "It does not exist. Send the request without If-Match to create it.";
                Err(Problem::new(ProblemKind::PreconditionFailed, detail))
            }
        }
    }

    /// True if the request names the versions that it applies to.
    pub const fn names_versions(&self) -> bool {
        matches!(self.0, Some(Tags::OneOf(_)))
    }
}

impl IfNoneMatch {
    /// Reads the header; without it, nothing matches.
    pub fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        read(headers, &IF_NONE_MATCH).map(Self)
    }

    /// Returns true if the client has the response with this entity tag.
    pub fn has(&self, tag: &HeaderValue) -> bool {
        match &self.0 {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::OneOf(tags)) => tags.iter().any(|it| quoted(it) == tag),
        }
    }
}

fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Problem> {
    let Some(header) = headers.get(name) else { return Ok(None) };
    let tags = header.to_str().ok().and_then(Tags::parse);
    tags.map(Some).ok_or_else(|| {
        let name = if name == IF_MATCH { "If-Match" } else { "If-None-Match" };
        let detail = format!("{name} must be * or ETags in quotes, for example \"3\".");
        Problem::new(ProblemKind::InvalidHeader, detail)
    })
}

impl Tags {
    /// Parses `*` or a list of tags. A list may have empty elements (RFC 9110, section 5.6.1).
    fn parse(header: &str) -> Option<Self> {
        if header.trim() == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = header.trim();
        while !rest.is_empty() {
            if !rest.starts_with(',') {
                let (tag, after) = entity_tag(rest)?;
                tags.push(tag.to_owned());
                rest = after.trim_start();
            }
            // A tag is followed by a comma or by nothing.
            rest = match rest.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if rest.is_empty() => rest,
                None => return None,
            };
        }
        (!tags.is_empty()).then_some(Self::OneOf(tags))
    }
}

/// Splits `text` into the content of its leading entity tag and the rest.
fn entity_tag(text: &str) -> Option<(&str, &str)> {
    let opaque = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?;
    let (opaque, after) = opaque.split_once('"')?;
    opaque.bytes().all(|b| b.is_ascii_graphic()).then_some((opaque, after))
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(&parts.headers, &IF_MATCH).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_the_version_matches_strong_or_weak() {
        let passes =
            |header| Tags::parse(header).map(|tags| IfMatch(Some(tags)).check(Version(3)).is_ok());
        for (header, expected) in [
            ("*", Some(true)),
            ("\"3\"", Some(true)),
            ("W/\"3\"", Some(true)),
            ("\"3.digest-of-a-body\"", Some(true)),
            ("W/\"3.digest-of-a-body\"", Some(true)),
            ("\"3-gzip\"", Some(true)),
            ("\"2\", \"3\"", Some(true)),
            ("\"2\",W/\"3\"", Some(true)),
            (",\"2\",, \"3\" ,", Some(true)),
            ("\"2\"", Some(false)),
            ("W/\"2\"", Some(false)),
            ("W/\"2\", \"4\"", Some(false)),
            ("\"2.3\"", Some(false)),
            ("\"-3\"", Some(false)),
            ("\".3\"", Some(false)),
            ("\"33\"", Some(false)),
            ("\"03\"", Some(false)),
            ("\"\"", Some(false)),
            ("\"a,b\"", Some(false)),
            ("\"a,b\" ,\"3\"", Some(true)),
            ("3", None),
            ("W/3", None),
            ("w/\"3\"", None),
            ("W/ \"3\"", None),
            ("", None),
            (",", None),
            ("\"", None),
            ("\"3", None),
            ("\"3\" \"3\"", None),
            ("\"a b\"", None),
            ("*, \"3\"", None),
            ("\"3\", *", None),
        ] {
            assert_eq!(passes(header), expected, "{header}");
        }
    }

    #[test]
    fn nothing_matches_what_does_not_exist() {
        for (header, expected) in [(None, true), (Some("*"), false), (Some("\"0\""), false)] {
            let condition = IfMatch(header.and_then(Tags::parse));
            assert_eq!(condition.check_existing(None).is_ok(), expected, "{header:?}");
            let is_met = condition.check_existing(Some(Version(3))).is_ok();
            assert_eq!(is_met, header != Some("\"0\""), "{header:?}");
        }
    }

    #[test]
    fn a_stored_response_is_known_by_its_body() {
        let tag = etag_of_body(Some(&etag(Version(3))), b"{}");
        let text = tag.to_str().unwrap();
        assert!(text.starts_with("\"3.") && text.len() == 26, "{text}");
        assert_ne!(tag, etag_of_body(Some(&etag(Version(3))), b"[]"));
        assert_ne!(tag, etag_of_body(None, b"{}"));
        let has = |header: &str| IfNoneMatch(Tags::parse(header)).has(&tag);
        assert!(
            has(text) && has(&format!("W/{text}")) && has(&format!("\"2\", {text}")) && has("*")
        );
        assert!(!has("\"3\"") && !has(&text.to_ascii_uppercase()) && !IfNoneMatch(None).has(&tag));
        assert!(IfMatch(Tags::parse(text)).check(Version(3)).is_ok());
    }
}
