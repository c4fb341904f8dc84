//! What is wanted of an order.

use shared::domain::{Action, Command, Message, Note, Order, Principal, Remarks};
use shared::http::Fields;

/// What a request is about, beside its body.
pub(crate) struct Target<'a> {
    /// The order as it was read.
    pub(crate) order: &'a Order,
    /// The number of the substitution or issue that the path names.
    pub(crate) subresource: Option<u64>,
    /// Who asks.
    pub(crate) principal: &'a Principal,
}

/// An action, with the remarks that every body may hold:
/// `{"note"?, "message"?, "metadata"?}`.
pub(crate) fn command<A: Into<Action>>(
    fields: &mut Fields<'_>,
    read: impl FnOnce(&mut Fields<'_>) -> Option<A>,
) -> Option<Command> {
    let action = read(fields);
    let remarks = Remarks {
        note: fields.text("note", Note::parse),
        message: fields.text("message", Message::parse),
        metadata: fields.metadata("metadata"),
    };
    Some(Command { action: action?.into(), remarks })
}
