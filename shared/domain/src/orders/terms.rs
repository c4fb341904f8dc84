//! The terms that an order is created with: the actions that Waybill may take by itself, and
//! their times.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::values::{name_enum, schema_of_shape, text_form};
use crate::{
    Answer, Bounds, Dispatch, Invalid, Shape, Shaped, Shortages, Status, StoreId, Substitution,
    statuses,
};

/// The terms that an order is created with. They hold for the order's whole life, even if the
/// merchant changes its settings. They are stored as the text
/// `LIMITS;FALLBACK_STORE;STEP_SECONDS;UNANSWERED;SHORTAGES;DISPATCH;POSITIONS_FROM`, because heads
/// have little room; each part may be empty, and of the last three none is written after the last that
/// is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The merchant's time limits, which replace the workflow's own.
    pub limits: Limits,
    /// The store that an order is reassigned to when its store does not acknowledge it in time.
    pub fallback_store: Option<StoreId>,
    /// Set if the order moves by itself.
    pub autopilot: Option<Autopilot>,
    /// The answer for a customer who does not answer in time; `reject` if absent.
    pub unanswered: Option<Unanswered>,
    pub shortages: Shortages,
    /// The way in which Waybill finds a driver by itself; `None` if people do.
    pub dispatch: Option<Dispatch>,
    pub positions_from: PositionsFrom,
}

name_enum! {
    /// The time from which a merchant sees the positions of its own drivers.
    #[derive(Default)]
    pub enum PositionsFrom as _: "The merchant and its stores see the position of a driver of their own \
        fleet from the `pickup` of an order on, or from the `assignment`; `pickup` by default." {
        #[default]
        Pickup = "pickup",
        Assignment = "assignment",
    }
}

impl Terms {
    /// True if no term is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limits, fallback_store, autopilot, unanswered, .. } = self;
        write!(f, "{limits};")?;
        fallback_store.iter().try_for_each(|store| store.fmt(f))?;
        f.write_str(";")?;
        autopilot.iter().try_for_each(|autopilot| autopilot.step_seconds().fmt(f))?;
        f.write_str(";")?;
        unanswered.iter().try_for_each(|unanswered| unanswered.fmt(f))?;
        let shortages = Some(self.shortages).filter(|it| *it != Shortages::default());
        let from = Some(self.positions_from).filter(|it| *it != PositionsFrom::default());
        let later = [
            shortages.map(Shortages::name).unwrap_or_default(),
            &self.dispatch.as_ref().map(ToString::to_string).unwrap_or_default(),
            from.map(PositionsFrom::name).unwrap_or_default(),
        ];
        let count = later.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
        later[..count].iter().try_for_each(|part| write!(f, ";{part}"))
    }
}

impl Terms {
    /// Parses the stored text.
    fn parse(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<_> = text.split(';').collect();
        let &[limits, store, step, unanswered, ref rest @ ..] = &parts[..] else {
            return Err(Invalid::new("must have four parts or more"));
        };
        let given = |part: &'_ str| !part.is_empty();
        let later = |nth: usize| rest.get(nth).copied().filter(|it| given(it));
        if rest.len() > 3 || rest.last().is_some_and(|last| !given(last)) {
            return Err(Invalid::new(
                "must have seven parts at most, of which the last is not empty",
            ));
        }
        let shortages = later(0).map(|it| {
            Shortages::named(it).ok_or(Invalid::new("must be a way of shortages in the fifth part"))
        });
        let positions_from = later(2).map(|it| {
            PositionsFrom::named(it).ok_or(Invalid::new("must be a time in the seventh part"))
        });
        Ok(Self {
            limits: Limits::parse(limits)?,
            fallback_store: Some(store).filter(|it| given(it)).map(StoreId::parse).transpose()?,
            autopilot: Some(step).filter(|it| given(it)).map(Autopilot::parse).transpose()?,
            unanswered: Some(unanswered)
                .filter(|it| given(it))
                .map(Unanswered::parse)
                .transpose()?,
            shortages: shortages.transpose()?.unwrap_or_default(),
            dispatch: later(1).map(Dispatch::parse).transpose()?,
            positions_from: positions_from.transpose()?.unwrap_or_default(),
        })
    }
}

text_form!(Terms);

/// A merchant's time limits, in seconds, by the name of the status; 0 means no limit. They are
/// stored as the text `STATUS:SECONDS,…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(BTreeMap<&'static str, Limit>);

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (status, limit)) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{status}:{}", limit.0)?;
        }
        Ok(())
    }
}

impl Limits {
    /// Parses the stored text.
    fn parse(text: &str) -> Result<Self, Invalid> {
        let limits = text.split(',').filter(|limit| !limit.is_empty()).map(|limit| {
            let (name, seconds) = limit.split_once(':')?;
            let (status, _) = statuses().find(|(status, _)| *status == name)?;
            Some((status, Limit::try_from(seconds.parse::<u64>().ok()?).ok()?))
        });
        let limits: Option<_> = limits.collect();
        limits.map(Self).ok_or(Invalid::new("must be limits of statuses"))
    }
}

text_form!(Limits);

/// The time limit of a status, in seconds; 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "u64")]
pub struct Limit(u32);

impl Limits {
    /// Collects limits; a later limit of the same status replaces an earlier one.
    pub fn new(limits: impl IntoIterator<Item = (Status, Limit)>) -> Self {
        Self(limits.into_iter().map(|(status, limit)| (status.name(), limit)).collect())
    }

    /// Returns the limit that is set for a status.
    pub fn of(&self, status: Status) -> Option<Limit> {
        self.0.get(status.name()).copied()
    }

