//! The follower, without a network.

mod replays;
mod scenarios;
