//! The outputs of a follower.

use serde_json::Value;

/// An action to take, or news.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Connect with a current token, then call `opened`, `closed`, `refused` or `limited`.
    Connect,
    /// Send this message.
    Send(Value),
    /// Close the connection, and report nothing more about it.
    Close,
    /// Pass the news to the application.
    News(News),
}

/// News for the application. Orders and events are the server's JSON, unchanged.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// An event of an order. On `order:ID` each version is reported exactly once and in order; on
    /// other topics, only versions newer than the last one reported for the order.
    Event(Value),
    /// An order is new or has a newer version; it may be closed.
    Order(Value),
    /// The order with this id is no longer visible.
    Removed(String),
    /// On `order:ID`: the position of the order's driver, as far as the client may see it; on a fleet:
    /// that of a driver. It is not held, and none is repeated after a disconnection.
    Position(Value),
    /// On `order:ID`: events before this state of the order are missing.
    Reset(Value),
    /// The held state is complete, except that a list may lack orders that an index does not show
    /// yet.
    Current,
    /// The held state of a list equals the stored state.
    Synced,
    /// The connection ended, for this reason: `closed`, `refused`, `limited`, `planned`, `silent`,
    /// or the server's own. The follower reconnects by itself.
    Lost(String),
    /// The server refused the topic or the token, for this problem (RFC 9457). This is the last
    /// news.
    Refused(Value),
}
