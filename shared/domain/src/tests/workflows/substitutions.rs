//! The status that an answer to a substitution leads to, depending on the other answers.

use super::expectation::outcome;
use super::{Row, for_everybody_everywhere};
use crate::Answer::{Approved, LineCancelled, Rejected};
use crate::Answers::{Missing, NoneRejected, NothingLeft, SomeRejected};
use crate::samples::{basket, proposal, shortage};
use crate::{Answer, Answers, Basket, Order, Step, SubstitutionId};

/// The answers of a customer, by round and line; the last question is not answered yet.
struct Asked {
    lines: usize,
    rounds: &'static [&'static [Option<Answer>]],
    /// The state once the last question is approved.
    approved: Answers,
    /// The state once the last question is rejected.
    rejected: Answers,
    /// The state once the line of the last question is cancelled.
    cancelled: Answers,
}

const ASKED: [Asked; 10] = [
    Asked {
        lines: 3,
        rounds: &[&[None]],
        approved: NoneRejected,
        rejected: SomeRejected,
        cancelled: NoneRejected,
    },
    Asked {
        lines: 3,
        rounds: &[&[None, None]],
        approved: Missing,
        rejected: Missing,
        cancelled: Missing,
    },
    Asked {
        lines: 3,
        rounds: &[&[Some(Approved), None]],
        approved: NoneRejected,
        rejected: SomeRejected,
        cancelled: NoneRejected,
    },
    Asked {
        lines: 3,
        rounds: &[&[Some(Rejected), None]],
        approved: SomeRejected,
        rejected: SomeRejected,
        cancelled: SomeRejected,
    },
    Asked {
        lines: 3,
        rounds: &[&[Some(LineCancelled), None]],
        approved: NoneRejected,
        rejected: SomeRejected,
        cancelled: NoneRejected,
    },
    // A rejection in an earlier round does not count.
    Asked {
        lines: 3,
        rounds: &[&[Some(Rejected)], &[None]],
        approved: NoneRejected,
        rejected: SomeRejected,
        cancelled: NoneRejected,
    },
    // The store found another item missing before the customer had answered.
    Asked {
        lines: 4,
        rounds: &[&[Some(Rejected), None], &[None]],
        approved: Missing,
        rejected: Missing,
        cancelled: Missing,
    },
    Asked {
        lines: 1,
        rounds: &[&[None]],
        approved: NoneRejected,
        rejected: NothingLeft,
        cancelled: NothingLeft,
    },
    Asked {
        lines: 2,
        rounds: &[&[Some(Rejected)], &[None]],
        approved: NoneRejected,
        rejected: NothingLeft,
        cancelled: NothingLeft,
    },
    Asked {
        lines: 2,
        rounds: &[&[Some(LineCancelled), None]],
        approved: NoneRejected,
        rejected: NothingLeft,
        cancelled: NothingLeft,
    },
];

impl Asked {
    fn basket(&self) -> Basket {
        let mut basket = basket(&vec![Some(100); self.lines]);
        for round in self.rounds {
            let before = basket.substitutions.len();
            let lines = (before + 1..).take(round.len());
            basket = basket.proposed(&lines.map(|line| proposal(line, 0)).collect::<Vec<_>>());
            for (id, answer) in SubstitutionId::after(before).and_following().zip(*round) {
                if let Some(answer) = answer {
                    basket = basket.answered(id, *answer);
                }
            }
        }
        basket
    }
}

/// Returns the order, with its customer asked about lines 1 and 3.
pub(super) fn two_asked(order: &Order) -> Order {
    let asked = [proposal(1, 0), proposal(3, 0)];
    Order { basket: order.basket.clone().map(|basket| basket.proposed(&asked)), ..order.clone() }
}

/// A shortage that nobody is asked about leaves the order where it is, or without a line. A
/// workflow that always asks has no way for it.
#[test]
fn a_shortage_leads_where_the_lines_that_are_left_lead() {
    let mut rows = 0;
    for_everybody_everywhere(|table, order, principal| {
        let status = order.status.name();
        if table.asks_at(status) || order.basket.is_none() {
            return;
        }
        for (lines, then) in [(2, NoneRejected), (1, NothingLeft)] {
            let order = Order { basket: Some(basket(&vec![Some(100); lines])), ..order.clone() };
            let report = Step::ProposeSubstitutions(vec![shortage(1, 0)]);
            let operation = report.operation().unwrap();
            let expected = table.operation(&order, operation, Some(then), principal.role());
            assert_eq!(outcome(&order, principal, report), expected, "{status} by {principal:?}");
            rows += 1;
        }
    });
    assert!(rows > 100, "{rows}");
}

#[test]
fn the_last_answer_leads_where_all_answers_lead() {
    let mut rows = 0;
    for_everybody_everywhere(|table, order, principal| {
        let status = order.status.name();
        if !table.asks_at(status) {
            return;
        }
        for asked in &ASKED {
            let order = Order { basket: Some(asked.basket()), ..order.clone() };
            let id = SubstitutionId::new(asked.rounds.iter().map(|round| round.len()).sum());
            let answers = [
                (Approved, asked.approved),
                (Rejected, asked.rejected),
                (LineCancelled, asked.cancelled),
            ];
            for (answer, then) in answers {
                let action = Step::AnswerSubstitution { id, answer };
                let operation = action.operation().unwrap();
                let leads =
                    |step: &Row| step.operation == Some(operation) && step.when == Some(then);
                // A workflow that does not answer for customers cancels no line.
                if answer == LineCancelled && !table.steps.iter().any(leads) {
                    continue;
                }
                let expected = table.operation(&order, operation, Some(then), principal.role());
                let found = outcome(&order, principal, action);
                assert_eq!(found, expected, "{answer:?} to {:?} by {principal:?}", asked.rounds);
                rows += 1;
            }
        }
    });
    assert!(rows > 0, "nobody is asked");
}
