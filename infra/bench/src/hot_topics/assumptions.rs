//! The figures taken from AWS's documents, and the assumptions where the documents are silent.

use functions::live::broadcast::{POSTS, TASKS};

use super::chance::Latency;
use super::posting::Poster;
use super::quota::Quota;
use super::{Micros, SECOND};

/// How many requests a second an account's APIs take in a Region, and how many at once.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub(super) const QUOTA: u64 = 10_000;
pub(super) const BURST: u64 = 5_000;

/// With how many MB a function has one processor; with others, its share of one.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const PROCESSOR_MEMORY: usize = 1_769;

/// How often Lambda asks an idle stream for records.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>
pub(super) const POLL: Micros = SECOND / 4;

/// How many bytes one page of a query has.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>
const PAGE_BYTES: usize = 1 << 20;

/// How many messages of a FIFO queue one invocation is given at most.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
pub(super) const MESSAGES: usize = 10;

/// A row of `subscriptions`, as DynamoDB counts: names and values of a topic, a connection,
/// a principal with its merchant, and an expiry.
const ROW_BYTES: usize = 120;

/// How long a page of a query takes, and a batch of heads.
const PAGE_TIME: Micros = 50_000;
pub(super) const HEADS_TIME: Micros = 10_000;

/// How long a processor is busy with one connection: its row, its message, and a request
/// that is signed, encrypted and sent. The whole runner takes 65 µs for each frame that
/// `waybill crowd` hears, without encryption.
pub(super) const BUSY: Micros = 100;

/// How many changes fill a message of 120 KB: an event with its order is 1.2 KB.
pub(super) const CHANGES_PER_POST: usize = 100;

/// How long a request takes that sends messages to a queue, and how long a message then
/// takes to whoever receives it.
pub(super) const SENDING: Micros = 20_000;
pub(super) const HOP: Micros = 30_000;

/// How much memory a relay takes before it reads anything; for each connection (its row
/// twice, and its delivery with a set of topics); and for each of its changes (a place in a
/// list and one in a map). Deliveries to 20,000 connections were planned on Linux: they took
/// 2.1 KB each with one change, 2.4 KB with ten and 10.7 KB with a hundred.
const RESTING_BYTES: usize = 15 << 20;
const CONNECTION_BYTES: usize = 2_000;
const CHANGE_BYTES: usize = 90;

/// How long changes are made for.
pub(super) const LENGTH: Micros = 300 * SECOND;

/// The times of `rate` changes a second.
pub(super) fn commits(rate: u64) -> Vec<Micros> {
    (0..rate * (LENGTH / SECOND)).map(|n| n * SECOND / rate).collect()
}

/// How long it takes to read who listens.
pub(super) fn reading(connections: usize) -> Micros {
    let pages = (connections * ROW_BYTES).div_ceil(PAGE_BYTES);
    PAGE_TIME * pages as Micros
}

/// How many MB an invocation takes that delivers so many changes to so many connections.
pub(super) const fn memory(connections: usize, changes: usize) -> usize {
    (RESTING_BYTES + connections * (CONNECTION_BYTES + changes * CHANGE_BYTES)) >> 20
}

/// An invocation of the relay with so many MB.
pub(super) fn poster(memory: usize) -> Poster {
    Poster {
        in_flight: TASKS * POSTS,
        busy: (BUSY * PROCESSOR_MEMORY as Micros).div_ceil(memory as Micros),
        pace: 0,
        latency: Latency::Usual(100),
        mute: 0,
        quota: Quota::new(QUOTA, BURST),
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
}
