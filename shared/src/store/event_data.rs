//! What happened in an event, as it is stored.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::basket::{StoredBasket, StoredProposal};
use super::event::workflow_named;
use super::terms::StoredTerms;
use crate::domain::{
    Alert, AlertKind, Answer, CodeCheck, Created, CustomerReference, Description, DetailsField,
    DriverId, EventData, ExternalId, IssueKind, MerchantId, Message, Reason, Severity, StoreId,
    SubstitutionId, Version, Workflow,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum StoredData {
    Created(Box<StoredCreated>),
    StatusChanged,
    DriverAssigned {
        driver: DriverId,
    },
    DriverUnassigned {
        driver: DriverId,
        reason: Reason,
    },
    StoreRejected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<StoreId>,
        reason: Reason,
    },
    StoreReassigned {
        store: StoreId,
    },
    SubstitutionsProposed {
        first: SubstitutionId,
        proposals: Vec<StoredProposal>,
    },
    SubstitutionAnswered {
        id: SubstitutionId,
        answer: Answer,
    },
    Delivered {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<CodeCheck>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Message>,
    },
    HandoverRefused,
    DeliveryFailed {
        reason: Reason,
    },
    IssueOpened {
        kind: IssueKind,
        severity: Severity,
        description: Description,
    },
    IssueResolved {
        id: Version,
        resolution: Description,
    },
    DetailsCorrected {
        fields: Vec<DetailsField>,
    },
    DetailsErased,
    AlertRaised {
        alert: AlertKind,
        severity: Severity,
        /// In seconds.
        limit: u32,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredCreated {
    merchant: MerchantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerReference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    workflow: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basket: Option<StoredBasket>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_handover_code: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<StoredTerms>,
}

impl From<&Created> for StoredCreated {
    fn from(created: &Created) -> Self {
        Self {
            merchant: created.merchant.clone(),
            customer: created.customer.clone(),
            external_id: created.external_id.clone(),
            store: created.store.clone(),
            workflow: created.workflow.name.to_owned(),
            basket: created.basket.as_ref().map(StoredBasket::from),
            has_handover_code: created.has_handover_code,
            terms: StoredTerms::of(&created.terms),
        }
    }
}

impl TryFrom<StoredCreated> for Created {
    type Error = StoreError;

    fn try_from(stored: StoredCreated) -> Result<Self, StoreError> {
        let workflow = workflow_named(&stored.workflow)?;
        let terms = stored.terms.map(|it| it.into_terms(workflow)).transpose()?;
        Ok(Self {
            merchant: stored.merchant,
            customer: stored.customer,
            external_id: stored.external_id,
            store: stored.store,
            workflow,
            basket: stored.basket.map(StoredBasket::into_basket).transpose()?,
            has_handover_code: stored.has_handover_code,
            terms: terms.unwrap_or_default(),
        })
    }
}

impl StoredData {
    /// What the order follows whose creation this is.
    pub(super) fn workflow(&self) -> Result<&'static Workflow, StoreError> {
        match self {
            Self::Created(created) => workflow_named(&created.workflow),
            _ => Err(StoreError::corrupt("a history does not begin with a creation")),
        }
    }
}

impl From<&EventData> for StoredData {
    fn from(data: &EventData) -> Self {
        match data.clone() {
            EventData::Created(created) => Self::Created(Box::new((&*created).into())),
            EventData::StatusChanged => Self::StatusChanged,
            EventData::DriverAssigned { driver } => Self::DriverAssigned { driver },
            EventData::DriverUnassigned { driver, reason } => {
                Self::DriverUnassigned { driver, reason }
            }
            EventData::StoreRejected { store, reason } => Self::StoreRejected { store, reason },
            EventData::StoreReassigned { store } => Self::StoreReassigned { store },
            EventData::SubstitutionsProposed { first, proposals } => {
                let proposals = proposals.into_iter().map(StoredProposal::from).collect();
                Self::SubstitutionsProposed { first, proposals }
            }
            EventData::SubstitutionAnswered { id, answer } => {
                Self::SubstitutionAnswered { id, answer }
            }
            EventData::Delivered { code, note } => Self::Delivered { code, note },
            EventData::HandoverRefused => Self::HandoverRefused,
            EventData::DeliveryFailed { reason } => Self::DeliveryFailed { reason },
            EventData::IssueOpened { kind, severity, description } => {
                Self::IssueOpened { kind, severity, description }
            }
            EventData::IssueResolved { id, resolution } => Self::IssueResolved { id, resolution },
            EventData::DetailsCorrected { fields } => Self::DetailsCorrected { fields },
            EventData::DetailsErased => Self::DetailsErased,
            EventData::AlertRaised(Alert { kind, severity, limit }) => {
                Self::AlertRaised { alert: kind, severity, limit }
            }
        }
    }
}

impl StoredData {
    pub(super) fn into_data(self) -> Result<EventData, StoreError> {
        Ok(match self {
            Self::Created(created) => EventData::Created(Box::new((*created).try_into()?)),
            Self::StatusChanged => EventData::StatusChanged,
            Self::DriverAssigned { driver } => EventData::DriverAssigned { driver },
            Self::DriverUnassigned { driver, reason } => {
                EventData::DriverUnassigned { driver, reason }
            }
            Self::StoreRejected { store, reason } => EventData::StoreRejected { store, reason },
            Self::StoreReassigned { store } => EventData::StoreReassigned { store },
            Self::SubstitutionsProposed { first, proposals } => {
                let proposals = proposals.into_iter().map(Into::into).collect();
                EventData::SubstitutionsProposed { first, proposals }
            }
            Self::SubstitutionAnswered { id, answer } => {
                EventData::SubstitutionAnswered { id, answer }
            }
            Self::Delivered { code, note } => EventData::Delivered { code, note },
            Self::HandoverRefused => EventData::HandoverRefused,
            Self::DeliveryFailed { reason } => EventData::DeliveryFailed { reason },
            Self::IssueOpened { kind, severity, description } => {
                EventData::IssueOpened { kind, severity, description }
            }
            Self::IssueResolved { id, resolution } => EventData::IssueResolved { id, resolution },
            Self::DetailsCorrected { fields } => EventData::DetailsCorrected { fields },
            Self::DetailsErased => EventData::DetailsErased,
            Self::AlertRaised { alert: kind, severity, limit } => {
                EventData::AlertRaised(Alert { kind, severity, limit })
            }
        })
    }
}
