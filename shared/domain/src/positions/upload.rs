//! The decision about an upload of fixes.

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Fix;
use crate::Roster;
use crate::values::name_enum;

/// The greatest time by which a device's clock can be fast, in seconds.
const MAX_AHEAD_S: i64 = 60;

/// The greatest age of a fix that is uploaded, in seconds.
pub const MAX_FIX_AGE_S: i64 = 24 * 60 * 60;

name_enum! {
    /// The reason why a fix is ignored.
    pub enum Ignored as "IgnoredFix": "The reason why a fix is ignored." {
        /// A field is missing, unknown or out of range.
        Malformed = "malformed",
        /// The fix is more than a minute later than the server's clock.
        InFuture = "in_future",
        /// The fix is more than a day old.
        TooOld = "too_old",
        /// The driver is off duty, or the fix is from before the duty.
        OffDuty = "off_duty",
        /// The position of the same or a later time is known.
        NotNewer = "not_newer",
    }
}

/// The decision about each fix of an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    /// The number of fixes that are not ignored.
    pub accepted: usize,
    /// The ignored fixes, by their index in the upload.
    pub ignored: Vec<(usize, Ignored)>,
    /// The newest accepted fix; of those of one time, the first.
    pub last: Option<Fix>,
}

impl Verdicts {
    /// Decides about the fixes of a driver whose last `known` fix is this one. `None` stands for a fix
    /// that cannot be read.
    pub fn of(fixes: &[Option<Fix>], roster: &Roster, known: Option<&Fix>, now: Timestamp) -> Self {
        let mut verdicts = Self { accepted: 0, ignored: Vec::new(), last: None };
        for (index, fix) in fixes.iter().enumerate() {
            match checked(fix.as_ref(), roster, known, now) {
                Err(reason) => verdicts.ignored.push((index, reason)),
                Ok(fix) => {
                    verdicts.accepted += 1;
                    if verdicts.last.is_none_or(|last| last.at < fix.at) {
                        verdicts.last = Some(*fix);
                    }
                }
            }
        }
        verdicts
    }
}

fn checked<'a>(
    fix: Option<&'a Fix>,
    roster: &Roster,
    known: Option<&Fix>,
    now: Timestamp,
) -> Result<&'a Fix, Ignored> {
    let fix = fix.ok_or(Ignored::Malformed)?;
    if fix.at > now.plus_seconds(MAX_AHEAD_S) {
        return Err(Ignored::InFuture);
    }
    if fix.at < now.plus_seconds(-MAX_FIX_AGE_S) {
        return Err(Ignored::TooOld);
    }
    if !fix.is_of_duty(roster) {
        return Err(Ignored::OffDuty);
    }
    if known.is_some_and(|known| fix.at <= known.at) {
        return Err(Ignored::NotNewer);
    }
    Ok(fix)
}

/// The intervals at which a driver's device should measure and upload its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PositionAdvice")]
pub struct Advice {
    /// The seconds between two fixes; 0 for none.
    pub fix_every_s: u32,
    /// The seconds between two uploads; 0 for none.
    pub send_every_s: u32,
}

impl Advice {
    /// Returns the advice for a driver: nothing off duty, and more often with orders than without.
    pub fn to(roster: &Roster) -> Self {
        let (fix_every_s, send_every_s) = match roster.on_duty_since {
            None => (0, 0),
            Some(_) if roster.orders.is_empty() => (60, 120),
            Some(_) => (15, 60),
        };
        Self { fix_every_s, send_every_s }
    }
}
