//! A principal as it stands beside a connection.

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::{CustomerReference, MerchantId, Party, Principal, PrincipalId, Role, StoreId};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredPrincipal {
    role: Role,
    id: PrincipalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merchant: Option<MerchantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<CustomerReference>,
}

impl From<&Principal> for StoredPrincipal {
    fn from(principal: &Principal) -> Self {
        let (store, reference) = match &principal.party {
            Party::Merchant { store, .. } => (store.clone(), None),
            Party::Customer { reference, .. } => (None, Some(reference.clone())),
            Party::Ops | Party::Support | Party::Driver | Party::System => (None, None),
        };
        Self {
            role: principal.role(),
            id: principal.id.clone(),
            merchant: principal.merchant().cloned(),
            store,
            reference,
        }
    }
}

impl TryFrom<StoredPrincipal> for Principal {
    type Error = StoreError;

    fn try_from(stored: StoredPrincipal) -> Result<Self, StoreError> {
        let StoredPrincipal { role, id, merchant, store, reference } = stored;
        Self::bound(role, id, merchant, store, reference).map_err(StoreError::corrupt)
    }
}
