//! The contents of an order, as far as decisions need them: the price of each line, and the
//! proposed substitutions. The lines' names and quantities are in the details.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, Answers, CorrectedLine, Currency, Details, Invalid, LineItem, Proposal, Quantity,
    Replacement, SubstitutionId,
};

/// The maximum total of an order, in minor units; any JSON reader represents it exactly.
pub const MAX_TOTAL: i64 = 1_000_000_000_000_000;

/// The maximum number of substitutions per line of an order, including answered ones.
pub const MAX_SUBSTITUTIONS_PER_LINE: usize = 2;

/// The maximum length of an order's substitutes, their SKUs and names together, in bytes. It
/// keeps the head within one live message.
pub const MAX_SUBSTITUTE_BYTES: usize = 32 * 1024;

/// The contents of an order that a store prepares; a head and the first event store this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basket {
    /// The currency of all prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The price of each line, in minor units, from line 1 on; `None` for a line without a price.
    pub lines: Vec<Option<i64>>,
    /// In the order in which they were proposed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutions: Vec<Substitution>,
    /// The number of substitutions from earlier rounds, which were all answered before the
    /// current round of proposals began.
    #[serde(default, rename = "settled", skip_serializing_if = "is_zero")]
    pub answered_before: usize,
}

/// A proposed replacement of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// The line to replace, from 1.
    pub line: usize,
    #[serde(flatten)]
    pub replacement: Replacement,
    /// The difference of the line's price, in minor units; negative if cheaper.
    #[serde(rename = "difference")]
    pub price_difference: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// True if the count is 0; the stored form then omits it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Basket {
    /// Returns the basket of an order with these details.
    pub fn of(details: &Details) -> Self {
        Self {
            currency: details.currency.clone(),
            lines: details.items.iter().map(LineItem::amount).collect(),
            substitutions: Vec::new(),
            answered_before: 0,
        }
    }

    /// Returns the customer's total, in minor units; `None` if a line has no price.
    pub fn total(&self) -> Option<i64> {
        let left = (1..=self.lines.len()).filter(|line| !self.is_removed(*line));
        let amounts: Option<Vec<i64>> = left.map(|line| self.amount(line)).collect();
        Some(amounts?.into_iter().fold(0, i64::saturating_add))
    }

    /// Returns the price of a line that is not removed, in minor units, with the differences of
    /// its accepted substitutions; `None` if it has no price.
    pub fn amount(&self, line: usize) -> Option<i64> {
        let ordered = *self.lines.get(line.checked_sub(1)?)?;
        let differences = self.accepted(line).map(|it| it.price_difference);
        Some(differences.fold(ordered?, i64::saturating_add))
    }

    /// True if the customer gets nothing of the line.
    pub fn is_removed(&self, line: usize) -> bool {
        self.of_line(line).any(Substitution::removes_its_line)
    }

    /// True if a substitution of the line is not answered.
    pub fn is_asked_about(&self, line: usize) -> bool {
        self.of_line(line).any(|it| it.answer.is_none())
    }

    /// Returns the substitution whose goods the customer gets for the line; `None` for the goods
    /// that were ordered.
    pub fn in_place_of(&self, line: usize) -> Option<&Substitution> {
        self.accepted(line).last()
    }

    /// Returns how many of the ordered goods the customer gets for a line; `None` if the customer
    /// gets a substitute.
    pub fn quantity(&self, line: usize, ordered: Quantity) -> Option<u32> {
        match self.in_place_of(line).map(|it| &it.replacement) {
            None => Some(ordered.get()),
            Some(Replacement::Fewer { quantity }) => Some(*quantity),
            Some(Replacement::Substitute(_)) => None,
        }
    }

    fn accepted(&self, line: usize) -> impl Iterator<Item = &Substitution> {
        let is_accepted =
            |it: &&Substitution| matches!(it.answer, Some(Answer::Approved | Answer::NotNeeded));
        self.of_line(line).filter(is_accepted)
    }

    fn of_line(&self, line: usize) -> impl Iterator<Item = &Substitution> {
        self.substitutions.iter().filter(move |it| it.line == line)
    }

    /// True if the order has more substitutions, or longer ones, than an order can have. A line
    /// can always be reported as missing.
    pub fn is_overfull(&self) -> bool {
        let all = || self.substitutions.iter().map(|it| &it.replacement);
        let bytes: usize = all().map(Replacement::bytes).sum();
        let count = all().filter(|it| **it != Replacement::Fewer { quantity: 0 }).count();
        count > MAX_SUBSTITUTIONS_PER_LINE * self.lines.len() || bytes > MAX_SUBSTITUTE_BYTES
    }

    /// Returns the substitution with this id.
    pub fn substitution(&self, id: SubstitutionId) -> Option<&Substitution> {
        self.substitutions.get(id.index()?)
    }

    /// Checks that the line exists and can take the price difference, regardless of other
    /// proposals. An error names the invalid field.
    pub fn check(&self, line: usize, price_difference: i64) -> Result<(), (&'static str, Invalid)> {
        if !(1..=self.lines.len()).contains(&line) {
            return Err(("line", Invalid::new("must be a line of the order")));
        }
        match self.amount(line) {
            None if price_difference != 0 => {
                Err(("price_difference", Invalid::new("must be 0, because the line has no price")))
            }
            Some(amount) if amount.saturating_add(price_difference) < 0 => {
                let detail = format!("must not be less than -{amount}, the price of the line");
                Err(("price_difference", Invalid(detail.into())))
            }
            None | Some(_) => Ok(()),
        }
    }

    /// Returns the state of the answers to the substitutions.
    pub fn answers(&self) -> Answers {
        let asked = || self.substitutions.iter().skip(self.answered_before);
        if self.substitutions.iter().any(|it| it.answer.is_none()) {
            Answers::Missing
        } else if (1..=self.lines.len()).all(|line| self.is_removed(line)) {
            Answers::NothingLeft
        } else if asked().any(|it| it.answer == Some(Answer::Rejected)) {
            Answers::SomeRejected
        } else {
            Answers::NoneRejected
        }
    }

    /// Returns the basket with the proposals added.
    #[must_use]
    pub fn proposed(mut self, proposals: &[Proposal]) -> Self {
        if self.substitutions.iter().all(|it| it.answer.is_some()) {
            self.answered_before = self.substitutions.len();
        }
        self.substitutions.extend(proposals.iter().cloned().map(Substitution::from));
        self
    }

    /// Returns the basket with these prices of lines.
    #[must_use]
    pub fn corrected(mut self, lines: &[CorrectedLine], currency: Option<&Currency>) -> Self {
        for CorrectedLine { line, amount } in lines {
            let differences: i64 = self.accepted(*line).map(|it| it.price_difference).sum();
            if let Some(price) = line.checked_sub(1).and_then(|at| self.lines.get_mut(at)) {
                // The accepted substitutions of the line are a part of its new price.
                *price = amount.map(|amount| amount.saturating_sub(differences));
            }
        }
        self.currency = currency.cloned().or(self.currency);
        self
    }

    /// True if the line has a substitution, answered or not.
    pub fn has_substitution(&self, line: usize) -> bool {
        self.of_line(line).next().is_some()
    }

    /// Returns the basket with the substitution answered.
    #[must_use]
    pub fn answered(mut self, id: SubstitutionId, answer: Answer) -> Self {
        let asked = id.index().and_then(|at| self.substitutions.get_mut(at));
        if let Some(substitution) = asked {
            substitution.answer = Some(answer);
        }
        self
    }
}

