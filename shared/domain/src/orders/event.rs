//! Events of an order: the data that steps record, and its effect on the order.

use clock::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::name_enum;
use crate::{
    Actor, Alert, Answer, Arrived, Author, Basket, CodeCheck, Currency, Description, DetailsField,
    DriverId, Eta, GpsGap, Issue, IssueKind, Message, Metadata, Note, Offer, Order, Placed,
    Proposal, Reason, Severity, Status, Step, StoreId, SubstitutionId, Unavailable, Version,
};

/// An immutable event of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The position in the order's history, from 1.
    pub version: Version,
    /// The status after the event.
    pub status: Status,
    /// The status before the event; `None` for the first event.
    pub previous_status: Option<Status>,
    pub at: Timestamp,
    pub actor: Actor,
    /// A note, visible to operations, support and the merchant.
    pub note: Option<Note>,
    /// A message, visible to everyone who can see the order.
    pub message: Option<Message>,
    /// Free-form pairs of the event; for the first event, those of the order.
    pub metadata: Metadata,
    pub data: EventData,
}

/// The data of an event, by type; history stores this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventData {
    Created(Box<Created>),
    /// The status changed, without further data.
    StatusChanged,
    DriverAssigned {
        driver: DriverId,
        /// True if the driver has a roster, which counts the order.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        load: bool,
        /// The reason why the driver was not available, if operations assigned the order all the
        /// same. Visible to operations, support and the merchant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        despite: Option<Unavailable>,
        #[serde(default, skip_serializing_if = "Via::is_manual")]
        via: Via,
    },
    /// The order was offered to drivers, of whom the first to accept gets it.
    DriverOffered {
        /// Counts the offers since the order entered its status, from 1.
        round: u32,
        /// Visible to operations, support and the merchant.
        drivers: Vec<DriverId>,
        expires_at: Timestamp,
        /// The radius in which dispatch looked for drivers, in metres. Visible to operations, support
        /// and the merchant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        radius_m: Option<u32>,
    },
    OfferDeclined {
        driver: DriverId,
        /// Visible to operations, support, the merchant and the driver.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Nobody accepted in time, or a round of dispatch found nobody to ask.
    OfferExpired {
        round: u32,
        /// The drivers who did not answer. Visible to operations, support and the merchant.
        drivers: Vec<DriverId>,
        /// The radius in which dispatch found nobody, in metres. Visible to operations, support and
        /// the merchant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        radius_m: Option<u32>,
    },
    DriverUnassigned {
        driver: DriverId,
        /// Visible to operations, support and the merchant.
        reason: Reason,
    },
    StoreRejected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<StoreId>,
        /// Visible to operations, support and the merchant.
        reason: Reason,
    },
    StoreReassigned {
        store: StoreId,
    },
    SubstitutionsProposed {
        /// The id of the first proposal; the ids of the others follow without a gap.
        first: SubstitutionId,
        proposals: Vec<Proposal>,
    },
    SubstitutionAnswered {
        id: SubstitutionId,
        answer: Answer,
    },
    Delivered {
        /// The result of the code check, if the order has a code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<CodeCheck>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Message>,
    },
    /// The delivery was refused because the handover code was wrong.
    HandoverRefused,
    DeliveryFailed {
        /// Visible to operations, support and the merchant.
        reason: Reason,
    },
    /// The order was cancelled, with a reason; a change of status records `StatusChanged`.
    Cancelled {
        /// Visible to operations, support, the merchant and the actor.
        reason: Reason,
    },
    /// The order was given up, with a reason; a change of status records `StatusChanged`.
    Failed {
        /// Visible to operations, support, the merchant and the actor.
        reason: Reason,
    },
    /// A wrong delivery was put right: the order is in its last open status again.
    Reopened {
        /// Visible to operations, support and the merchant.
        reason: Reason,
        /// True if the roster of the order's driver counts the order again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        load: bool,
    },
    /// An issue was opened; the event's version is its id.
    IssueOpened {
        kind: IssueKind,
        severity: Severity,
        /// Visible to operations, support, the merchant and the reporter.
        description: Description,
        /// The author as the head stores it; `None` before authors were recorded, so that old
        /// histories fold to old heads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    IssueResolved {
        id: Version,
        resolution: Description,
    },
    /// Details were corrected. The event does not contain personal values.
    DetailsCorrected {
        fields: Vec<DetailsField>,
        /// The new prices of lines, if the order's head has the prices.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<CorrectedLine>,
        /// The currency that the correction gave, if the order's head has the prices.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<Currency>,
    },
    DetailsErased,
    /// The order exceeded the time limit of its status.
    AlertRaised(Alert),
    /// The driver has arrived at a stop.
    Arrived(Arrived),
    /// The driver arrives at the customer's within minutes.
    Approaching {
        arrives_at: Timestamp,
    },
    /// The driver is estimated to arrive at the customer's at another time than was told before.
    EtaChanged(Eta),
    /// The driver's device has sent no position for too long.
    GpsGap(GpsGap),
    /// The driver's device has sent a position again.
    GpsBack {
        /// The beginning of the gap.
        since: Timestamp,
    },
}