    /// Iterates over the limits with the names of their statuses.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Limit)> {
        self.0.iter().map(|(status, limit)| (*status, *limit))
    }

    /// True if no limit is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Limit {
    /// In seconds. The deadline sweep runs once a minute.
    const LEAST: u32 = 60;
    /// In seconds: 30 days.
    const MOST: u32 = 30 * 24 * 60 * 60;

    /// Returns the limit in seconds, or `None` for no limit.
    pub const fn seconds(self) -> Option<u32> {
        match self.0 {
            0 => None,
            seconds => Some(seconds),
        }
    }
}

impl TryFrom<u64> for Limit {
    type Error = Invalid;

    fn try_from(seconds: u64) -> Result<Self, Invalid> {
        match u32::try_from(seconds) {
            Ok(seconds @ (0 | Self::LEAST..=Self::MOST)) => Ok(Self(seconds)),
            _ => Err(Invalid::new("must be 0, or a whole number from 60 to 2592000")),
        }
    }
}

impl From<Limit> for u64 {
    fn from(limit: Limit) -> Self {
        limit.0.into()
    }
}

impl Shaped for Limit {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The time limit of the status, in seconds; 0 means no limit.",
        bounds: Bounds::AnyOf(&[
            Bounds::Integer(0, 0),
            Bounds::Integer(Self::LEAST as i64, Self::MOST as i64),
        ]),
    };
}

schema_of_shape!(Limit);

/// The time that an order stays in each status, in seconds, while it moves by itself along its
/// workflow's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "u64")]
pub struct Autopilot(u32);

impl Autopilot {
    /// In seconds. The deadline sweep runs once a minute.
    const LEAST: u32 = 60;
    /// In seconds: 7 days.
    const MOST: u32 = 7 * 24 * 60 * 60;

    /// Returns the time that the order stays in each status, in seconds.
    pub const fn step_seconds(self) -> u32 {
        self.0
    }

    fn parse(text: &str) -> Result<Self, Invalid> {
        text.parse().map_or(u64::MAX, |seconds: u64| seconds).try_into()
    }
}

impl TryFrom<u64> for Autopilot {
    type Error = Invalid;

    fn try_from(seconds: u64) -> Result<Self, Invalid> {
        match u32::try_from(seconds) {
            Ok(seconds @ Self::LEAST..=Self::MOST) => Ok(Self(seconds)),
            _ => Err(Invalid::new("must be a whole number from 60 to 604800")),
        }
    }
}

impl From<Autopilot> for u64 {
    fn from(autopilot: Autopilot) -> Self {
        autopilot.0.into()
    }
}

impl Shaped for Autopilot {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The time the order stays in each status, in seconds.",
        bounds: Bounds::Integer(Self::LEAST as i64, Self::MOST as i64),
    };
}

schema_of_shape!(Autopilot);

/// The answer for a customer who does not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Unanswered {
    /// Approves substitutions, as long as all approved ones together raise the price by at most
    /// `price_cap`; rejects the rest.
    Approve {
        /// The maximum increase of the order's price, in minor units.
        price_cap: i64,
    },
    /// Rejects substitutions: their lines are removed, and the store continues picking.
    Reject,
    /// Removes the lines, and the order continues.
    CancelLine,
}

/// Writes the stored form: `approve:PRICE_CAP`, `reject` or `cancel_line`.
impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approve { price_cap } => write!(f, "approve:{price_cap}"),
            Self::Reject => f.write_str("reject"),
            Self::CancelLine => f.write_str("cancel_line"),
        }
    }
}

impl Unanswered {
    fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "reject" => Ok(Self::Reject),
            "cancel_line" => Ok(Self::CancelLine),
            _ => {
                let price_cap = text.strip_prefix("approve:").and_then(|cap| cap.parse().ok());
                let price_cap = price_cap.ok_or(Invalid::new("must be an answer"))?;
                Ok(Self::Approve { price_cap })
            }
        }
    }

    /// Returns the answers to the `asked` substitutions, in order. `spent` is the price increase
    /// of the substitutions approved before, in minor units.
    pub fn answers<'s>(
        self,
        mut spent: i64,
        asked: impl IntoIterator<Item = &'s Substitution>,
    ) -> impl Iterator<Item = Answer> {
        asked.into_iter().map(move |substitution| match self {
            Self::Reject => Answer::Rejected,
            Self::CancelLine => Answer::LineCancelled,
            Self::Approve { price_cap } => {
                let with = spent.saturating_add(substitution.surcharge());
                if with > price_cap {
                    return Answer::Rejected;
                }
                spent = with;
                Answer::Approved
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_none_or_from_a_minute_to_thirty_days() {
        for (seconds, expected) in [
            (0, Some(None)),
            (1, None),
            (59, None),
            (60, Some(Some(60))),
            (2_592_000, Some(Some(2_592_000))),
            (2_592_001, None),
            (u64::MAX, None),
        ] {
            let limit = Limit::try_from(seconds).ok();
            assert_eq!(limit.map(Limit::seconds), expected, "{seconds}");
            assert_eq!(limit.map(u64::from), expected.map(|_| seconds));
        }
    }

    #[test]
    fn a_step_takes_from_a_minute_to_seven_days() {
        for (seconds, is_one) in
            [(0, false), (59, false), (60, true), (604_800, true), (604_801, false)]
        {
            let step = Autopilot::try_from(seconds).ok().map(Autopilot::step_seconds);
            assert_eq!(step.map(u64::from), Some(seconds).filter(|_| is_one), "{seconds}");
        }
    }
}
