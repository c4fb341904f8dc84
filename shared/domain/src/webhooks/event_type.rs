//! The types of messages.

use crate::EventData;
use crate::values::name_enum;

name_enum! {
    /// The type of a message: `order.` and the type of the event that it is about.
    pub enum EventType as "WebhookEventType": "The type of a message: `order.` and the event's type." {
        Created = "order.created",
        StatusChanged = "order.status_changed",
        DriverAssigned = "order.driver_assigned",
        DriverOffered = "order.driver_offered",
        OfferDeclined = "order.offer_declined",
        OfferExpired = "order.offer_expired",
        DriverUnassigned = "order.driver_unassigned",
        StoreRejected = "order.store_rejected",
        StoreReassigned = "order.store_reassigned",
        SubstitutionsProposed = "order.substitutions_proposed",
        SubstitutionAnswered = "order.substitution_answered",
        Delivered = "order.delivered",
        HandoverRefused = "order.handover_refused",
        DeliveryFailed = "order.delivery_failed",
        Cancelled = "order.cancelled",
        Failed = "order.failed",
        Reopened = "order.reopened",
        IssueOpened = "order.issue_opened",
        IssueResolved = "order.issue_resolved",
        DetailsCorrected = "order.details_corrected",
        DetailsErased = "order.details_erased",
        AlertRaised = "order.alert_raised",
        Arrived = "order.arrived",
        Approaching = "order.approaching",
        EtaChanged = "order.eta_changed",
        GpsGap = "order.gps_gap",
        GpsBack = "order.gps_back",
    }
}

impl EventType {
    /// Returns the type of the message about an event with this data.
    pub const fn of(data: &EventData) -> Self {
        match data {
            EventData::Created(_) => Self::Created,
            EventData::StatusChanged => Self::StatusChanged,
            EventData::DriverAssigned { .. } => Self::DriverAssigned,
            EventData::DriverOffered { .. } => Self::DriverOffered,
            EventData::OfferDeclined { .. } => Self::OfferDeclined,
            EventData::OfferExpired { .. } => Self::OfferExpired,
            EventData::DriverUnassigned { .. } => Self::DriverUnassigned,
            EventData::StoreRejected { .. } => Self::StoreRejected,
            EventData::StoreReassigned { .. } => Self::StoreReassigned,
            EventData::SubstitutionsProposed { .. } => Self::SubstitutionsProposed,
            EventData::SubstitutionAnswered { .. } => Self::SubstitutionAnswered,
            EventData::Delivered { .. } => Self::Delivered,
            EventData::HandoverRefused => Self::HandoverRefused,
            EventData::DeliveryFailed { .. } => Self::DeliveryFailed,
            EventData::Cancelled { .. } => Self::Cancelled,
            EventData::Failed { .. } => Self::Failed,
            EventData::Reopened { .. } => Self::Reopened,
            EventData::IssueOpened { .. } => Self::IssueOpened,
            EventData::IssueResolved { .. } => Self::IssueResolved,
            EventData::DetailsCorrected { .. } => Self::DetailsCorrected,
            EventData::DetailsErased => Self::DetailsErased,
            EventData::AlertRaised(_) => Self::AlertRaised,
            EventData::Arrived(_) => Self::Arrived,
            EventData::Approaching { .. } => Self::Approaching,
            EventData::EtaChanged(_) => Self::EtaChanged,
            EventData::GpsGap(_) => Self::GpsGap,
            EventData::GpsBack { .. } => Self::GpsBack,
        }
    }
}
