//! What is in an order, as its head and its first event hold it.

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::{
    Answer, Basket, Currency, Name, Proposal, Reason, Sku, Substitute, Substitution,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredBasket {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    lines: Vec<Option<i64>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    substitutions: Vec<StoredSubstitution>,
    #[serde(default, skip_serializing_if = "is_zero")]
    settled: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) const fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredSubstitution {
    line: usize,
    sku: Sku,
    name: Name,
    difference: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// A substitution as the event of its proposal holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredProposal {
    line: usize,
    sku: Sku,
    name: Name,
    difference: i64,
    reason: Reason,
}

impl From<&Basket> for StoredBasket {
    fn from(basket: &Basket) -> Self {
        let substitutions = basket.substitutions.iter().cloned();
        Self {
            currency: basket.currency.as_ref().map(|currency| currency.as_str().to_owned()),
            lines: basket.lines.clone(),
            substitutions: substitutions.map(StoredSubstitution::from).collect(),
            settled: basket.settled,
        }
    }
}

impl StoredBasket {
    pub(super) fn into_basket(self) -> Result<Basket, StoreError> {
        let currency = self.currency.as_deref().map(Currency::parse).transpose();
        Ok(Basket {
            currency: currency.map_err(StoreError::corrupt)?,
            lines: self.lines,
            substitutions: self.substitutions.into_iter().map(Substitution::from).collect(),
            settled: self.settled,
        })
    }
}

impl From<Substitution> for StoredSubstitution {
    fn from(substitution: Substitution) -> Self {
        let Substitution { line, substitute, price_difference: difference, answer } = substitution;
        let Substitute { sku, name } = substitute;
        Self { line, sku, name, difference, answer }
    }
}

impl From<StoredSubstitution> for Substitution {
    fn from(stored: StoredSubstitution) -> Self {
        let StoredSubstitution { line, sku, name, difference, answer } = stored;
        let substitute = Substitute { sku, name };
        Self { line, substitute, price_difference: difference, answer }
    }
}

impl From<Proposal> for StoredProposal {
    fn from(proposal: Proposal) -> Self {
        let Proposal { line, substitute, reason, price_difference: difference } = proposal;
        let Substitute { sku, name } = substitute;
        Self { line, sku, name, difference, reason }
    }
}

impl From<StoredProposal> for Proposal {
    fn from(stored: StoredProposal) -> Self {
        let StoredProposal { line, sku, name, difference, reason } = stored;
        Self { line, substitute: Substitute { sku, name }, reason, price_difference: difference }
    }
}
