//! Whatever fails between the stream, the queues and the receivers, a receiver that deduplicates by
//! `webhook-id` and orders by version ends with exactly the history of each order.
//!
//! A case is drawn from a seed. The functions, the tables, the queues and the receivers are real;
//! the test simulates the stream and time. A failed case prints two variables that draw it again;
//! the order of concurrent calls is not drawn.

mod case;
mod outcome;
mod stage;
mod world;

use futures_util::future::join_all;

use self::case::Case;
use self::stage::Stage;
use crate::harness::chance::Seed;

/// The number of cases that `cargo test` draws; `.ci/run-long` asks for more.
const CASES: usize = 10;

/// The environment variable with the number of cases.
const VARIABLE: &str = "WEBHOOK_CASES";

/// The number of cases that are played at once.
const STAGES: usize = 5;

/// The number of cases that one system is used for.
const CASES_OF_A_STAGE: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_receiver_ends_with_the_history_whatever_happens() {
    let given = std::env::var(VARIABLE).ok().and_then(|cases| cases.parse().ok());
    let cases: usize = given.unwrap_or(CASES);
    let first = Seed::of("WEBHOOK_SEED").value();
    println!("{cases} cases from WEBHOOK_SEED={first} on");
    let seeds = (0..cases).map(|n| first.wrapping_add(u64::try_from(n).expect("64 bits")));
    let seeds: Vec<_> = seeds.collect();
    let shares = seeds.chunks(cases.div_ceil(STAGES).max(1));
    let playing = shares.map(|share| tokio::spawn(play(share.to_vec())));
    for played in join_all(playing).await {
        played.expect("every case holds");
    }
}

async fn play(cases: Vec<u64>) {
    for cases in cases.chunks(CASES_OF_A_STAGE) {
        let mut stage = Stage::start().await;
        for seed in cases {
            let drawn = Drawn(*seed);
            Case::start(*seed, &stage).await.play(&mut stage).await;
            drop(drawn);
        }
    }
}

/// The seed of a running case, printed if the case fails.
struct Drawn(u64);

impl Drop for Drawn {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to draw this case again: {VARIABLE}=1 WEBHOOK_SEED={}", self.0);
        }
    }
}
