//! What an order is placed on, as its head and its first event hold it.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::event::status_named;
use crate::domain::{Autopilot, Limit, Limits, StoreId, Terms, Unanswered, Workflow};

/// A head has little room, so it holds them as `LIMITS;FALLBACK_STORE;STEP_SECONDS;UNANSWERED`,
/// each of which may be empty.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct StoredTerms(String);

impl StoredTerms {
    /// None where nothing is said, which weighs nothing.
    pub(super) fn of(terms: &Terms) -> Option<Self> {
        let Terms { limits, fallback_store, autopilot, unanswered } = terms;
        let parts = [
            limits_text(limits),
            fallback_store.as_ref().map(ToString::to_string).unwrap_or_default(),
            autopilot.map(|autopilot| autopilot.step_seconds().to_string()).unwrap_or_default(),
            unanswered.map(unanswered_text).unwrap_or_default(),
        ];
        (!terms.is_empty()).then(|| Self(parts.join(";")))
    }

    pub(super) fn into_terms(self, workflow: &Workflow) -> Result<Terms, StoreError> {
        let Self(text) = self;
        let corrupt = || StoreError::corrupt(format_args!("no terms are {text}"));
        let parts: Vec<_> = text.split(';').collect();
        let [limits, store, step, unanswered] = parts[..] else { return Err(corrupt()) };
        let said = |part: &'_ str| !part.is_empty();
        let store = Some(store).filter(|it| said(it)).map(StoreId::parse).transpose();
        let step = Some(step).filter(|it| said(it)).map(seconds);
        let unanswered = Some(unanswered).filter(|it| said(it)).map(unanswered_of);
        Ok(Terms {
            limits: limits_of(limits, workflow)?,
            fallback_store: store.map_err(StoreError::corrupt)?,
            autopilot: step.map(|step| step.ok_or_else(corrupt)).transpose()?,
            unanswered: unanswered.map(|it| it.ok_or_else(corrupt)).transpose()?,
        })
    }
}

/// `STATUS:SECONDS,…`
pub(super) fn limits_text(limits: &Limits) -> String {
    let each = limits.iter().map(|(status, limit)| format!("{status}:{}", u64::from(limit)));
    each.collect::<Vec<_>>().join(",")
}

/// What [`limits_text`] wrote.
pub(super) fn limits_of(text: &str, workflow: &Workflow) -> Result<Limits, StoreError> {
    let limits = text.split(',').filter(|limit| !limit.is_empty()).map(|limit| {
        let corrupt = || StoreError::corrupt(format_args!("no limit is {limit}"));
        let (status, seconds) = limit.split_once(':').ok_or_else(corrupt)?;
        let seconds = seconds.parse().ok().and_then(|it: u64| Limit::try_from(it).ok());
        Ok((status_named(workflow, status)?, seconds.ok_or_else(corrupt)?))
    });
    Ok(Limits::new(limits.collect::<Result<Vec<_>, StoreError>>()?))
}

fn seconds(text: &str) -> Option<Autopilot> {
    Autopilot::try_from(text.parse::<u64>().ok()?).ok()
}

/// `approve:PRICE_CAP`, `reject` or `cancel_line`.
fn unanswered_text(unanswered: Unanswered) -> String {
    match unanswered {
        Unanswered::Approve { price_cap } => format!("approve:{price_cap}"),
        Unanswered::Reject => "reject".to_owned(),
        Unanswered::CancelLine => "cancel_line".to_owned(),
    }
}

fn unanswered_of(text: &str) -> Option<Unanswered> {
    match text {
        "reject" => Some(Unanswered::Reject),
        "cancel_line" => Some(Unanswered::CancelLine),
        _ => {
            let price_cap = text.strip_prefix("approve:")?.parse().ok()?;
            Some(Unanswered::Approve { price_cap })
        }
    }
}
