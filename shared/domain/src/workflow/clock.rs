//! The time limits of statuses, and the actions of Waybill when they are exceeded.

use super::Status;
use crate::{AlertKind, Severity};

/// The clock of a status. It starts when an order enters the status.
#[derive(Debug)]
pub struct StatusClock {
    pub status: Status,
    /// The time limit, in seconds; `None` if only a merchant can set one.
    pub limit: Option<u32>,
    /// The escalation steps that are taken until the order moves.
    pub then: Ladder,
}

/// The escalation steps for an order that exceeds its time limit, taken one after another.
#[derive(Clone, Copy, Debug)]
pub struct Ladder {
    /// The steps; the first is taken at the time limit.
    pub rungs: &'static [Rung],
    /// True if the last step is repeated until the order moves.
    pub repeats: bool,
}

/// An escalation step. If its measure is not possible, the next step is taken instead.
#[derive(Clone, Copy, Debug)]
pub struct Rung {
    /// The delay after the previous step, in seconds.
    pub after: u32,
    pub measure: Measure,
}

/// An action that Waybill takes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Alert(AlertKind, Severity),
    /// Rejects the order on behalf of its store, with this reason, and reassigns it to the
    /// merchant's fallback store. Not possible without a fallback store, or if the order is
    /// already with it.
    Reassign(&'static str),
    /// Cancels the order, with this message to everyone who can see it.
    Cancel(&'static str),
    /// Answers the open substitutions as the order's terms specify.
    AnswerSubstitutions,
}

impl Ladder {
    /// A single alert that the order is delayed. It also applies if a merchant sets a limit for
    /// a status that has no clock.
    pub const DELAYED: Self =
        Self { rungs: &[Rung::alert(0, AlertKind::Delayed, Severity::Medium)], repeats: false };

    /// Returns the index of the step after this one; `None` after the last step, unless it
    /// repeats.
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
    /// Creates a clock that raises one alert.
    pub(super) const fn delayed(status: Status, limit: u32) -> Self {
        Self { status, limit: Some(limit), then: Ladder::DELAYED }
    }
}
