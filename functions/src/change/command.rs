//! What is wanted of an order.

use domain::{Action, Command, Message, Note, Order, Principal, Remarks};
use http_api::Fields;

/// The rest of a request, beside its body.
pub(crate) struct Target<'a> {
    /// The order as it was read.
    pub(crate) order: &'a Order,
    /// The number of the substitution or issue that the path names.
    pub(crate) subresource: Option<u64>,
    /// The caller.
    pub(crate) principal: &'a Principal,
}

/// Reads the action that a body asks for.
pub(crate) type ReadAction = fn(&mut Fields<'_>, &Target<'_>) -> Option<Action>;

/// The action, with the remarks that every body may hold:
/// `{"note"?, "message"?, "metadata"?}`.
pub(crate) fn command(
    fields: &mut Fields<'_>,
    target: &Target<'_>,
    read: ReadAction,
) -> Option<Command> {
    let action = read(fields, target);
    let remarks = Remarks {
        note: fields.text("note", Note::parse),
        message: fields.text("message", Message::parse),
        metadata: fields.metadata("metadata"),
    };
    Some(Command { action: action?, remarks })
}
