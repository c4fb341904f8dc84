//! Properties of an order and its history under any commands.

use proptest::prelude::*;

use crate::samples::life::{CODE, Decision, Life, REGISTERED, Wanted, lives};
use crate::samples::{at, driver_id, items_of};
use crate::visibility::sees;
use crate::{
    Action, Answer, Author, CodeCheck, Command, CorrectedLine, Correction, DetailsField, DriverId,
    EventData, InPlace, Order, Phase, Principal, Proposal, Rejection, Remarks, Replacement, Role,
    Shortages, Step, SubstitutionId, Version, Via,
};

proptest! {
    #[test]
    fn versions_count_from_one_without_a_gap(life in lives()) {
        for (event, expected) in life.events.iter().zip(1..) {
            prop_assert_eq!(event.version, Version(expected));
        }
    }

    #[test]
    fn an_event_begins_where_the_one_before_it_ended(life in lives()) {
        let statuses = life.events.iter().map(|event| Some(event.status));
        for (event, before) in life.events.iter().zip(std::iter::once(None).chain(statuses)) {
            prop_assert_eq!(event.previous_status, before);
        }
        prop_assert_eq!(life.head().status, life.events[life.events.len() - 1].status);
    }

    #[test]
    fn time_does_not_run_backwards_even_if_clocks_do(life in lives()) {
        prop_assert!(life.events.is_sorted_by_key(|event| event.at));
        for decision in &life.decisions {
            for event in decision.outcome.iter().flatten() {
                prop_assert_eq!(event.at, at(decision.clock).max(decision.head.updated_at));
            }
        }
    }

    #[test]
    fn only_who_sees_an_order_is_answered(life in lives()) {
        for decision in &life.decisions {
            let unseen = matches!(decision.outcome, Err(Rejection::Unseen));
            let sees = match &decision.wanted {
                Wanted::By(principal, command) => {
                    let was_asked = is_answer(command)
                        && principal.role() == Role::Driver
                        && asked(&decision.head).contains(&driver_id(principal.id.as_str()));
                    was_asked || sees(principal, &decision.head)
                }
                Wanted::Due | Wanted::Round(..) | Wanted::News(_) => true,
            };
            prop_assert_eq!(unseen, !sees);
        }
    }

    #[test]
    fn an_event_says_who_did_what_and_what_they_said(life in lives()) {
        for decision in &life.decisions {
            let Ok(events) = &decision.outcome else { continue };
            let Wanted::By(principal, command) = &decision.wanted else { continue };
            let data: Vec<_> = events.iter().map(|event| event.data.clone()).collect();
            prop_assert_eq!(data, said(command, decision, principal));
            let remarks = [command.remarks.clone()].into_iter();
            for (event, said) in events.iter().zip(remarks.chain([Remarks::default()])) {
                prop_assert_eq!(&event.actor, &principal.actor());
                prop_assert_eq!(&event.note, &said.note);
                prop_assert_eq!(&event.message, &said.message);
                prop_assert_eq!(&event.metadata, &said.metadata);
            }
        }
    }

    #[test]
    fn a_decision_on_an_older_head_claims_a_version_that_is_taken(life in lives()) {
        let mut committed = life.events[..life.creation_events()].to_vec();
        for decision in &life.decisions {
            let events: Vec<_> = decision.outcome.iter().flatten().cloned().collect();
            for (event, claimed) in events.iter().zip(decision.head.version.0 + 1..) {
                prop_assert_eq!(event.version, Version(claimed));
            }
            let is_taken = life.head().version > decision.head.version;
            prop_assert!(events.is_empty() || is_taken);
            committed.extend(events.into_iter().filter(|_| decision.committed));
        }
        prop_assert_eq!(&committed, &life.events);
    }

    #[test]
    fn what_was_refused_leaves_no_trace(life in lives()) {
        let mut again = Life { decisions: vec![], ..life.clone() };
        again.events.truncate(life.creation_events());
        again.heads.truncate(life.creation_events());
        for kept in life.decisions.iter().filter(|decision| decision.committed) {
            again.decide(again.heads.len() - 1, &kept.wanted, kept.clock);
        }
        prop_assert_eq!(again.events, life.events);
        prop_assert_eq!(again.heads, life.heads);
    }
}

/// Returns the drivers of the order's last offer.
fn asked(head: &Order) -> &[DriverId] {
    head.offer.as_ref().map_or(&[], |offer| &offer.drivers)
}

fn is_answer(command: &Command) -> bool {
    matches!(
        command.action,
        Action::Step(Step::Accept { .. }) | Action::InPlace(InPlace::Decline { .. })
    )
}