name_enum! {
    /// The way in which a driver got an order.
    #[derive(Default)]
    pub enum Via as _: "`offer` if the driver accepted an offer, `dispatch` if Waybill assigned the driver by itself, `manual` if somebody did." {
        #[default]
        Manual = "manual",
        Offer = "offer",
        Dispatch = "dispatch",
    }
}

impl Via {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_manual(&self) -> bool {
        *self == Self::Manual
    }
}

/// The price of a line after a correction; history stores this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectedLine {
    /// The line's number, from 1.
    pub line: usize,
    /// In minor units; absent for a line without a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
}

/// The facts of an order at its creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    #[serde(flatten)]
    pub placed: Placed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// The contents, if a store prepares the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basket: Option<Basket>,
    /// True if the handover requires a code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_handover_code: bool,
}

/// The findings of the checks of a step, which its event records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// The result of a delivery's code check.
    pub(super) code: Option<CodeCheck>,
    /// True if the driver who has the order after the step has a roster.
    pub(super) load: bool,
    /// The reason why this driver was not available.
    pub(super) despite: Option<Unavailable>,
    /// The way in which this driver gets the order.
    pub(super) via: Via,
}

impl EventData {
    /// Returns the data of the event that a step on `order` records, or `None` if the order lacks
    /// the basket or driver that the step is about.
    pub(super) fn of_step(step: Step, order: &Order, found: Found) -> Option<Self> {
        let Found { code, load, despite, via } = found;
        Some(match step {
            Step::ChangeStatus { .. } | Step::Plain(_) => Self::StatusChanged,
            Step::Reject { reason, .. } => {
                Self::StoreRejected { store: order.store.clone(), reason }
            }
            Step::Reassign { store } => Self::StoreReassigned { store },
            Step::ProposeSubstitutions(proposals) => {
                let before = order.basket.as_ref()?.substitutions.len();
                Self::SubstitutionsProposed { first: SubstitutionId::after(before), proposals }
            }
            Step::AnswerSubstitution { id, answer } => Self::SubstitutionAnswered { id, answer },
            Step::Assign { driver, .. } | Step::Accept { driver } => {
                Self::DriverAssigned { driver, load, despite, via }
            }
            Step::Unassign { reason } => {
                Self::DriverUnassigned { driver: order.driver.clone()?, reason }
            }
            Step::Deliver { note, .. } => Self::Delivered { code, note },
            Step::DeliveryFailed { reason } => Self::DeliveryFailed { reason },
            Step::Cancel { reason } => Self::Cancelled { reason },
            Step::Fail { reason } => Self::Failed { reason },
            Step::Reopen { reason } => Self::Reopened { reason, load },
        })
    }

