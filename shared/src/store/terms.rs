//! What an order is placed on, as its head and its first event hold it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::event::status_named;
use crate::domain::{Autopilot, Limit, Limits, StoreId, Terms, Unanswered, Workflow};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredTerms {
    #[serde(default, skip_serializing_if = "StoredLimits::is_empty")]
    limits: StoredLimits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fallback_store: Option<StoreId>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    autopilot: Option<Autopilot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unanswered: Option<Unanswered>,
}

/// Seconds, by the status's name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct StoredLimits(BTreeMap<String, Limit>);

impl StoredTerms {
    /// None where nothing is said, which weighs nothing.
    pub(super) fn of(terms: Terms) -> Option<Self> {
        let is_said = !terms.is_empty();
        let Terms { limits, fallback_store, autopilot, unanswered } = terms;
        let limits = StoredLimits::of(&limits);
        is_said.then_some(Self { limits, fallback_store, autopilot, unanswered })
    }

    pub(super) fn into_terms(self, workflow: &Workflow) -> Result<Terms, StoreError> {
        let Self { limits, fallback_store, autopilot, unanswered } = self;
        Ok(Terms { limits: limits.into_limits(workflow)?, fallback_store, autopilot, unanswered })
    }
}

impl StoredLimits {
    pub(super) fn of(limits: &Limits) -> Self {
        Self(limits.iter().map(|(status, limit)| (status.to_owned(), limit)).collect())
    }

    pub(super) fn into_limits(self, workflow: &Workflow) -> Result<Limits, StoreError> {
        let limits = self.0.into_iter();
        let limits = limits.map(|(name, limit)| Ok((status_named(workflow, &name)?, limit)));
        Ok(Limits::new(limits.collect::<Result<Vec<_>, StoreError>>()?))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
