//! The handover of an order that has a handover code.

use serde::{Deserialize, Serialize};

use crate::{Operation, Order, Step, Version};

/// The number of wrong codes after which only operations can deliver the order.
pub const MAX_REFUSALS: u32 = 5;

/// The count of wrong handover codes of an order that needs one; a head stores this form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The number of wrong codes.
    pub refusals: u32,
    /// The version of the event of the last wrong code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Version>,
}

impl Handover {
    /// Returns the number of attempts left.
    pub const fn tries_left(self) -> u32 {
        MAX_REFUSALS.saturating_sub(self.refusals)
    }

    /// Returns the count after another wrong code; `version` is the version of its event.
    #[must_use]
    pub const fn refused(self, version: Version) -> Self {
        Self { refusals: self.refusals + 1, refused_at: Some(version) }
    }
}

impl Order {
    /// Returns the step of an operation that owns its step, if the operation needs no more than
    /// the target status for this order: then a change of status takes it too.
    pub(super) fn step_by_status(&self, operation: Operation) -> Option<Step> {
        let is_bare = operation == Operation::Deliver && self.handover.is_none();
        is_bare.then_some(Step::Deliver { code: None, note: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_are_counted_to_the_last_try_and_no_further() {
        let mut handover = Handover::default();
        for left in (0..MAX_REFUSALS).rev() {
            handover = handover.refused(Version(u64::from(10 - left)));
            assert_eq!(handover.tries_left(), left);
            assert_eq!(handover.refused_at, Some(Version(u64::from(10 - left))));
        }
        assert_eq!(handover.refused(Version(11)).tries_left(), 0);
    }
}
