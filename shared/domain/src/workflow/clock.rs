//! How long an order may stand where it stands, and what Waybill does then.

use super::Status;
use crate::{AlertKind, Severity};

/// The clock of a status. It starts when an order comes there.
#[derive(Debug)]
pub struct StatusClock {
    /// The order's current status.
    pub status: Status,
    /// How long it may, in seconds; none where only a merchant sets a limit.
    pub limit: Option<u32>,
    /// The escalation steps, until the order moves.
    pub then: Ladder,
}

/// The escalation steps for an order that stays too long, one after another.
#[derive(Clone, Copy, Debug)]
pub struct Ladder {
    /// The first of them at the limit.
    pub rungs: &'static [Rung],
    /// Whether the last one comes again and again.
    pub repeats: bool,
}

/// One thing that is done, if it can be; if not, the next one is done instead.
#[derive(Clone, Copy, Debug)]
pub struct Rung {
    /// How long after the one before, in seconds.
    pub after: u32,
    pub measure: Measure,
}

/// An action that Waybill takes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// It raises an alert.
    Alert(AlertKind, Severity),
    /// It asks the merchant's fallback store instead, and says why the first one is not
    /// asked any more. Where there is none, or it is the first one, nothing is done.
    Reassign(&'static str),
    /// It calls the order off, and says why to everybody on it.
    Cancel(&'static str),
    /// It answers what the customer has not, as the order says.
    AnswerSubstitutions,
}

impl Ladder {
    /// One alert that the order is delayed: what is done where a table has no clock,
    /// and a merchant a limit.
    pub const DELAYED: Self =
        Self { rungs: &[Rung::alert(0, AlertKind::Delayed, Severity::Medium)], repeats: false };

    /// The rung after this one, by its place.
    pub fn after(&self, rung: usize) -> Option<usize> {
        match rung + 1 {
            next if next < self.rungs.len() => Some(next),
            _ if self.repeats => self.rungs.len().checked_sub(1),
            _ => None,
        }
    }
}

impl Rung {
    pub(super) const fn new(after: u32, measure: Measure) -> Self {
        Self { after, measure }
    }

    pub(super) const fn alert(after: u32, kind: AlertKind, severity: Severity) -> Self {
        Self { after, measure: Measure::Alert(kind, severity) }
    }
}

impl StatusClock {
    /// A clock that raises one alert.
    pub(super) const fn delayed(status: Status, limit: u32) -> Self {
        Self { status, limit: Some(limit), then: Ladder::DELAYED }
    }
}
