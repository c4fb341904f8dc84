//! The data of an event, by its type.
#![expect(clippy::ref_option_ref, reason = "it is serde's derive that refers to them")]

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::visibility::items::ReplacementView;
use crate::visibility::order::IssueView;
use crate::visibility::{Sight, reads_notes};
use crate::{
    Alert, AlertKind, Answer, CodeCheck, CorrectedLine, Created, CustomerReference, Description,
    DetailsField, DriverId, Eta, EtaBasis, Event, EventData, ExternalId, GpsGap, MerchantId,
    Message, Outage, Proposal, Reason, Role, Severity, StopKind, StoreId, SubstitutionId,
    Unavailable, Version, Via, Workflow,
};

/// The event's type and its visible data.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(super) enum DataView<'a> {
    /// The order was created.
    Created(CreatedView<'a>),
    /// The order's status changed.
    StatusChanged,
    /// A driver was assigned.
    DriverAssigned {
        /// The driver, whom customers do not see.
        #[serde(skip_serializing_if = "Option::is_none")]
        driver: Option<&'a DriverId>,
        /// The reason why the driver was not available, if operations assigned the order all the
        /// same. Visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        despite: Option<Unavailable>,
        /// Absent if a person assigned the driver.
        #[serde(skip_serializing_if = "Option::is_none")]
        via: Option<Via>,
    },
    /// The order was offered to drivers, of whom the first to accept gets it.
    DriverOffered {
        /// Counts the offers since the order entered its status, from 1; hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        /// The drivers, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        drivers: Option<&'a [DriverId]>,
        /// The radius in which dispatch found them, in metres; absent if a person chose them. Visible
        /// to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        radius_m: Option<u32>,
        /// The end of the offer, hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// A driver declined the offer.
    OfferDeclined {
        /// The driver, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        driver: Option<&'a DriverId>,
        /// The reason, visible to operations, support, the merchant and the driver.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// Nobody accepted the offer in time, or a round of dispatch found nobody to ask.
    OfferExpired {
        /// Counts the offers since the order entered its status, from 1; hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        /// The drivers who did not answer, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        drivers: Option<&'a [DriverId]>,
        /// The radius in which a round found nobody, in metres; absent if drivers were asked. Visible
        /// to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        radius_m: Option<u32>,
    },
    /// The driver was unassigned.
    DriverUnassigned {
        /// The driver, whom customers do not see.
        #[serde(skip_serializing_if = "Option::is_none")]
        driver: Option<&'a DriverId>,
        /// The reason, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// The store rejected the order.
    StoreRejected {
        #[serde(skip_serializing_if = "Option::is_none")]
        store: Option<&'a StoreId>,
        /// The reason, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// The order was reassigned to another store.
    StoreReassigned { store: &'a StoreId },
    /// The store proposed substitutions.
    SubstitutionsProposed { substitutions: Vec<ProposalView<'a>> },
    /// A substitution was answered.
    SubstitutionAnswered { substitution: SubstitutionId, answer: Answer },
    /// The order was delivered.
    Delivered { proof: ProofView<'a> },
    /// A delivery was refused, because the handover code was wrong.
    HandoverRefused,
    /// A delivery failed.
    DeliveryFailed {
        /// The reason, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// The order was cancelled, with a reason.
    Cancelled {
        /// The reason, visible to operations, support, the merchant and the actor.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// The order was given up, with a reason.
    Failed {
        /// The reason, visible to operations, support, the merchant and the actor.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// A wrong delivery was put right, and the order is open again.
    Reopened {
        /// The reason, visible to operations, support and the merchant.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    /// An issue was opened.
    IssueOpened {
        issue: IssueView,
        /// A description, visible to operations, support, the merchant and the author.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a Description>,
    },
    /// An issue was resolved.
    IssueResolved {
        issue: ResolvedView,
        /// The resolution, which a driver to whom the order is offered does not see.
        #[serde(skip_serializing_if = "Option::is_none")]
        resolution: Option<&'a Description>,
    },
    /// Details were corrected. The event does not contain personal values.
    DetailsCorrected {
        fields: &'a [DetailsField],
        /// The new prices of lines, of an order that a store prepares.
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        lines: &'a [CorrectedLine],
    },
    /// Personal data was erased.
    DetailsErased,
    /// An alert was raised, because the order is beyond a time limit, or dispatch found no driver.
    AlertRaised {
        alert: AlertView,
        /// The time limit of the status, in seconds; absent if the order is not beyond it.
        #[serde(skip_serializing_if = "Option::is_none")]
        limit_seconds: Option<u32>,
    },
    /// The driver has arrived at a stop.
    Arrived {
        stop: StopKind,
        /// The time at which the position was measured.
        measured_at: Timestamp,
        /// The distance of the position from the stop, in metres; hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        distance_m: Option<u32>,
        /// The accuracy of the position, in metres, if the device says so; hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        accuracy_m: Option<u32>,
    },
    /// The driver arrives at the customer's within five minutes.
    Approaching {
        /// The estimated time of arrival.
        arrives_at: Timestamp,
    },
    /// The first estimate of the driver's arrival at the customer's, or another one than was told
    /// before.
    EtaChanged {
        /// The estimated time of arrival.
        arrives_at: Timestamp,
        /// The figures that the estimate follows from; hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        basis: Option<EtaBasis>,
    },
    /// The driver's device has sent no position for too long.
    GpsGap {
        /// The time of the last position.
        since: Timestamp,
        /// The reason that the device has given, hidden from customers.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Outage>,
    },
    /// The driver's device has sent a position again.
    GpsBack {
        /// The beginning of the gap.
        since: Timestamp,
    },
}

impl<'a> DataView<'a> {
    /// Returns the data as a reader sees it; `is_own` if the reader caused the event.
    pub(super) fn of(event: &'a Event, sight: &Sight, is_own: bool) -> Self {
        let notes = reads_notes(sight.role);
        // The description of an issue and the reason of an ending are for their author, too.
        let own = notes || is_own;
        let shown = |reason| Some(reason).filter(|_| notes);
        let named = |driver| Some(driver).filter(|_| sight.reads_ids(Role::Driver));
        // Only readers who know the driver see the figures of the device.
        let measures = sight.reads_ids(Role::Driver);
        let rivals = |drivers: &'a Vec<DriverId>| Some(&drivers[..]).filter(|_| notes);
        let (is_offered, is_customer) = (sight.is_offered, sight.role == Role::Customer);
        match &event.data {
            EventData::Created(created) => Self::Created(CreatedView::of(created, is_offered)),
            EventData::StatusChanged => Self::StatusChanged,
            EventData::DriverAssigned { driver, load: _, despite, via } => {
                let despite = despite.filter(|_| notes);
                let via = Some(*via).filter(|via| *via != Via::Manual);
                Self::DriverAssigned { driver: named(driver), despite, via }
            }
            EventData::DriverOffered { round, drivers, expires_at, radius_m } => {
                Self::DriverOffered {
                    round: Some(*round).filter(|_| !is_customer),
                    drivers: rivals(drivers),
                    radius_m: radius_m.filter(|_| notes),
                    expires_at: Some(*expires_at).filter(|_| !is_customer),
                }
            }
            EventData::OfferDeclined { driver, reason } => Self::OfferDeclined {
                driver: Some(driver).filter(|_| own),
                reason: reason.as_ref().filter(|_| own),
            },
            EventData::OfferExpired { round, drivers, radius_m } => {
                let round = Some(*round).filter(|_| !is_customer);
                let radius_m = radius_m.filter(|_| notes);
                Self::OfferExpired { round, drivers: rivals(drivers), radius_m }
            }
            EventData::DriverUnassigned { driver, reason } => {
                Self::DriverUnassigned { driver: named(driver), reason: shown(reason) }
            }
            EventData::StoreRejected { store, reason } => {
                Self::StoreRejected { store: store.as_ref(), reason: shown(reason) }
            }
            EventData::StoreReassigned { store } => Self::StoreReassigned { store },
            EventData::SubstitutionsProposed { first, proposals } => {
                let proposals = first.and_following().zip(proposals).filter(|_| !is_offered);
                Self::SubstitutionsProposed {
                    substitutions: proposals.map(ProposalView::of).collect(),
                }
            }
            EventData::SubstitutionAnswered { id, answer } => {
                Self::SubstitutionAnswered { substitution: *id, answer: *answer }
            }
            EventData::Delivered { code, note } => {
                let note = note.as_ref().filter(|_| !is_offered);
                Self::Delivered { proof: ProofView { code: *code, note } }
            }
            EventData::HandoverRefused => Self::HandoverRefused,
            EventData::DeliveryFailed { reason } => Self::DeliveryFailed { reason: shown(reason) },
            EventData::Cancelled { reason } => {
                Self::Cancelled { reason: Some(reason).filter(|_| own) }
            }
            EventData::Reopened { reason, load: _ } => Self::Reopened { reason: shown(reason) },
            EventData::Failed { reason } => Self::Failed { reason: Some(reason).filter(|_| own) },
            EventData::IssueOpened { kind, severity, description, .. } => Self::IssueOpened {
                issue: IssueView::of(event.version, *kind, *severity),
                description: Some(description).filter(|_| own),
            },
            EventData::IssueResolved { id, resolution } => {
                let resolution = Some(resolution).filter(|_| !is_offered);
                Self::IssueResolved { issue: ResolvedView { id: *id }, resolution }
            }
            EventData::DetailsCorrected { fields, lines, .. } => {
                let lines = if is_offered { &[] } else { &lines[..] };
                Self::DetailsCorrected { fields, lines }
            }
            EventData::DetailsErased => Self::DetailsErased,
            EventData::AlertRaised(Alert { kind, severity, limit }) => Self::AlertRaised {
                alert: AlertView { kind: *kind, severity: *severity },
                limit_seconds: Some(*limit).filter(|limit| *limit > 0),
            },
            EventData::Arrived(arrived) => Self::Arrived {
                stop: arrived.stop,
                measured_at: arrived.measured_at,
                distance_m: Some(arrived.distance_m).filter(|_| measures),
                accuracy_m: arrived.accuracy_m.filter(|_| measures),
            },
            EventData::Approaching { arrives_at } => Self::Approaching { arrives_at: *arrives_at },
            EventData::EtaChanged(Eta { arrives_at, basis }) => {
                let basis = Some(*basis).filter(|_| measures);
                Self::EtaChanged { arrives_at: *arrives_at, basis }
            }
            EventData::GpsGap(GpsGap { since, reason }) => {
                Self::GpsGap { since: *since, reason: reason.filter(|_| measures) }
            }
            EventData::GpsBack { since } => Self::GpsBack { since: *since },
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Proposal")]
pub(super) struct ProposalView<'a> {
    id: SubstitutionId,
    /// The line to replace, from 1.
    line: usize,
    #[serde(flatten)]
    replacement: ReplacementView<'a>,
    reason: &'a Reason,
    /// The difference of the line's price, in minor units; negative if cheaper.
    price_difference: i64,
    /// `not_needed` if the customer is not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

impl<'a> ProposalView<'a> {
    fn of((id, proposal): (SubstitutionId, &'a Proposal)) -> Self {
        let Proposal { line, replacement, reason, price_difference, answer } = proposal;
        Self {
            id,
            line: *line,
            replacement: ReplacementView::of(replacement),
            reason,
            price_difference: *price_difference,
            answer: *answer,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Proof")]
pub(super) struct ProofView<'a> {
    /// The result of checking the handover code, if the order has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<CodeCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a Message>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Alert")]
pub(super) struct AlertView {
    #[serde(rename = "type")]
    kind: AlertKind,
    severity: Severity,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResolvedIssue")]
pub(super) struct ResolvedView {
    /// The version of the event that opened the issue.
    id: Version,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CreatedOrder")]
pub(super) struct CreatedView<'a> {
    merchant: &'a MerchantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a CustomerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a ExternalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a StoreId>,
    #[schemars(with = "Workflow")]
    workflow: &'static str,
}

impl<'a> CreatedView<'a> {
    /// Without references if the order `is_offered` to the reader.
    fn of(Created { placed, store, .. }: &'a Created, is_offered: bool) -> Self {
        Self {
            merchant: &placed.merchant,
            customer: placed.customer.as_ref().filter(|_| !is_offered),
            external_id: placed.external_id.as_ref().filter(|_| !is_offered),
            store: store.as_ref(),
            workflow: placed.workflow.name,
        }
    }
}
