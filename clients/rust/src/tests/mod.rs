//! The follower, without a network, and the feed over one.

mod feeds;
mod replays;
mod scenarios;
