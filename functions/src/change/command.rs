//! The command that a request asks for.

use domain::{Action, Command, Message, Note, Order, Principal, Remarks};
use http_api::Fields;

/// The context of a request beside its body.
pub(crate) struct Target<'a> {
    pub(crate) order: &'a Order,
    /// The number of the substitution or issue in the path, if the path has one.
    pub(crate) subresource: Option<u64>,
    pub(crate) principal: &'a Principal,
    /// True if `If-Match` names the version that the caller has read.
    pub(crate) names_version: bool,
}

/// Reads the action from a request body.
pub(crate) type ReadAction = fn(&mut Fields<'_>, &Target<'_>) -> Option<Action>;

/// Reads the action, and the remarks that every body may contain: `{"note"?, "message"?,
/// "metadata"?}`.
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
