//! The syntax of URLs that people give: the rules that all of them have in common.

use crate::Invalid;

/// The characters of a path and a query beside letters and digits.
const OTHERS: &[u8] = b"/?&=._~%:@!$'()*+,;-";

/// The pattern of a URL with this scheme, itself a pattern.
macro_rules! url_pattern {
    ($scheme:literal) => {
        concat!(
            "^",
            $scheme,
            "://[A-Za-z0-9.-]+",
            "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
            r"([/?][A-Za-z0-9/?&=._~%:@!$'()*+,;\-]*)?$",
        )
    };
}

pub(crate) use url_pattern;

/// Checks that `text` is an absolute URL of at most `most` characters, with one of the schemes and a
/// host's name or IPv4 address, without user information and fragment. A scheme ends with `://`.
pub(crate) fn check_url(text: &str, schemes: &[&str], most: usize) -> Result<(), Invalid> {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let rest = rest.ok_or(Invalid::new("must begin with https://"))?;
    if text.len() > most {
        return Err(Invalid(format!("must be at most {most} characters").into()));
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
    Ok(())
}

/// True for a port in its canonical form.
fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == text)
}
