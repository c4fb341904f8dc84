//! Checks that an order's total is the sum of its lines.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::life::lives;
use crate::samples::ops;
use crate::{Answer, Event, EventData, visibility};

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
                let places = proposals.iter().map(|it| (it.line - 1, it.price_difference));
                proposed.extend(places);
            }
            EventData::SubstitutionAnswered { id, answer } => {
                let number: usize = id.to_string().parse().unwrap();
                let (line, difference) = proposed[number - 1];
                lines[line] = match answer {
                    Answer::Approved => lines[line].map(|amount| amount + difference),
                    Answer::Rejected | Answer::LineCancelled => Some(0),
                };
            }
            _ => {}
        }
    }
    lines
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
