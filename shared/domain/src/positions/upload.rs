//! The decision about an upload of fixes.

use std::collections::BTreeSet;

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Fix;
use crate::Roster;
use crate::values::name_enum;

/// The greatest time by which a device's clock can be fast, in seconds.
const MAX_AHEAD_S: i64 = 60;

/// The greatest age of a fix that is uploaded, in seconds.
const MAX_FIX_AGE_S: i64 = 24 * 60 * 60;

name_enum! {
    /// The reason why a fix is ignored.
    pub enum Ignored as "IgnoredFix": "The reason why a fix is ignored." {
        /// A field is missing, unknown or out of range.
        Malformed = "malformed",
        /// The fix is more than a minute later than the server's clock.
        InFuture = "in_future",
        /// The fix is more than a day old.
        TooOld = "too_old",
        /// The fix is neither of the duty that lasts nor of the one before.
        OffDuty = "off_duty",
        /// A fix of the same half second is known.
        Known = "known",
    }
}

name_enum! {
    /// The reason why a device sends no fixes.
    pub enum Outage as "PositionOutage": "The reason why the driver's device sends no fixes." {
        PermissionDenied = "permission_denied",
        ServicesDisabled = "services_disabled",
        LowBattery = "low_battery",
        AppClosed = "app_closed",
        NoSignal = "no_signal",
    }
}

/// The decision about each fix of an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    /// The fixes that are not ignored, as they are kept, in the order of the upload.
    pub accepted: Vec<Fix>,
    /// The ignored fixes, by their index in the upload.
    pub ignored: Vec<(usize, Ignored)>,
}

impl Verdicts {
    /// Decides about the fixes of a driver of whom the `known` ones were kept last. `None` stands for a
    /// fix that cannot be read. Of fixes of one half second the first is accepted.
    pub fn of(fixes: &[Option<Fix>], roster: &Roster, known: &[Fix], now: Timestamp) -> Self {
        let mut verdicts = Self { accepted: Vec::new(), ignored: Vec::new() };
        let mut times: BTreeSet<_> = known.iter().map(|fix| fix.at).collect();
        for (index, fix) in fixes.iter().enumerate() {
            let kept = checked(fix.as_ref(), roster, now).map(|fix| fix.kept());
            match kept {
                Err(reason) => verdicts.ignored.push((index, reason)),
                Ok(kept) if times.insert(kept.at) => verdicts.accepted.push(kept),
                Ok(_) => verdicts.ignored.push((index, Ignored::Known)),
            }
        }
        verdicts
    }
}

fn checked<'a>(fix: Option<&'a Fix>, roster: &Roster, now: Timestamp) -> Result<&'a Fix, Ignored> {
    let fix = fix.ok_or(Ignored::Malformed)?;
    if fix.at > now.plus_seconds(MAX_AHEAD_S) {
        return Err(Ignored::InFuture);
    }
    if fix.at < now.plus_seconds(-MAX_FIX_AGE_S) {
        return Err(Ignored::TooOld);
    }
    if roster.was_on_duty(fix.at) { Ok(fix) } else { Err(Ignored::OffDuty) }
}

/// The closest watch of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    Nobody,
    /// Somebody watches the fleet.
    Fleet,
    /// Somebody watches one of the driver's orders.
    Order,
}

impl Watch {
    /// Returns the watch at `now` of a driver whose orders and whose fleet are watched until these times.
    /// A driver who has no order any more is not watched for one.
    pub fn of(
        roster: &Roster,
        orders: Option<Timestamp>,
        fleet: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let lasts = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
        if lasts(orders) && !roster.orders.is_empty() {
            Self::Order
        } else if lasts(fleet) {
            Self::Fleet
        } else {
            Self::Nobody
        }
    }
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
    /// Returns the advice for a driver: nothing off duty, more often with orders than without, and most
    /// often while somebody watches an order. A whole fleet would cost too much at that rate.
    pub fn to(roster: &Roster, watch: Watch) -> Self {
        let (fix_every_s, send_every_s) = match (roster.on_duty_since, watch) {
            (None, _) => (0, 0),
            (Some(_), Watch::Order) => (5, 5),
            (Some(_), Watch::Fleet) => (15, 15),
            (Some(_), Watch::Nobody) if roster.orders.is_empty() => (60, 120),
            (Some(_), Watch::Nobody) => (15, 60),
        };
        Self { fix_every_s, send_every_s }
    }
}
