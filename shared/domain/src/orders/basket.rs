//! The contents of an order, as far as decisions need them: the price of each line, and the
//! proposed substitutions. The lines' names and quantities are in the details.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, Answers, Currency, Details, Invalid, LineItem, Proposal, Substitute, SubstitutionId,
};

/// The maximum total of an order, in minor units; any JSON reader represents it exactly.
pub const MAX_TOTAL: i64 = 1_000_000_000_000_000;

/// The maximum number of substitutions of an order, including answered ones.
pub const MAX_SUBSTITUTIONS: usize = 10;

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
    pub substitute: Substitute,
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
        let lines = (1..).zip(&self.lines).filter(|(line, _)| !self.is_removed(*line));
        let lines: Option<Vec<i64>> = lines.map(|(_, amount)| *amount).collect();
        let approved = self.substitutions.iter().filter(|it| it.answer == Some(Answer::Approved));
        let differences = approved.map(|it| it.price_difference);
        Some(lines?.into_iter().chain(differences).fold(0, i64::saturating_add))
    }

    /// True if the line was cancelled or its substitution rejected.
    pub fn is_removed(&self, line: usize) -> bool {
        let answer = self.of_line(line).and_then(|it| it.answer);
        matches!(answer, Some(Answer::Rejected | Answer::LineCancelled))
    }

    /// Returns the substitution of a line; a line has at most one.
    pub fn of_line(&self, line: usize) -> Option<&Substitution> {
        self.substitutions.iter().find(|it| it.line == line)
    }

    /// Returns the substitution with this id.
    pub fn substitution(&self, id: SubstitutionId) -> Option<&Substitution> {
        self.substitutions.get(id.index()?)
    }

    /// Checks that the line exists and can take the price difference, regardless of other
    /// proposals. An error names the invalid field.
    pub fn check(&self, line: usize, price_difference: i64) -> Result<(), (&'static str, Invalid)> {
        match line.checked_sub(1).and_then(|at| self.lines.get(at)) {
            None => Err(("line", Invalid::new("must be a line of the order"))),
            Some(None) if price_difference != 0 => {
                Err(("price_difference", Invalid::new("must be 0, because the line has no price")))
            }
            Some(Some(amount)) if amount + price_difference < 0 => {
                let detail = format!("must not be less than -{amount}, the price of the line");
                Err(("price_difference", Invalid(detail.into())))
            }
            Some(_) => Ok(()),
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
}

impl From<Proposal> for Substitution {
    fn from(proposal: Proposal) -> Self {
        let Proposal { line, substitute, price_difference, .. } = proposal;
        Self { line, substitute, price_difference, answer: None }
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
