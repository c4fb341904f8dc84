//! The statuses that every workflow has: what an order can come to once it is on
//! its way, and its ends.

use super::{Phase, Status};

pub(super) const DELIVERY_FAILED: Status = Status::new("delivery_failed", Phase::OnTheWay);
pub(super) const RETURNING: Status = Status::new("returning", Phase::Returning);
pub(super) const DELIVERED: Status = Status::new("delivered", Phase::Delivered);
pub(super) const RETURNED: Status = Status::new("returned", Phase::Returned);
pub(super) const CANCELLED: Status = Status::new("cancelled", Phase::Cancelled);
pub(super) const FAILED: Status = Status::new("failed", Phase::Failed);
