//! The outputs of a courier, and the answers to its requests.

use serde_json::Value;

use super::order::Errand;

/// A thing to do for a courier.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Output {
    /// Print this, after the courier's name.
    Say(String),
    /// Make the request, and report the answer.
    Ask(Ask),
    /// Send the position: something has happened.
    SendPosition,
}

/// A request about an order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ask {
    pub(super) order: String,
    pub(super) request: Request,
}

/// The kind of a request about an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Request {
    Read,
    Accept,
    /// For this reason.
    Decline(&'static str),
    Step(Errand),
}

/// The answer to a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// The body of the response, or null.
    Done(Value),
    /// The request was refused for this reason; a repetition would be too.
    Refused { status: u16, detail: String },
    /// There is no usable response, for this reason; a repetition may succeed.
    Failed(String),
}
