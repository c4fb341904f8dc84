//! The operations on substitutions.

use domain::{
    Answer, Invalid, MAX_ITEMS, Name, Operation, Order, Proposal, Reason, Replacement, Sku, Step,
    Substitute, SubstitutionId,
};
use http_api::{Fields, ProblemKind};
use serde_json::{Value, json};

use super::operation::OperationRoute;
use crate::change::Target;

pub(super) const OPERATIONS: [OperationRoute; 3] = [
    OperationRoute {
        operation: Operation::ProposeSubstitutions,
        id: "proposeSubstitutions",
        tag: "Substitutions",
        summary: "Propose substitutions",
        read: |fields, target| propose(fields, target.order).map(Into::into),
        examples: || vec![example(), json!({ "substitutions": [example(), shortage()] })],
        refusals: &[ProblemKind::LineTaken, ProblemKind::TooMany],
    },
    OperationRoute {
        operation: Operation::ApproveSubstitution,
        id: "approveSubstitution",
        tag: "Substitutions",
        summary: "Approve a substitution",
        read: |_, target| answer(target, Answer::Approved).map(Into::into),
        examples: || vec![json!({ "note": "By telephone." })],
        refusals: &[ProblemKind::Answered],
    },
    OperationRoute {
        operation: Operation::RejectSubstitution,
        id: "rejectSubstitution",
        tag: "Substitutions",
        summary: "Reject a substitution",
        read: |_, target| answer(target, Answer::Rejected).map(Into::into),
        examples: || vec![json!({ "note": "By telephone." })],
        refusals: &[ProblemKind::Answered],
    },
];

fn example() -> Value {
    json!({
        "line": 2,
        "substitute": { "sku": "milk-oat-1l", "name": "Oat milk, 1 l" },
        "reason": "Whole milk is sold out.",
        "price_difference": 60,
    })
}

fn shortage() -> Value {
    json!({ "line": 1, "quantity": 1, "reason": "Only one is left." })
}

/// Reads one proposal, or `{"substitutions": [PROPOSAL, …]}`.
fn propose(fields: &mut Fields<'_>, order: &Order) -> Option<Step> {
    let proposals = if fields.has("substitutions") {
        let length = 1..=MAX_ITEMS;
        fields.list("substitutions", length, |fields| proposal(fields, order))
    } else {
        vec![proposal(fields, order)?]
    };
    Some(Step::ProposeSubstitutions(proposals))
}

/// Reads `{"line", "substitute": {"sku", "name"}, "reason", "price_difference"?}`, or a shortage:
/// `{"line", "reason", "quantity"?}`.
fn proposal(fields: &mut Fields<'_>, order: &Order) -> Option<Proposal> {
    let line = fields.required_integer("line", 1, i64::MAX);
    // A `null` is a look-up that found nothing, and must not take the line off the order.
    let is_shortage = !fields.names("substitute");
    if !is_shortage && !fields.has("substitute") {
        fields.wrong("substitute", "must not be null: leave it out if the line is missing");
    }
    let substitute = fields.object("substitute", |fields| {
        let sku = fields.required_text("sku", Sku::parse);
        let name = fields.required_text("name", Name::parse);
        Some(Substitute { sku: sku?, name: name? })
    });
    let reason = fields.required_text("reason", Reason::parse);
    let bound = Proposal::MAX_DIFFERENCE;
    let price_difference = fields.integer("price_difference", -bound, bound);
    let quantity = fields.integer("quantity", 0, i64::from(u32::MAX));
    if !is_shortage && quantity.is_some() {
        fields.wrong("quantity", "is only for a line without a substitute");
    }
    if is_shortage && price_difference.is_some() {
        fields.wrong("price_difference", "is only for a substitute");
    }
    let price_difference = price_difference.unwrap_or(0);
    let line = usize::try_from(line?).unwrap_or(usize::MAX);
    // An order without a basket takes no substitutions; the workflow rejects them later.
    let checked = order.basket.as_ref().map(|basket| basket.check(line, price_difference));
    if let Some(Err((field, Invalid(detail)))) = checked {
        fields.wrong(field, detail);
    }
    let quantity = u32::try_from(quantity.unwrap_or(0)).unwrap_or(u32::MAX);
    let replacement = if is_shortage {
        Replacement::Fewer { quantity }
    } else {
        Replacement::Substitute(substitute?)
    };
    Some(Proposal { line, replacement, reason: reason?, price_difference, answer: None })
}

/// Builds the answer. The substitution is in the path, and the body adds nothing.
fn answer(target: &Target<'_>, answer: Answer) -> Option<Step> {
    let number = usize::try_from(target.subresource?).unwrap_or(usize::MAX);
    Some(Step::AnswerSubstitution { id: SubstitutionId::new(number), answer })
}
