//! An event as it is seen.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::order::{IssueView, SubstituteView};
use super::{reads_notes, sees};
use crate::domain::time::Timestamp;
use crate::domain::{
    Actor, CodeCheck, Created, CustomerReference, Event, EventData, ExternalId, MerchantId,
    Message, Metadata, Note, Order, Principal, Proposal, Reason, Status, StoreId, SubstitutionId,
    Version,
};

/// An event as one principal sees it.
#[derive(Debug, Serialize)]
pub struct EventView<'a> {
    version: Version,
    #[serde(rename = "type")]
    kind: &'static str,
    status: Status,
    previous_status: Option<Status>,
    at: Timestamp,
    actor: &'a Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

/// What `principal` sees of an `event` of `order`, the order as it is now:
/// nothing if the order is not theirs now.
pub fn event<'a>(principal: &Principal, order: &Order, event: &'a Event) -> Option<EventView<'a>> {
    if !sees(principal, order) {
        return None;
    }
    let notes = reads_notes(principal.role());
    let told = notes || event.actor == principal.actor();
    let (kind, data) = data(event, notes, told);
    Some(EventView {
        version: event.version,
        kind,
        status: event.status,
        previous_status: event.previous_status,
        at: event.at,
        actor: &event.actor,
        note: event.note.as_ref().filter(|_| notes),
        message: event.message.as_ref(),
        metadata: &event.metadata,
        data,
    })
}

/// The event's type and what is shown of its data to somebody who reads `notes`, or
/// whose own event it is (`told`).
fn data(event: &Event, notes: bool, told: bool) -> (&'static str, Option<Value>) {
    let (kind, data) = match &event.data {
        EventData::Created(created) => ("created", json!(CreatedView::of(created))),
        EventData::StatusChanged => ("status_changed", Value::Null),
        EventData::DriverAssigned { driver } => ("driver_assigned", json!({ "driver": driver })),
        EventData::DriverUnassigned { driver, reason } => {
            ("driver_unassigned", json!({ "driver": driver, "reason": shown(notes, reason) }))
        }
        EventData::StoreRejected { store, reason } => {
            ("store_rejected", json!({ "store": store, "reason": shown(notes, reason) }))
        }
        EventData::StoreReassigned { store } => ("store_reassigned", json!({ "store": store })),
        EventData::SubstitutionsProposed { first, proposals } => {
            let views: Vec<_> =
                first.and_following().zip(proposals).map(ProposalView::of).collect();
            ("substitutions_proposed", json!({ "substitutions": views }))
        }
        EventData::SubstitutionAnswered { id, answer } => {
            ("substitution_answered", json!({ "substitution": id, "answer": answer.name() }))
        }
        EventData::Delivered { code, note } => {
            let proof = without_nulls(json!({ "code": code.map(CodeCheck::name), "note": note }));
            ("delivered", json!({ "proof": proof }))
        }
        EventData::HandoverRefused => ("handover_refused", Value::Null),
        EventData::DeliveryFailed { reason } => {
            ("delivery_failed", json!({ "reason": shown(notes, reason) }))
        }
        EventData::IssueOpened { kind, severity, description } => {
            let issue = IssueView::of(event.version, *kind, *severity);
            let description = shown(told, description);
            ("issue_opened", json!({ "issue": issue, "description": description }))
        }
        EventData::IssueResolved { id, resolution } => {
            ("issue_resolved", json!({ "issue": { "id": id }, "resolution": resolution }))
        }
        EventData::DetailsCorrected { fields } => {
            ("details_corrected", json!({ "fields": fields }))
        }
        EventData::DetailsErased => ("details_erased", Value::Null),
    };
    (kind, without_nulls(data))
}

fn shown<T>(to_them: bool, what: &T) -> Option<&T> {
    to_them.then_some(what)
}

/// What is not there has no field.
fn without_nulls(data: Value) -> Option<Value> {
    let Value::Object(fields) = data else { return None };
    let fields: Map<_, _> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}

#[derive(Serialize)]
struct ProposalView<'a> {
    id: SubstitutionId,
    line: usize,
    substitute: SubstituteView<'a>,
    reason: &'a Reason,
    price_difference: i64,
}

impl<'a> ProposalView<'a> {
    fn of((id, proposal): (SubstitutionId, &'a Proposal)) -> Self {
        let Proposal { line, substitute, reason, price_difference } = proposal;
        let substitute = SubstituteView::of(substitute);
        Self { id, line: *line, substitute, reason, price_difference: *price_difference }
    }
}

#[derive(Serialize)]
struct CreatedView<'a> {
    merchant: &'a MerchantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a CustomerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a ExternalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a StoreId>,
    workflow: &'static str,
}

impl<'a> CreatedView<'a> {
    fn of(created: &'a Created) -> Self {
        Self {
            merchant: &created.merchant,
            customer: created.customer.as_ref(),
            external_id: created.external_id.as_ref(),
            store: created.store.as_ref(),
            workflow: created.workflow.name,
        }
    }
}