impl Substitution {
    /// Returns the increase of the line's price, in minor units; 0 for a cheaper substitute,
    /// which must not offset a dearer one.
    pub fn surcharge(&self) -> i64 {
        self.price_difference.max(0)
    }

    /// True if the customer gets nothing of the line because of this substitution.
    fn removes_its_line(&self) -> bool {
        match self.answer {
            Some(Answer::Rejected | Answer::LineCancelled) => true,
            Some(Answer::Approved | Answer::NotNeeded) => {
                self.replacement == Replacement::Fewer { quantity: 0 }
            }
            None => false,
        }
    }
}

impl Replacement {
    /// Returns the length of the texts, in bytes.
    fn bytes(&self) -> usize {
        match self {
            Self::Substitute(substitute) => {
                substitute.sku.as_str().len() + substitute.name.as_str().len()
            }
            Self::Fewer { .. } => 0,
        }
    }
}

impl From<Proposal> for Substitution {
    fn from(proposal: Proposal) -> Self {
        let Proposal { line, replacement, price_difference, answer, .. } = proposal;
        Self { line, replacement, price_difference, answer }
    }
}

#[cfg(test)]
mod tests {
    use Answer::{Approved, Rejected};

    use super::*;
    use crate::samples::{basket, proposal};

    fn answered(basket: Basket, answers: &[(usize, Answer)]) -> Basket {
        answers
            .iter()
            .fold(basket, |basket, (id, answer)| basket.answered(SubstitutionId::new(*id), *answer))
    }

