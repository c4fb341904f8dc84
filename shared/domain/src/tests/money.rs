//! Checks that an order's total is the sum of its lines.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::life::lives;
use crate::samples::ops;
use crate::{Answer, CorrectedLine, Event, EventData, Proposal, Replacement, visibility};

/// Computes the price of each line from an order's events: 0 for a removed line, `None` for a
/// line without a price.
fn lines(events: &[Event]) -> Vec<Option<i64>> {
    let EventData::Created(created) = &events[0].data else { panic!("a first event creates") };
    let mut lines = created.basket.clone().unwrap().lines;
    // The line and the price difference of each substitution, in the order of their ids.
    let mut proposed = vec![];
    for event in events {
        match &event.data {
            EventData::SubstitutionsProposed { proposals, .. } => {
                for Proposal { line, replacement, price_difference, answer, .. } in proposals {
                    let asked = (line - 1, replacement, *price_difference);
                    proposed.push(asked);
                    if answer.is_some() {
                        accept(&mut lines, asked);
                    }
                }
            }
            EventData::DetailsCorrected { lines: corrected, .. } => {
                for CorrectedLine { line, amount } in corrected {
                    lines[line - 1] = *amount;
                }
            }
            EventData::SubstitutionAnswered { id, answer } => {
                let number: usize = id.to_string().parse().unwrap();
                match answer {
                    Answer::Approved => accept(&mut lines, proposed[number - 1]),
                    Answer::Rejected | Answer::LineCancelled => {
                        lines[proposed[number - 1].0] = Some(0);
                    }
                    Answer::NotNeeded => panic!("nobody answers that"),
                }
            }
            _ => {}
        }
    }
    lines
}

/// Changes the price of the line that an accepted substitution is about.
fn accept(lines: &mut [Option<i64>], (line, to, difference): (usize, &Replacement, i64)) {
    lines[line] = match to {
        Replacement::Fewer { quantity: 0 } => Some(0),
        Replacement::Substitute(_) | Replacement::Fewer { .. } => {
            lines[line].map(|amount| amount + difference)
        }
    };
}

proptest! {
    #[test]
    fn an_order_costs_what_its_lines_cost(life in lives()) {
        for (head, version) in life.heads.iter().zip(1..) {
            let Some(basket) = &head.basket else { continue };
            let lines = lines(&life.events[..version]);
            prop_assert!(lines.iter().flatten().all(|amount| *amount >= 0), "{:?}", lines);
            let total = lines.iter().copied().sum::<Option<i64>>();
            prop_assert_eq!(basket.total(), total);
            let view = json!(visibility::order(&ops(), head, None));
            prop_assert_eq!(view.get("total").and_then(Value::as_i64), total);
        }
    }

    #[test]
    fn a_line_is_off_the_order_once_its_substitute_is_rejected(life in lives()) {
        for head in &life.heads {
            let Some(basket) = &head.basket else { continue };
            for (line, amount) in (1..).zip(&basket.lines) {
                let mut without = basket.clone();
                without.lines[line - 1] = amount.map(|amount| amount + 1);
                let counts = basket.total() != without.total();
                let priced = amount.is_some() && basket.total().is_some();
                prop_assert!(!priced || counts != basket.is_removed(line));
            }
        }
    }
}
