//! Guarantees 4 to 6: whatever the stream, API Gateway and clients do, each client that follows
//! the protocol converges to what is stored, receives each version of `order:ID` once and in
//! order, and receives nothing that it may not see.
//!
//! A case is drawn from a seed. The functions, the tables and the client are real; the test
//! simulates the stream, API Gateway and time, so that they can be at their worst. A failed case
//! prints two variables that repeat it.

mod audience;
mod case;
mod eventual;
mod gateway;
mod interleaving;
mod ledger;
mod listener;
mod moves;
mod stage;

use futures_util::future::join_all;

use self::case::Case;
use self::stage::Stage;
use crate::harness::chance::Seed;

/// The number of cases that `cargo test` draws; `.ci/run-long` asks for more.
const CASES: usize = 40;

/// The environment variable with the number of cases.
const VARIABLE: &str = "LIVE_CASES";

/// The number of cases that are played at once.
const STAGES: usize = 8;

/// The number of cases that one system is used for.
const CASES_OF_A_STAGE: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_client_converges_whatever_happens() {
    let given = std::env::var(VARIABLE).ok().and_then(|cases| cases.parse().ok());
    let cases = given.unwrap_or(CASES);
    let first = Seed::of("LIVE_SEED").value();
    println!("{cases} cases from LIVE_SEED={first} on");
    let play = async |cases: Vec<u64>| {
        for cases in cases.chunks(CASES_OF_A_STAGE) {
            let mut stage = Stage::start().await;
            for seed in cases {
                let drawn = Drawn(*seed);
                Case::draw(*seed).play(&mut stage).await;
                drop(drawn);
            }
        }
    };
    let seeds = (0..cases).map(|n| first.wrapping_add(u64::try_from(n).expect("64 bits")));
    let seeds: Vec<_> = seeds.collect();
    let shares = seeds.chunks(cases.div_ceil(STAGES).max(1));
    let playing = shares.map(|share| {
        tokio::spawn({
            let (play, share) = (play, share.to_vec());
            async move { play(share).await }
        })
    });
    for played in join_all(playing).await {
        played.expect("every case holds");
    }
}

/// The seed of a running case, printed if the case fails.
struct Drawn(u64);

impl Drop for Drawn {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to play this case again: {VARIABLE}=1 LIVE_SEED={}", self.0);
        }
    }
}
