//! The figures taken from AWS's documents, and the assumptions where the documents are silent.

use functions::live::broadcast::{POSTS, TASKS};

use super::chance::Latency;
use super::posting::Poster;
use super::{Micros, SECOND};

/// The quota of an account's APIs in most Regions, and in the others: requests a second.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub(super) const QUOTA: u64 = 10_000;
pub(super) const SMALL_QUOTA: u64 = 2_500;

/// The shards of the stream of a new table: its four partitions take 4,000 writes a second.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
pub(super) const LANES: usize = 4;

/// The pause before connections are tried again: the first of these, doubled with each round up to
/// the second, less up to a half at random.
pub(super) const PAUSE: (Micros, Micros) = (25_000, 2 * SECOND);

/// The time in which a lane of a throttled account halves its rate at most once, the time in which
/// the rate recovers from nothing, and the part of the full rate that is the least one.
pub(super) const SLOWING: Micros = SECOND / 4;
pub(super) const RECOVERY: Micros = 10 * SECOND;

/// The time after which a lane that was slowed down counts as not throttled.
pub(super) const CALM: Micros = SECOND;
pub(super) const LEAST: u64 = 64;

/// The time that an invocation keeps for its end, and in which it starts no post.
pub(super) const RESERVE: Micros = 10 * SECOND;

/// The memory, in MB, with which a function has one whole processor; other functions have a
/// proportional share.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const PROCESSOR_MEMORY: usize = 1_769;

/// The interval at which Lambda polls an idle stream.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>
pub(super) const POLL: Micros = SECOND / 4;

/// The maximum size of a page of a query, in bytes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>
const PAGE_BYTES: usize = 1 << 20;

/// The maximum number of messages of a FIFO queue in one invocation.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
pub(super) const MESSAGES: usize = 10;

/// The size of a row of `subscriptions` as DynamoDB counts it: the names and values of a topic, a
/// connection, a principal with its merchant, and an expiry.
const ROW_BYTES: usize = 120;

/// The time to read a page of a query, and the time to read a batch of heads.
const PAGE_TIME: Micros = 50_000;
pub(super) const HEADS_TIME: Micros = 10_000;

/// The processor time per connection: its row, its message, and a request that is signed,
/// encrypted and sent. The whole runner takes 65 µs for each frame that the clients of `bench
/// crowd` receive, without encryption.
pub(super) const BUSY: Micros = 100;

/// The number of changes that fill a message of 31 KB: an event with its order is 1.2 KB.
pub(super) const CHANGES_PER_POST: usize = 25;

/// The time of a request that sends messages to a queue, and the time from there to the message's
/// receiver.
pub(super) const SENDING: Micros = 20_000;
pub(super) const HOP: Micros = 30_000;

/// The memory of a relay before it reads anything; for each connection (its row twice, and its
/// delivery with a set of topics); and for each change of a connection (an entry in a list and
/// one in a map). Planning deliveries to 20,000 connections on Linux took 2.1 KB per connection
/// with one change, 2.4 KB with ten and 10.7 KB with a hundred.
const RESTING_BYTES: usize = 15 << 20;
const CONNECTION_BYTES: usize = 2_000;
const CHANGE_BYTES: usize = 90;

/// The time during which changes are made.
pub(super) const LENGTH: Micros = 300 * SECOND;

/// Returns the times of the commits at `rate` changes a second.
pub(super) fn commits(rate: u64) -> Vec<Micros> {
    (0..rate * (LENGTH / SECOND)).map(|n| n * SECOND / rate).collect()
}

/// Returns the posts a second of each of `lanes` lanes in an account with this quota: all lanes
/// together make half of the requests that the account may make.
pub(super) const fn pace(quota: u64, lanes: usize) -> u64 {
    quota / 2 / lanes as u64
}

/// Returns true if full posts at this rate carry `changes` changes a second to the connections.
pub(super) const fn has_room(posts: u64, connections: usize, changes: u64) -> bool {
    connections as u64 * changes <= posts * CHANGES_PER_POST as u64
}

/// Returns the time to read the subscriptions of so many connections.
pub(super) fn reading(connections: usize) -> Micros {
    let pages = (connections * ROW_BYTES).div_ceil(PAGE_BYTES);
    PAGE_TIME * pages as Micros
}

/// Returns the memory, in MB, of an invocation that delivers `changes` changes to `connections`
/// connections.
pub(super) const fn memory(connections: usize, changes: usize) -> usize {
    (RESTING_BYTES + connections * (CONNECTION_BYTES + changes * CHANGE_BYTES)) >> 20
}

/// Returns an invocation of the relay with `memory` MB, that has the account for itself and posts
/// as fast as it can.
pub(super) fn poster(memory: usize) -> Poster {
    Poster {
        lanes: 1,
        in_flight: TASKS * POSTS,
        busy: (BUSY * PROCESSOR_MEMORY as Micros).div_ceil(memory as Micros),
        rate: SECOND,
        latency: Latency::Usual(100),
        mute: 0,
        quota: QUOTA,
        others: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_subscriptions_is_one_mb() {
        assert_eq!(reading(1), PAGE_TIME);
        assert_eq!(reading(8_738), PAGE_TIME);
        assert_eq!(reading(8_739), 2 * PAGE_TIME);
    }

    #[test]
    fn a_function_with_less_memory_has_less_of_a_processor() {
        assert_eq!([poster(1_769).busy, poster(256).busy], [100, 692]);
    }

    #[test]
    fn all_lanes_together_leave_half_of_the_quota() {
        assert_eq!([1, 4, 16].map(|lanes| pace(QUOTA, lanes)), [5_000, 1_250, 312]);
        assert_eq!([1, 4, 16].map(|lanes| pace(SMALL_QUOTA, lanes)), [1_250, 312, 78]);
    }
}
