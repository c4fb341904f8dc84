//! The outputs of a follower.

use serde_json::Value;

/// An action to take, or news.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Connect, with a token of now; then tell `opened`, `closed` or `refused`.
    Connect,
    /// Send this message.
    Send(Value),
    /// Close the connection, and tell nothing more of it.
    Close,
    /// Tell the application.
    News(News),
}

/// News for the application. Orders and events are as the server wrote them.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Something happened to an order. Of `order:ID` each version comes exactly once and
    /// in order; of other topics those that are newer than what was told of that order.
    Event(Value),
    /// An order is new, or newer; it may be closed.
    Order(Value),
    /// The order of this id is out of sight.
    Removed(String),
    /// Of `order:ID`: events are missing before this state of the order.
    Reset(Value),
    /// The held state is complete; a list may lack orders that an index did not show yet.
    Current,
    /// The held state of a list equals the stored state.
    Synced,
    /// The connection ended, for this reason: `closed`, `refused`, `planned`, `silent`,
    /// or the server's own. It comes back by itself.
    Lost(String),
    /// The server will not have it, for this problem (RFC 9457). This is the end.
    Refused(Value),
}
