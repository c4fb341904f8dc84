//! The bodies of what stores do.

use shared::domain::{Action, Reason, StoreId};
use shared::http::Fields;

/// `{"reason", "reassign_to"?}`
pub(super) fn reject(fields: &mut Fields<'_>) -> Option<Action> {
    let reason = fields.required_text("reason", Reason::parse);
    let reassign_to = fields.text("reassign_to", StoreId::parse);
    Some(Action::Reject { reason: reason?, reassign_to })
}

/// `{"store"}`
pub(super) fn reassign(fields: &mut Fields<'_>) -> Option<Action> {
    let store = fields.required_text("store", StoreId::parse)?;
    Some(Action::Reassign { store })
}
