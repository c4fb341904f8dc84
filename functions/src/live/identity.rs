//! Whose connection it is: what the authorizer says once, and API Gateway hands
//! to every function after it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::domain::time::Timestamp;
use shared::domain::{CustomerReference, MerchantId, Party, Principal, PrincipalId, Role, StoreId};

/// The authorizer's context. API Gateway passes texts, numbers and booleans on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Context {
    role: Role,
    id: PrincipalId,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<MerchantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<CustomerReference>,
    expires_at: Timestamp,
}

/// Whose connection it is, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) principal: Principal,
    pub(crate) expires_at: Timestamp,
}

impl Identity {
    pub(crate) fn to_context(&self) -> Result<Value, serde_json::Error> {
        let (store, reference) = match &self.principal.party {
            Party::Merchant { store, .. } => (store.clone(), None),
            Party::Customer { reference, .. } => (None, Some(reference.clone())),
            Party::Ops | Party::Support | Party::Driver | Party::System => (None, None),
        };
        serde_json::to_value(Context {
            role: self.principal.role(),
            id: self.principal.id.clone(),
            merchant: self.principal.merchant().cloned(),
            store,
            reference,
            expires_at: self.expires_at,
        })
    }

    /// Reads what [`Identity::to_context`] wrote, among API Gateway's own fields.
    pub(crate) fn from_context(
        fields: &HashMap<String, Value>,
    ) -> Result<Self, lambda_runtime::Error> {
        let fields = fields.clone().into_iter().collect();
        let context: Context = serde_json::from_value(Value::Object(fields))?;
        let Context { role, id, merchant, store, reference, expires_at } = context;
        let principal = Principal::bound(role, id, merchant, store, reference)?;
        Ok(Self { principal, expires_at })
    }
}
