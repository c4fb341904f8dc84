//! The facts of an order that never change.

use serde::{Deserialize, Serialize};

use crate::{CustomerReference, ExternalId, MerchantId, Terms, Workflow};

/// The facts of an order that never change; its head and its first event store this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    pub merchant: MerchantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerReference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    pub workflow: &'static Workflow,
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub terms: Terms,
}
