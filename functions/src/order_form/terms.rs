//! The fields `autopilot` and `unanswered` in the body of `POST /orders`.

use domain::{Autopilot, Bounds, Invalid, Proposal, Shape, Shaped, Unanswered};
use http_api::Fields;

/// Reads `{"step_seconds"}`.
pub(super) fn autopilot(fields: &mut Fields<'_>) -> Option<Autopilot> {
    fields.object("autopilot", |fields| fields.required_number("step_seconds"))
}

/// Reads `{"answer", "price_cap"?}`.
pub(super) fn unanswered(fields: &mut Fields<'_>) -> Option<Unanswered> {
    let choice = fields.required_text("answer", Choice::named);
    let price_cap = fields.integer("price_cap", 0, Proposal::MAX_DIFFERENCE);
    match choice? {
        Choice::Approve => Some(Unanswered::Approve { price_cap: price_cap.unwrap_or(0) }),
        Choice::Reject | Choice::CancelLine if price_cap.is_some() => {
            fields.wrong("price_cap", "is only for the answer approve");
            None
        }
        Choice::Reject => Some(Unanswered::Reject),
        Choice::CancelLine => Some(Unanswered::CancelLine),
    }
}

/// The answer to use if the customer does not answer in time.
#[derive(Clone, Copy)]
enum Choice {
    Approve,
    Reject,
    CancelLine,
}

impl Choice {
    const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::CancelLine];

    const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::CancelLine => "cancel_line",
        }
    }

    fn named(name: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|choice| choice.name() == name);
        known.ok_or(Invalid::new("must be approve, reject or cancel_line"))
    }
}

impl Shaped for Choice {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The answer to use when the customer does not answer in time.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}
