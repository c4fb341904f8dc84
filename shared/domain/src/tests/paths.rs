//! The paths of orders: those of the handwritten tables, and no others.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::workflows::{InPlaceRule, Row, Table, table_of};
use crate::samples::life::lives;
use crate::{
    Answer, Answers, Basket, CodeCheck, Event, EventData, MAX_REFUSALS, Operation, Order, Role, Via,
};

/// Returns the table's step that an event records, if it records one.
fn step<'t>(table: &'t Table, event: &Event, then: &Order) -> Option<&'t Row> {
    let from = event.previous_status?.name();
    let answers = then.basket.as_ref().map(Basket::answers);
    table.steps.iter().find(|step| {
        (step.from, step.to) == (from, event.status.name())
            && (step.when.is_none() || step.when == answers)
            && match operation(&event.data) {
                None => !step.is_owned,
                operation => step.operation == operation,
            }
    })
}

/// Returns the operation that alone produces this kind of event.
fn operation(data: &EventData) -> Option<Operation> {
    Some(match data {
        EventData::DriverAssigned { via: Via::Manual | Via::Dispatch, .. } => Operation::Assign,
        EventData::DriverAssigned { via: Via::Offer, .. } => Operation::Accept,
        EventData::DriverUnassigned { .. } => Operation::Unassign,
        EventData::StoreRejected { .. } => Operation::Reject,
        EventData::StoreReassigned { .. } => Operation::Reassign,
        EventData::SubstitutionsProposed { .. } => Operation::ProposeSubstitutions,
        EventData::SubstitutionAnswered { answer: Answer::Approved, .. } => {
            Operation::ApproveSubstitution
        }
        EventData::SubstitutionAnswered {
            answer: Answer::Rejected | Answer::LineCancelled | Answer::NotNeeded,
            ..
        } => Operation::RejectSubstitution,
        EventData::Delivered { .. } => Operation::Deliver,
        EventData::DeliveryFailed { .. } => Operation::DeliveryFailed,
        EventData::Cancelled { .. } => Operation::Cancel,
        EventData::Failed { .. } => Operation::Fail,
        EventData::Reopened { .. } => Operation::Reopen,
        _ => return None,
    })
}

proptest! {
    #[test]
    fn only_steps_of_the_tables_are_taken_each_by_its_roles(life in lives()) {
        let table = table_of(life.head().placed.workflow);
        for (event, heads) in life.events[1..].iter().zip(life.heads.windows(2)) {
            let role = event.actor.role;
            let is_theirs = match (&event.data, InPlaceRule::of_event(&event.data)) {
                (_, Some(rule)) => {
                    prop_assert!(rule.allows(heads[0].is_open()), "{:?}", event);
                    prop_assert_eq!(heads[1].status, heads[0].status);
                    rule.whose.contains(&role)
                }
                (EventData::HandoverRefused, _) => {
                    prop_assert_eq!(heads[1].status, heads[0].status);
                    let deliver = |step: &&Row| {
                        step.from == event.status.name()
                            && step.operation == Some(Operation::Deliver)
                    };
                    table.steps.iter().find(deliver).unwrap().is_for(role, &heads[0])
                }
                _ => step(table, event, &heads[1]).unwrap().is_for(role, &heads[0]),
            };
            prop_assert!(is_theirs, "{:?}", event);
        }
    }

    #[test]
    fn an_order_keeps_the_time_of_the_last_step_of_each_kind(life in lives()) {
        let table = table_of(life.head().placed.workflow);
        let mut expected = BTreeMap::new();
        for (event, head) in life.events.iter().zip(&life.heads) {
            if let Some(stamp) = step(table, event, head).and_then(|step| step.stamp)
                && InPlaceRule::of_event(&event.data).is_none()
            {
                expected.insert(stamp, event.at);
            }
            if let EventData::Reopened { .. } = event.data {
                expected.remove("delivered_at");
            }
            let found = head.stamps.iter().map(|(stamp, at)| (stamp.name(), *at));
            prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected.clone());
        }
    }

    #[test]
    fn a_closed_order_is_reopened_or_changes_in_issues_and_erasure_only(life in lives()) {
        for heads in life.heads.windows(2).filter(|heads| !heads[0].is_open()) {
            if heads[1].is_open() {
                prop_assert_eq!(heads[0].status.name(), "delivered");
                prop_assert!(!heads[0].is_erased);
                continue;
            }
            let Order { version, updated_at, issues, is_erased, .. } = heads[1].clone();
            let told = Order { version, updated_at, issues, is_erased, ..heads[0].clone() };
            prop_assert_eq!(&heads[1], &told);
        }
    }

    #[test]
    fn whoever_is_asked_has_something_to_answer(life in lives()) {
        let table = table_of(life.head().placed.workflow);
        for head in &life.heads {
            if let Some(basket) = &head.basket {
                let is_asked = basket.answers() == Answers::Missing;
                let may_be_asked = is_asked && !head.is_open();
                let asks = table.asks_at(head.status.name());
                prop_assert!(is_asked == asks || may_be_asked, "{} {:?}", head.status, basket);
            }
        }
    }

    #[test]
    fn after_five_wrong_codes_operations_alone_deliver(life in lives()) {
        let mut refusals = 0;
        for (event, head) in life.events.iter().zip(&life.heads) {
            match &event.data {
                EventData::HandoverRefused => {
                    refusals += 1;
                    prop_assert_eq!(head.handover.unwrap().refused_at, Some(event.version));
                }
                EventData::Delivered { code: Some(CodeCheck::Verified), .. } => {
                    prop_assert!(refusals < MAX_REFUSALS || event.actor.role == Role::Ops);
                }
                EventData::Delivered { code: Some(CodeCheck::Waived), .. } => {
                    prop_assert_eq!(event.actor.role, Role::Ops);
                }
                EventData::Delivered { code: None, .. } => prop_assert_eq!(head.handover, None),
                _ => {}
            }
            prop_assert!(refusals <= 5);
            prop_assert_eq!(head.handover.map_or(0, |handover| handover.refusals), refusals);
        }
    }
}