    #[test]
    fn a_total_is_of_what_is_left() {
        let asked = basket(&[Some(700), Some(250), Some(50)])
            .proposed(&[proposal(1, -200), proposal(2, 100)]);
        for (answers, total) in [
            (&[][..], 1000),
            (&[(1, Approved)], 800),
            (&[(2, Approved)], 1100),
            (&[(1, Approved), (2, Approved)], 900),
            (&[(1, Rejected)], 300),
            (&[(1, Rejected), (2, Approved)], 400),
            (&[(1, Rejected), (2, Rejected)], 50),
        ] {
            assert_eq!(answered(asked.clone(), answers).total(), Some(total), "{answers:?}");
        }
    }

    #[test]
    fn what_has_no_price_leaves_no_total_until_it_is_off() {
        let asked = basket(&[Some(700), None]).proposed(&[proposal(2, 0)]);
        assert_eq!(asked.total(), None);
        assert_eq!(answered(asked.clone(), &[(1, Approved)]).total(), None);
        assert_eq!(answered(asked, &[(1, Rejected)]).total(), Some(700));
        assert_eq!(basket(&[]).total(), Some(0));
    }

    /// An answer from an earlier round no longer decides the result, but its line stays removed.
    #[test]
    fn a_round_is_decided_by_its_own_answers() {
        let first = basket(&[Some(700), Some(250), Some(50)]).proposed(&[proposal(1, 0)]);
        let first = answered(first, &[(1, Rejected)]);
        assert_eq!(first.answers(), Answers::SomeRejected);
        let second = first.proposed(&[proposal(2, 0)]);
        assert_eq!((second.answered_before, second.answers()), (1, Answers::Missing));
        let approved = answered(second.clone(), &[(2, Approved)]);
        assert_eq!((approved.answers(), approved.total()), (Answers::NoneRejected, Some(300)));
        let rejected = answered(second, &[(2, Rejected)]);
        assert_eq!((rejected.answers(), rejected.total()), (Answers::SomeRejected, Some(50)));
        let third = answered(rejected.proposed(&[proposal(3, 0)]), &[(3, Rejected)]);
        assert_eq!((third.answers(), third.total()), (Answers::NothingLeft, Some(0)));
    }

    /// Proposals added before the last answer belong to the same round: the customer has to
    /// answer all of them.
    #[test]
    fn a_round_ends_with_its_last_answer() {
        let asked =
            basket(&[Some(700), Some(250), Some(50)]).proposed(&[proposal(1, 0), proposal(2, 0)]);
        let asked = answered(asked, &[(1, Rejected)]).proposed(&[proposal(3, 0)]);
        assert_eq!((asked.answered_before, asked.answers()), (0, Answers::Missing));
        let decided = answered(asked, &[(2, Approved), (3, Approved)]);
        assert_eq!(decided.answers(), Answers::SomeRejected);
    }

    #[test]
    fn a_line_bears_a_difference_up_to_its_price() {
        let basket = basket(&[Some(700), None, Some(0)]);
        for (line, difference, wrong) in [
            (1, -700, None),
            (1, Proposal::MAX_DIFFERENCE, None),
            (1, -701, Some("price_difference")),
            (2, 0, None),
            (2, 1, Some("price_difference")),
            (2, -1, Some("price_difference")),
            (3, 0, None),
            (3, -1, Some("price_difference")),
            (0, 0, Some("line")),
            (4, 0, Some("line")),
            (usize::MAX, 0, Some("line")),
        ] {
            let field = basket.check(line, difference).err().map(|(field, _)| field);
            assert_eq!(field, wrong, "{line}: {difference}");
        }
    }
}
