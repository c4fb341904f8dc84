//! The reference client of the live API: follows one topic, however often it is
//! disconnected.
//!
//! [`Follower`] is the protocol alone, without input or output: it is told what
//! happens and when, and says what to do and what there is to know. [`Feed`] runs one
//! over a WebSocket. `clients/js/live.js` is its twin; `scenarios.json` beside it
//! holds both to the same words.

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
