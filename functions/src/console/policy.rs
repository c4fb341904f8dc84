//! The content security policy of the pages.

use http::{HeaderValue, Uri};

use crate::VariableError;

/// Returns the policy: everything comes from the pages' own origin, and beside that origin they
/// call only the WebSocket API and the issuer, whose token endpoint may have an origin of its own.
pub(super) fn of(live: &str, issuer: &str, sign_in: &str) -> Result<HeaderValue, VariableError> {
    let invalid = |name| VariableError::Invalid(name, "a URL");
    let live = origin(live).ok_or(invalid("LIVE_URL"))?;
    let issuer = origin(issuer).ok_or(invalid("ISSUER"))?;
    let sign_in = origin(sign_in).ok_or(invalid("SIGN_IN_ORIGIN"))?;
    let sign_in = if sign_in == issuer { String::new() } else { format!(" {sign_in}") };
    let policy = format!(
        "default-src 'self'; connect-src 'self' {live} {issuer}{sign_in}; img-src 'self' data:; \
         object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    HeaderValue::try_from(policy).map_err(|_| invalid("LIVE_URL"))
}

/// Returns the origin of a URL. A host has no character that could end a directive.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.authority()?);
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b".-:[]".contains(&it);
    host.as_str().bytes().all(is_plain).then(|| format!("{scheme}://{host}"))
}
