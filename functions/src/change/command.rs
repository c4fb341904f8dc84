//! What is wanted of an order.

use shared::domain::{Action, Command, Message, Note, Order, Principal, Remarks};
use shared::http::Fields;
use shared::store::DetailsChange;

/// What a request is about, beside its body.
pub(crate) struct Target<'a> {
    /// The order as it was read.
    pub(crate) order: &'a Order,
    /// The number of the part of the order that the path names.
    pub(crate) part: Option<u64>,
    /// Who asks.
    pub(crate) principal: &'a Principal,
}

/// What is wanted of an order.
pub(crate) struct ChangeCommand {
    pub(crate) command: Command,
    /// What becomes of the order's details.
    pub(crate) details: Option<DetailsChange>,
}

impl ChangeCommand {
    /// An action, with the remarks that every body may hold:
    /// `{"note"?, "message"?, "metadata"?}`.
    pub(crate) fn read(
        fields: &mut Fields<'_>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<Action>,
    ) -> Option<Self> {
        let action = read(fields);
        let remarks = Remarks {
            note: fields.text("note", Note::parse),
            message: fields.text("message", Message::parse),
            metadata: fields.metadata("metadata"),
        };
        Some(Self { command: Command { action: action?, remarks }, details: None })
    }

    /// With what becomes of the order's details.
    pub(crate) fn with(self, details: DetailsChange) -> Self {
        Self { details: Some(details), ..self }
    }
}
