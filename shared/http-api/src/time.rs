//! Times of requests.

use clock::Timestamp;
use domain::Invalid;

/// Parses an RFC 3339 time of a body or a message.
pub fn time(text: &str) -> Result<Timestamp, Invalid> {
    Timestamp::parse(text).ok_or(if lacks_offset(text) {
        Invalid::new("offset missing: append Z for UTC, or an offset such as +02:00")
    } else {
        Invalid::new("must be an RFC 3339 time, such as 2026-11-21T09:30:00.000Z")
    })
}

/// Parses an RFC 3339 time of a query, or a date, which means the start of that day in UTC.
pub fn time_or_date(text: &str) -> Result<Timestamp, Invalid> {
    let midnight = || Timestamp::parse(&format!("{text}T00:00:00Z"));
    let time = Timestamp::parse(text).or_else(midnight);
    time.ok_or_else(|| match with_plus_encoded(text) {
        Some(meant) => Invalid(
            format!("has a space: a + in a query means a space, so write it as %2B: {meant}")
                .into(),
        ),
        None if lacks_offset(text) => {
            Invalid::new("offset missing: append Z for UTC, or an offset such as %2B02:00")
        }
        None => Invalid::new("must be a date or an RFC 3339 time, such as 2026-11-21T09:30:00Z"),
    })
}

fn lacks_offset(text: &str) -> bool {
    Timestamp::parse(&format!("{text}Z")).is_some()
}

/// Returns the time as it must be in a query, if its `+` became a space.
fn with_plus_encoded(text: &str) -> Option<String> {
    let (time, offset) = text.rsplit_once(' ')?;
    Timestamp::parse(&format!("{time}+{offset}"))?;
    Some(format!("{time}%2B{offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_says_what_is_missing() {
        let in_query = |text| time_or_date(text).map_err(|error| error.to_string());
        for text in ["2026-11-21", "2026-11-21T02:00:00+02:00", "2026-11-21T00:00:00Z"] {
            assert_eq!(in_query(text), Ok(Timestamp::parse("2026-11-21T00:00:00Z").unwrap()));
        }
        for (text, rule) in [
            ("2026-11-21T00:00:00 02:00", "write it as %2B: 2026-11-21T00:00:00%2B02:00"),
            (
                "2026-11-21T00:00:00",
                "offset missing: append Z for UTC, or an offset such as %2B02:00",
            ),
            ("2026-11-21T00:00:00.5", "offset missing: append Z"),
            ("2026-13-01", "must be a date or an RFC 3339 time"),
            ("yesterday", "must be a date or an RFC 3339 time"),
            ("2026-11-21 ", "must be a date or an RFC 3339 time"),
            ("", "must be a date or an RFC 3339 time"),
        ] {
            let error = in_query(text).unwrap_err();
            assert!(error.contains(rule), "{text}: {error}");
        }
        let in_body = |text| time(text).map_err(|error| error.to_string());
        assert!(in_body("2026-11-21T00:00:00").unwrap_err().contains("such as +02:00"));
        assert!(in_body("2026-11-21").unwrap_err().contains("RFC 3339"));
        assert!(in_body("2026-11-21T00:00:00Z").is_ok());
    }
}
