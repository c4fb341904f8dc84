//! Instants, and their text.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, SubsecRound, TimeDelta, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in UTC with millisecond precision. Its text is RFC 3339 with exactly three
/// decimals (`2026-11-21T09:30:00.000Z`), so that texts sort in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// Truncates an instant to the millisecond.
    pub fn new(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(3))
    }

    /// Returns the instant `seconds` after 1970-01-01T00:00:00Z; `None` outside the years that
    /// RFC 3339 can express.
    pub fn from_epoch_seconds(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).filter(has_text).map(Self)
    }

    /// Returns the instant `millis` milliseconds after 1970-01-01T00:00:00Z; `None` outside the
    /// years that RFC 3339 can express.
    pub fn from_epoch_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).filter(has_text).map(Self)
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn epoch_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    pub fn epoch_millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Returns the UTC calendar day, for example `2026-11-21`.
    pub fn day(self) -> String {
        self.0.format("%Y-%m-%d").to_string()
    }

    /// Returns the UTC calendar days that contain a part of the time from this instant
    /// (inclusive) to `end` (exclusive), in order.
    pub fn days_until(self, end: Self) -> impl DoubleEndedIterator<Item = String> {
        let last = (end > self).then(|| (end.0 - TimeDelta::milliseconds(1)).date_naive());
        let first = self.0.date_naive();
        let days = last.map_or(0, |last| (last - first).num_days() + 1);
        (0..days).map(move |n| (first + TimeDelta::days(n)).format("%Y-%m-%d").to_string())
    }

    /// Returns this instant plus `seconds`, which may be negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + TimeDelta::seconds(seconds))
    }

    /// Returns the whole seconds since `earlier`, rounded up; 0 if `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> u64 {
        let millis = (self.0 - earlier.0).num_milliseconds();
        u64::try_from(millis).map_or(0, |millis| millis.div_ceil(1000))
    }

    /// Parses an HTTP date in its preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`.
    /// <https://www.rfc-editor.org/rfc/rfc9110#http.date>
    pub fn parse_http_date(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc2822(text).ok().map(|at| Self::new(at.to_utc()))
    }

    /// Parses RFC 3339 with any offset; `None` also if the instant in UTC is outside the years
    /// that RFC 3339 can express.
    pub fn parse(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?;
        Some(at.to_utc()).filter(has_text).map(Self::new)
    }
}

fn has_text(at: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&at.year())
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "An instant in UTC, to the millisecond.",
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'_, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 time"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::new(DateTime::from_timestamp_millis(millis).unwrap())
    }

    #[test]
    fn what_is_finer_than_a_millisecond_is_cut() {
        for (text, expected) in [
            ("2026-11-21T09:30:00Z", "2026-11-21T09:30:00.000Z"),
            ("2026-11-21T09:30:00.1239999Z", "2026-11-21T09:30:00.123Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
            ("2026-11-21T01:00:00+02:00", "2026-11-20T23:00:00.000Z"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn a_day_is_of_utc() {
        let at = Timestamp::parse("2026-11-21T01:00:00+02:00").unwrap();
        assert_eq!(at.day(), "2026-11-20");
        assert_eq!(at.plus_seconds(3600).day(), "2026-11-21");
    }

    #[test]
    fn seconds_that_have_begun_have_passed() {
        for (millis, seconds) in [(0, 0), (1, 1), (1000, 1), (1001, 2), (-1, 0), (-2000, 0)] {
            assert_eq!(at(5000 + millis).seconds_since(at(5000)), seconds, "{millis}");
        }
    }

    #[test]
    fn only_years_that_can_be_written_come_of_seconds() {
        for (seconds, text) in [
            (0, Some("1970-01-01T00:00:00.000Z")),
            (-62_167_219_200, Some("0000-01-01T00:00:00.000Z")),
            (-62_167_219_201, None),
            (253_402_300_799, Some("9999-12-31T23:59:59.000Z")),
            (253_402_300_800, None),
            (i64::MIN, None),
            (i64::MAX, None),
        ] {
            let at = Timestamp::from_epoch_seconds(seconds);
            assert_eq!(at.map(|at| at.to_string()).as_deref(), text);
            assert_eq!(at.map(Timestamp::epoch_seconds), text.map(|_| seconds));
        }
    }

    #[test]
    fn an_offset_does_not_lead_out_of_the_years_that_can_be_written() {
        for text in ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_texts_is_the_order_of_times(
            one in -62_167_219_200_000_i64..253_402_300_800_000,
            other in -62_167_219_200_000_i64..253_402_300_800_000,
        ) {
            let (one, other) = (at(one), at(other));
            prop_assert_eq!(one.to_string().cmp(&other.to_string()), one.cmp(&other));
            prop_assert_eq!(Timestamp::parse(&one.to_string()), Some(one));
        }
    }
}
