//! The contents of an order, as far as decisions need them: what each line costs, and what is to
//! stand in for what is missing. Names and quantities are in the details.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, Answers, Currency, Details, Invalid, LineItem, Proposal, Substitute, SubstitutionId,
};

/// The most that an order may add up to, in minor units: exact in any JSON reader.
pub const MAX_TOTAL: i64 = 1_000_000_000_000_000;

/// The most substitutions of one order, answered ones too.
pub const MAX_SUBSTITUTIONS: usize = 10;

/// The lines of an order that a store prepares; this is also how a head and the first
/// event store them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basket {
    /// The currency of every price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The price of each line, in minor units, from line 1 on; `None` for a line without a price.
    pub lines: Vec<Option<i64>>,
    /// In the order of their proposal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutions: Vec<Substitution>,
    /// How many of them were answered before the customer was asked again.
    #[serde(default, rename = "settled", skip_serializing_if = "is_zero")]
    pub answered_before: usize,
}

/// A proposed replacement of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// The line, from 1.
    pub line: usize,
    #[serde(flatten)]
    pub substitute: Substitute,
    /// The difference of the line's price, in minor units; negative if cheaper.
    #[serde(rename = "difference")]
    pub price_difference: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// Whether a count is 0, and so left out of what is stored.
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

    /// Whether the customer does without the line.
    pub fn is_removed(&self, line: usize) -> bool {
        let answer = self.of_line(line).and_then(|it| it.answer);
        matches!(answer, Some(Answer::Rejected | Answer::LineCancelled))
    }

    /// The substitution of a line, which has one at most.
    pub fn of_line(&self, line: usize) -> Option<&Substitution> {
        self.substitutions.iter().find(|it| it.line == line)
    }

    /// The substitution with this id.
    pub fn substitution(&self, id: SubstitutionId) -> Option<&Substitution> {
        self.substitutions.get(id.index()?)
    }

    /// Refuses a proposal, by its field, that no line of the order can take,
    /// whatever else was proposed.
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

    /// Where its substitutions stand.
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

    /// The basket once these are proposed.
    #[must_use]
    pub fn proposed(mut self, proposals: &[Proposal]) -> Self {
        if self.substitutions.iter().all(|it| it.answer.is_some()) {
            self.answered_before = self.substitutions.len();
        }
        self.substitutions.extend(proposals.iter().cloned().map(Substitution::from));
        self
    }

    /// The basket once a substitution is answered.
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
    /// Returns the increase of the line's price, in minor units. A cheaper substitute makes no
    /// room for a dearer one.
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

    /// An earlier question is answered: it decides no more, and is off all the same.
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

    /// A customer who is asked more before answering still has to answer all of it.
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
