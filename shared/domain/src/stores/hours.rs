//! The weekly opening hours of a store.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::{name_enum, serde_as_text};
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum number of openings in a week: four on each day.
pub const MAX_OPENINGS: usize = 28;

/// The hours in which a store is open, each week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpeningHours {
    pub time_zone: TimeZone,
    /// The times at which the store is open; it is closed at all others.
    pub weekly: Vec<Opening>,
}

/// A time at which a store is open, on each of some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opening {
    /// The days on which it opens, from Monday.
    pub days: BTreeSet<Weekday>,
    /// The store's local time.
    pub opens: TimeOfDay,
    /// The store's local time; on the next day if it is not after `opens`, so `00:00` to `00:00`
    /// is a whole day.
    pub closes: TimeOfDay,
}

name_enum! {
    /// A day of the week.
    pub enum Weekday as "Weekday": "A day of the week." {
        Monday = "mon",
        Tuesday = "tue",
        Wednesday = "wed",
        Thursday = "thu",
        Friday = "fri",
        Saturday = "sat",
        Sunday = "sun",
    }
}

/// A time of day, to the minute: `00:00` to `23:59`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

impl TimeOfDay {
    /// Accepts `HH:MM`, with two digits each.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let time = text.split_once(':').and_then(|(hour, minute)| {
            Some(Self { hour: two_digits(hour, 23)?, minute: two_digits(minute, 59)? })
        });
        time.ok_or(Invalid::new("must be a time from 00:00 to 23:59"))
    }
}

fn two_digits(text: &str, most: u8) -> Option<u8> {
    let is_two = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| is_two && *number <= most)
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

serde_as_text!(TimeOfDay);

impl Shaped for TimeOfDay {
    const SHAPE: Shape = Shape {
        name: Some("TimeOfDay"),
        about: "A time of day, to the minute.",
        bounds: Bounds::Text { length: (5, 5), pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$" },
    };
}

/// The name of a time zone in the database of IANA. Waybill computes no local times, so it checks
/// the form of a name and not that there is such a zone.
/// <https://data.iana.org/time-zones/tz-link.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// Accepts up to three parts, separated by `/`, of at most 64 characters together.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+_-".contains(&b);
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(allowed);
        let fits = text.len() <= 64
            && text.split('/').count() <= 3
            && text.split('/').all(is_part)
            && text.starts_with(|c: char| c.is_ascii_alphabetic());
        let rule = "must be a time zone of IANA, such as Europe/London";
        if fits { Ok(Self(text.to_owned())) } else { Err(Invalid::new(rule)) }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(TimeZone);

impl Shaped for TimeZone {
    const SHAPE: Shape = Shape {
        name: Some("TimeZone"),
        about: "The name of a time zone in the database of IANA, such as `Europe/London`. Waybill \
                checks its form, not that there is such a zone.",
        bounds: Bounds::Text {
            length: (1, 64),
            pattern: "^[A-Za-z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+){0,2}$",
        },
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_of_day_has_two_digits_for_hour_and_minute() {
        for text in ["00:00", "09:30", "19:05", "23:59"] {
            assert_eq!(TimeOfDay::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "", ":", "9:30", "09:3", "24:00", "23:60", "09.30", "09:30:00", "+9:30", "0９:30",
            "09:+3", " 9:30", "09:30 ", "-1:00", "é:00",
        ] {
            assert!(TimeOfDay::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_time_zone_has_the_form_of_ianas_names() {
        for text in [
            "UTC",
            "Europe/London",
            "America/Argentina/Buenos_Aires",
            "America/Port-au-Prince",
            "Etc/GMT+5",
            "EST5EDT",
        ] {
            assert_eq!(TimeZone::parse(text).unwrap().to_string(), text);
        }
        let longest = format!("A/{}", "b".repeat(62));
        assert!(TimeZone::parse(&longest).is_ok());
        for text in [
            "",
            "/",
            "Europe/",
            "/London",
            "a//b",
            "a/b/c/d",
            "+02:00",
            "5",
            "Europe/Łódź",
            "Europe London",
            "../etc/passwd",
            &format!("{longest}b"),
        ] {
            assert!(TimeZone::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn hours_read_back_as_they_were_written() {
        let hours = json!({
            "time_zone": "Europe/London",
            "weekly": [
                { "days": ["mon", "fri"], "opens": "09:00", "closes": "17:30" },
                { "days": ["sat"], "opens": "20:00", "closes": "02:00" },
            ],
        });
        let read: OpeningHours = serde_json::from_value(hours.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), hours);
        for (place, wrong) in [
            ("/time_zone", json!("+02:00")),
            ("/weekly/0/days/0", json!("Monday")),
            ("/weekly/0/opens", json!("24:00")),
        ] {
            let mut hours = hours.clone();
            *hours.pointer_mut(place).unwrap() = wrong;
            assert!(serde_json::from_value::<OpeningHours>(hours).is_err(), "{place}");
        }
    }
}
