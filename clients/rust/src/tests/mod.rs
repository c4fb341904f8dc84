//! Tests of the follower without a network, and of the feed over one.

mod feeds;
mod replays;
mod scenarios;
