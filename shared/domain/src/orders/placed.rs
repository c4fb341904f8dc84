//! The facts of an order that never change.

use serde::{Deserialize, Serialize};

use crate::{CustomerReference, ExternalId, MerchantId, Terms, Workflow};

/// The facts of an order that never change; this is also how its head and its first event
/// store them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    pub merchant: MerchantId,
    /// For whom, as the merchant calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerReference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// How it moves.
    pub workflow: &'static Workflow,
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub terms: Terms,
}