    /// True if the event is a step of the workflow, even one that keeps the status.
    pub const fn is_step(&self) -> bool {
        match self {
            Self::Created(_)
            | Self::StatusChanged
            | Self::DriverAssigned { .. }
            | Self::DriverUnassigned { .. }
            | Self::StoreRejected { .. }
            | Self::StoreReassigned { .. }
            | Self::SubstitutionsProposed { .. }
            | Self::SubstitutionAnswered { .. }
            | Self::Delivered { .. }
            | Self::DeliveryFailed { .. }
            | Self::Cancelled { .. }
            | Self::Failed { .. }
            | Self::Reopened { .. } => true,
            Self::HandoverRefused
            | Self::DriverOffered { .. }
            | Self::OfferDeclined { .. }
            | Self::OfferExpired { .. }
            | Self::IssueOpened { .. }
            | Self::IssueResolved { .. }
            | Self::DetailsCorrected { .. }
            | Self::DetailsErased
            | Self::AlertRaised(_)
            | Self::Arrived(_)
            | Self::Approaching { .. }
            | Self::EtaChanged(_)
            | Self::GpsGap(_)
            | Self::GpsBack { .. } => false,
        }
    }

    /// True if the event asks the customer a question, which restarts the limit of the status.
    pub fn asks_customer(&self) -> bool {
        match self {
            Self::SubstitutionsProposed { proposals, .. } => {
                proposals.iter().any(|proposal| proposal.answer.is_none())
            }
            _ => false,
        }
    }
}

impl Event {
    /// Applies the event to the order, except for status and times.
    pub(super) fn apply(&self, mut order: Order) -> Order {
        match &self.data {
            EventData::DriverAssigned { driver, load, .. } => {
                (order.driver, order.is_load) = (Some(driver.clone()), *load);
            }
            EventData::DriverUnassigned { .. } => (order.driver, order.is_load) = (None, false),
            EventData::Reopened { load, .. } => order.is_load = *load,
            EventData::DriverOffered { round, drivers, expires_at, .. } => {
                let (round, drivers, expires_at) = (*round, drivers.clone(), Some(*expires_at));
                order.offer = Some(Offer { round, drivers, expires_at, ..Offer::default() });
            }
            EventData::OfferDeclined { driver, .. } => {
                order.offer = order.offer.map(|offer| offer.declined_by(driver, self.at));
            }
            EventData::OfferExpired { round, .. } => {
                let last = order.offer.unwrap_or_default();
                order.offer = Some(Offer { round: *round, ..last }.over(self.at));
            }
            EventData::StoreReassigned { store } => order.store = Some(store.clone()),
            EventData::SubstitutionsProposed { proposals, .. } => {
                order.basket = order.basket.map(|basket| basket.proposed(proposals));
            }
            EventData::SubstitutionAnswered { id, answer } => {
                order.basket = order.basket.map(|basket| basket.answered(*id, *answer));
            }
            EventData::DetailsCorrected { lines, currency, .. } => {
                order.basket =
                    order.basket.map(|basket| basket.corrected(lines, currency.as_ref()));
            }
            EventData::HandoverRefused => {
                order.handover = order.handover.map(|handover| handover.refused(self.version));
            }
            EventData::IssueOpened { kind, severity, by, .. } => {
                let (kind, severity, by) = (*kind, *severity, by.clone());
                order.issues.push(Issue { id: self.version, kind, severity, by });
            }
            EventData::IssueResolved { id, .. } => order.issues.retain(|issue| issue.id != *id),
            EventData::DetailsErased => order.is_erased = true,
            EventData::Created(_)
            | EventData::StatusChanged
            | EventData::StoreRejected { .. }
            | EventData::Delivered { .. }
            | EventData::DeliveryFailed { .. }
            | EventData::Cancelled { .. }
            | EventData::Failed { .. }
            | EventData::AlertRaised(_)
            // The trip follows from the order after the event.
            | EventData::Arrived(_)
            | EventData::Approaching { .. }
            | EventData::EtaChanged(_)
            | EventData::GpsGap(_)
            | EventData::GpsBack { .. } => {}
        }
        order
    }
}