/// Returns the events that an accepted command is to record.
fn said(command: &Command, decision: &Decision, by: &Principal) -> Vec<EventData> {
    let head = &decision.head;
    let step = match command.action.clone() {
        Action::Step(step) => step,
        Action::InPlace(action) => return said_in_place(action, decision, by),
    };
    vec![match step {
        Step::ChangeStatus { to } if to.phase() == Phase::Delivered => {
            EventData::Delivered { code: None, note: None }
        }
        Step::ChangeStatus { .. } | Step::Plain(_) => EventData::StatusChanged,
        Step::Reject { reason, reassign_to } => {
            let rejected = EventData::StoreRejected { store: head.store.clone(), reason };
            let reassigned = reassign_to.map(|store| EventData::StoreReassigned { store });
            return [rejected].into_iter().chain(reassigned).collect();
        }
        Step::Reassign { store } => EventData::StoreReassigned { store },
        Step::ProposeSubstitutions(proposals) => {
            let before = head.basket.as_ref().unwrap().substitutions.len();
            let proposals = proposals.into_iter().map(|it| completed(it, head)).collect();
            EventData::SubstitutionsProposed { first: SubstitutionId::after(before), proposals }
        }
        Step::AnswerSubstitution { id, answer } => EventData::SubstitutionAnswered { id, answer },
        Step::Assign { driver, .. } => {
            let via = if by.role() == Role::System { Via::Dispatch } else { Via::Manual };
            EventData::DriverAssigned { load: is_load(&driver), driver, despite: None, via }
        }
        Step::Accept { driver }
            if head.driver.as_ref() == Some(&driver) && asked(head).contains(&driver) =>
        {
            return vec![];
        }
        Step::Accept { driver } => EventData::DriverAssigned {
            load: is_load(&driver),
            driver,
            despite: None,
            via: Via::Offer,
        },
        Step::Unassign { reason } => {
            EventData::DriverUnassigned { driver: head.driver.clone().unwrap(), reason }
        }
        Step::Deliver { code: Some(code), .. } if code.as_str() != CODE => {
            EventData::HandoverRefused
        }
        Step::Deliver { code, note } => {
            let waived_or_verified = code.map_or(CodeCheck::Waived, |_| CodeCheck::Verified);
            EventData::Delivered { code: head.handover.map(|_| waived_or_verified), note }
        }
        Step::DeliveryFailed { reason } => EventData::DeliveryFailed { reason },
        Step::Cancel { reason } => EventData::Cancelled { reason },
        Step::Fail { reason } => EventData::Failed { reason },
        Step::Reopen { reason } => EventData::Reopened { reason, load: head.is_load },
    }]
}

fn is_load(driver: &DriverId) -> bool {
    driver.as_str() == REGISTERED
}

/// Returns the proposal with the price and the answer that follow if it is about fewer of a line.
fn completed(proposal: Proposal, head: &Order) -> Proposal {
    let Replacement::Fewer { quantity } = proposal.replacement else { return proposal };
    let basket = head.basket.as_ref().unwrap();
    let item = &items_of(basket, 2)[proposal.line - 1];
    let earlier = match basket.in_place_of(proposal.line).map(|it| &it.replacement) {
        Some(Replacement::Fewer { quantity }) => *quantity,
        _ => 2,
    };
    let unit = item.unit_price.map_or(0, |price| i64::try_from(u64::from(price)).unwrap());
    let price_difference = match quantity {
        0 => -basket.amount(proposal.line).unwrap_or_default(),
        some => -unit * i64::from(earlier - some),
    };
    let asks = head.placed.terms.shortages == Shortages::Ask;
    Proposal { price_difference, answer: (!asks).then_some(Answer::NotNeeded), ..proposal }
}

/// A correction that changes nothing needs no event. The samples set the price of line 1 to 100.
fn corrected(correction: &Correction, head: &Order) -> Vec<EventData> {
    let basket = head.basket.as_ref();
    let price = basket.and_then(|basket| items_of(basket, 2)[0].unit_price);
    let is_new = price.map(u64::from) != Some(100);
    let mut fields = correction.fields();
    fields.retain(|field| *field != DetailsField::Items || is_new);
    if fields.is_empty() {
        return vec![];
    }
    let quantity = match basket.and_then(|it| it.in_place_of(1)).map(|it| &it.replacement) {
        Some(Replacement::Fewer { quantity }) => i64::from(*quantity),
        _ => 2,
    };
    let line = CorrectedLine { line: 1, amount: Some(100 * quantity) };
    let lines = fields.contains(&DetailsField::Items).then_some(line).into_iter().collect();
    vec![EventData::DetailsCorrected { fields, lines, currency: None }]
}

fn said_in_place(action: InPlace, decision: &Decision, by: &Principal) -> Vec<EventData> {
    let head = &decision.head;
    vec![match action {
        InPlace::OpenIssue { kind, severity, description } => {
            let by = match by.role() {
                Role::Ops => Author::Ops,
                Role::Support => Author::Support,
                Role::Merchant => Author::Merchant,
                Role::Driver => Author::Driver(driver_id(by.id.as_str())),
                Role::Customer => Author::Customer,
                Role::System => panic!("Waybill opens no issues"),
            };
            EventData::IssueOpened { kind, severity, description, by: Some(by) }
        }
        InPlace::ResolveIssue { id, resolution } => EventData::IssueResolved { id, resolution },
        InPlace::CorrectDetails(correction) => return corrected(&correction, head),
        InPlace::EraseDetails if head.is_erased => return vec![],
        InPlace::EraseDetails => EventData::DetailsErased,
        InPlace::RaiseAlert(alert) => EventData::AlertRaised(alert),
        InPlace::Offer(offering) => EventData::DriverOffered {
            round: head
                .offer
                .as_ref()
                .filter(|it| it.expires_at.is_some() || it.ended_at.is_some())
                .map_or(1, |offer| offer.round + 1),
            drivers: offering.drivers,
            radius_m: None,
            // The time of the event, which a late clock does not decide.
            expires_at: at(decision.clock).max(head.updated_at).plus_seconds(45),
        },
        InPlace::Decline { driver, .. }
            if head.offer.as_ref().is_some_and(|it| it.declined.contains(&driver)) =>
        {
            return vec![];
        }
        InPlace::Decline { driver, reason } => EventData::OfferDeclined { driver, reason },
        InPlace::ExpireOffer | InPlace::FindNobody(_) | InPlace::Tell(_) => {
            panic!("Waybill does this by itself")
        }
    }]
}
