//! The part that every workflow has: what an order can come to once it is on its way, and its
//! ends; and what is done where nobody carries it.

use super::{Ladder, Phase, Rung, Status};
use crate::AlertKind::NoDriver;
use crate::Severity::Medium;

pub(super) const MINUTE: u32 = 60;
pub(super) const HOUR: u32 = 60 * MINUTE;
pub(super) const DAY: u32 = 24 * HOUR;

/// Told again after twice as long, up to an hour, until somebody is there.
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
