//! The statuses that all workflows share: those of a failed delivery and a return, and the
//! final ones; and the escalation for orders without a driver.

use super::{Ladder, Phase, Rung, Status};
use crate::AlertKind::NoDriver;
use crate::Severity::Medium;

pub(super) const MINUTE: u32 = 60;
pub(super) const HOUR: u32 = 60 * MINUTE;
pub(super) const DAY: u32 = 24 * HOUR;

/// Alerts at doubling intervals of up to one hour, until the order moves.
pub(super) const NO_DRIVER: Ladder = Ladder {
    rungs: &[
        Rung::alert(0, NoDriver, Medium),
        Rung::alert(5 * MINUTE, NoDriver, Medium),
        Rung::alert(10 * MINUTE, NoDriver, Medium),
        Rung::alert(20 * MINUTE, NoDriver, Medium),
        Rung::alert(40 * MINUTE, NoDriver, Medium),
        Rung::alert(HOUR, NoDriver, Medium),
    ],
    repeats: true,
};

pub(super) const DELIVERY_FAILED: Status = Status::new("delivery_failed", Phase::OnTheWay);
pub(super) const RETURNING: Status = Status::new("returning", Phase::Returning);
pub(super) const DELIVERED: Status = Status::new("delivered", Phase::Delivered);
pub(super) const RETURNED: Status = Status::new("returned", Phase::Returned);
pub(super) const CANCELLED: Status = Status::new("cancelled", Phase::Cancelled);
pub(super) const FAILED: Status = Status::new("failed", Phase::Failed);
