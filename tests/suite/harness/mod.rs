//! Speaks the feature: orders are placed, moved and watched, by people.
#![expect(unreachable_pub, reason = "a library for the rest of the binary")]

mod answer;
mod app;
mod client;
mod clock;
mod live;
pub mod people;
pub mod stored;

pub use answer::Answer;
pub use app::{App, id_of, order};
pub use client::Client;
pub use clock::Stopped;
pub use live::Live;

/// How long anything may take before a test gives up on it.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);

/// Asks again and again until the answer is yes; fails if it takes too long.
#[track_caller]
pub fn eventually<F>(what: &str, mut holds: impl FnMut() -> F) -> impl Future<Output = ()>
where
    F: Future<Output = bool>,
{
    let at = std::panic::Location::caller();
    async move {
        let asking = async { while !holds().await {} };
        let held = tokio::time::timeout(DEADLINE, asking).await;
        assert!(held.is_ok(), "{at}: not in time: {what}");
    }
}
