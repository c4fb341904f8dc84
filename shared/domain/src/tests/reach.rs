//! Checks that the random lives reach everything. Otherwise a property could hold for all lives
//! only because nothing happens in them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::workflows::table_of;
use crate::samples::life::{Decision, Life, Wanted, lives};
use crate::samples::{at, ops};
use crate::webhooks::EventType;
use crate::{EventData, Rejection, Workflow, visibility};

fn many_lives() -> Vec<Life> {
    let mut runner = TestRunner::deterministic();
    (0..2048).map(|_| lives().new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn chance_leaves_nothing_out() {
    let lives = many_lives();
    every_status_is_reached(&lives);
    every_event_happens(&lives);
    everything_is_done_by_itself(&lives);
    let decisions: Vec<_> = lives.iter().flat_map(|life| &life.decisions).collect();
    every_refusal_is_heard(&decisions);
    assert!(decisions.iter().copied().any(is_lost));
    assert!(decisions.iter().copied().any(is_by_a_slow_clock));
    assert!(decisions.iter().any(|decision| decision.outcome == Ok(vec![])));
    let is_round = |it: &&Decision| it.committed && matches!(it.wanted, Wanted::Round(..));
    let rounds = decisions.iter().copied().filter(is_round);
    let of_rounds: BTreeSet<_> = rounds
        .flat_map(|it| it.outcome.iter().flatten())
        .map(|event| EventType::of(&event.data).name())
        .collect();
    let expected = [
        "order.alert_raised",
        "order.driver_assigned",
        "order.driver_offered",
        "order.offer_expired",
    ];
    assert_eq!(of_rounds, expected.into());
}

fn is_lost(decision: &Decision) -> bool {
    !decision.committed && decision.outcome.as_ref().is_ok_and(|events| !events.is_empty())
}

fn is_by_a_slow_clock(decision: &Decision) -> bool {
    decision.committed && at(decision.clock) < decision.head.updated_at
}

fn every_status_is_reached(lives: &[Life]) {
    let heads = lives.iter().flat_map(|life| &life.heads);
    let reached: BTreeSet<_> =
        heads.map(|head| (head.placed.workflow.name, head.status.name())).collect();
    let tables = Workflow::ALL.iter().map(|workflow| table_of(workflow));
    let all =
        tables.flat_map(|table| table.statuses.iter().map(|place| (table.workflow, place.status)));
    assert_eq!(reached, all.collect());
}

fn every_event_happens(lives: &[Life]) {
    let events = lives.iter().flat_map(|life| life.events.iter().zip(&life.heads));
    let kinds: BTreeSet<_> = events
        .map(|(event, head)| {
            let view = json!(visibility::event(&ops(), head, event));
            view["type"].as_str().unwrap().to_owned()
        })
        .collect();
    let all = [
        "alert_raised",
        "approaching",
        "arrived",
        "cancelled",
        "created",
        "delivered",
        "delivery_failed",
        "details_corrected",
        "details_erased",
        "driver_assigned",
        "driver_offered",
        "driver_unassigned",
        "eta_changed",
        "failed",
        "gps_back",
        "gps_gap",
        "handover_refused",
        "issue_opened",
        "issue_resolved",
        "offer_declined",
        "offer_expired",
        "reopened",
        "status_changed",
        "store_reassigned",
        "store_rejected",
        "substitution_answered",
        "substitutions_proposed",
    ];
    assert_eq!(kinds, all.map(str::to_owned).into());
}

/// Checks that due orders have caused every kind of action by Waybill itself.
fn everything_is_done_by_itself(lives: &[Life]) {
    let events = lives.iter().flat_map(|life| &life.events);
    let parts = ["sweep", "autopilot"];
    let by_itself = events.filter(|event| parts.contains(&event.actor.id.as_str()));
    let done: BTreeSet<_> = by_itself
        .filter_map(|event| match &event.data {
            EventData::AlertRaised(alert) => Some(alert.kind.name()),
            EventData::SubstitutionAnswered { answer, .. } => Some(answer.name()),
            EventData::StoreReassigned { .. } => Some("reassigned"),
            EventData::Delivered { .. } => Some("delivered"),
            EventData::StatusChanged if event.status.name() == "cancelled" => Some("cancelled"),
            _ => None,
        })
        .collect();
    let all = [
        "approved",
        "cancelled",
        "delayed",
        "delivered",
        "late_acknowledgement",
        "line_cancelled",
        "no_driver",
        "reassigned",
        "rejected",
    ];
    assert_eq!(done, all.into());
}

/// Too many substitutions are missing: they take two answers about each line of an order.
fn every_refusal_is_heard(decisions: &[&Decision]) {
    let refusals = decisions.iter().filter_map(|decision| decision.outcome.as_ref().err());
    let all = [
        "already assigned",
        "answered",
        "for its driver",
        "handover code missing",
        "handover locked",
        "has another driver",
        "is closed",
        "is erased",
        "is open",
        "line taken",
        "no handover code",
        "no such transition",
        "no such issue",
        "no such substitution",
        "not offerable",
        "not your issue",
        "not yours",
        "offer over",
        "only offered",
        "owned by operation",
        "same store",
        "too many issues",
        "too many substitutions",
        "unfit",
        "unfit fields",
        "unseen",
    ];
    assert_eq!(refusals.map(name).collect::<BTreeSet<_>>(), all.into());
}

fn name(refusal: &Rejection) -> &'static str {
    match refusal {
        Rejection::Unseen => "unseen",
        Rejection::NoSuchTransition { .. } => "no such transition",
        Rejection::ForItsDriver { .. } => "for its driver",
        Rejection::OwnedByOperation { .. } => "owned by operation",
        Rejection::AlreadyAssigned { .. } => "already assigned",
        Rejection::HasAnotherDriver { .. } => "has another driver",
        Rejection::NotYourIssue { .. } => "not your issue",
        Rejection::SameStore { .. } => "same store",
        Rejection::LineTaken { .. } => "line taken",
        Rejection::UnfitSubstitution { .. } => "unfit",
        Rejection::TooManySubstitutions { .. } => "too many substitutions",
        Rejection::NoSuchSubstitution => "no such substitution",
        Rejection::Answered { .. } => "answered",
        Rejection::HandoverCodeMissing => "handover code missing",
        Rejection::NoHandoverCode => "no handover code",
        Rejection::HandoverLocked { .. } => "handover locked",
        Rejection::TooManyIssues { .. } => "too many issues",
        Rejection::NoSuchIssue { .. } => "no such issue",
        Rejection::IsClosed { .. } => "is closed",
        Rejection::IsErased { .. } => "is erased",
        Rejection::IsOpen { .. } => "is open",
        Rejection::NotYours { .. } => "not yours",
        Rejection::NotOfferable { .. } => "not offerable",
        Rejection::OnlyOffered { .. } => "only offered",
        Rejection::OfferOver { .. } => "offer over",
        Rejection::OfferStands { .. } => "offer stands",
        Rejection::UnfitFields(_) => "unfit fields",
        Rejection::DriverUnavailable { .. } | Rejection::UnknownDriver { .. } => "of a roster",
        Rejection::UnknownStore { .. }
        | Rejection::ExternalIdTaken { .. }
        | Rejection::ForAnother
        | Rejection::MayNotCreate { .. } => "of a creation",
    }
}
