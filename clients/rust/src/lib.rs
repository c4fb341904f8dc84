//! The reference client of the live API: follows one topic, across any number of disconnections.
//!
//! [`Follower`] is the protocol alone, without input or output: the caller reports events and the
//! time, and the follower returns commands and news. [`Feed`] runs a follower over a WebSocket.
//! `clients/js/live.js` is the same client in JavaScript; both are tested with `scenarios.json`
//! beside it.

mod connection;
mod feed;
mod follower;
mod held;
mod list;
mod log;
mod message;
mod output;

#[cfg(test)]
mod tests;

pub use self::feed::{ConnectError, Feed, FeedError};
pub use self::follower::Follower;
pub use self::output::{News, Output};
