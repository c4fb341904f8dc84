//! The bodies of what store and customer say of substitutes.

use shared::domain::{
    Action, Answer, Invalid, MAX_SUBSTITUTIONS, Name, Order, Proposal, Reason, Sku, Substitute,
    SubstitutionId,
};
use shared::http::Fields;

use crate::change::Target;

/// One proposal, or `{"substitutions": [PROPOSAL, …]}`.
pub(super) fn propose(fields: &mut Fields<'_>, order: &Order) -> Option<Action> {
    let proposals = if fields.has("substitutions") {
        let length = 1..=MAX_SUBSTITUTIONS;
        fields.list("substitutions", length, |fields| proposal(fields, order))
    } else {
        vec![proposal(fields, order)?]
    };
    Some(Action::ProposeSubstitutions(proposals))
}

/// `{"line", "substitute": {"sku", "name"}, "reason", "price_difference"?}`
fn proposal(fields: &mut Fields<'_>, order: &Order) -> Option<Proposal> {
    let line = fields.required_integer("line", 1, i64::MAX);
    let substitute = fields.required_object("substitute", |fields| {
        let sku = fields.required_text("sku", Sku::parse);
        let name = fields.required_text("name", Name::parse);
        Some(Substitute { sku: sku?, name: name? })
    });
    let reason = fields.required_text("reason", Reason::parse);
    let bound = Proposal::MAX_DIFFERENCE;
    let price_difference = fields.integer("price_difference", -bound, bound).unwrap_or(0);
    let line = usize::try_from(line?).unwrap_or(usize::MAX);
    // An order without a basket has no substitutions, which is for the workflow to say.
    let checked = order.basket.as_ref().map(|basket| basket.check(line, price_difference));
    if let Some(Err((field, Invalid(detail)))) = checked {
        fields.wrong(field, detail);
    }
    Some(Proposal { line, substitute: substitute?, reason: reason?, price_difference })
}

/// The path names the substitution; the body says no more.
pub(super) fn answer(target: &Target<'_>, answer: Answer) -> Option<Action> {
    let number = usize::try_from(target.part?).unwrap_or(usize::MAX);
    Some(Action::AnswerSubstitution { id: SubstitutionId::new(number), answer })
}
