//! The harness of the suite: people create, change and watch orders through it.

mod app;
pub mod chance;
mod changes;
mod client;
mod clock;
mod contract;
mod live;
pub mod marked;
pub mod people;
mod process;
mod raw;
mod records;
mod response;
pub mod stored;
pub mod stream;
pub mod template;

pub use app::{App, grocery, id_of, is_embedded, order, storage};
pub use changes::{Change, OPERATIONS, issue, substitution};
pub use client::Client;
pub use clock::Stopped;
pub use contract::Contract;
pub use live::{Live, removed};
pub use process::Process;
pub use raw::Raw;
pub use records::Records;
pub use response::Response;
pub use template::Template;

/// The time after which a test stops waiting and fails.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);

/// The id of an order that does not exist.
pub const NO_ORDER: &str = "0195b3c0-7b1e-7000-8000-0123456789ab";

/// The template that is deployed.
pub const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");

/// Returns a text in percent-encoding, every byte of it.
pub fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02x}"))
}

/// Polls a condition until it holds; fails after [`DEADLINE`].
#[track_caller]
pub fn eventually<F>(what: &str, mut holds: impl FnMut() -> F) -> impl Future<Output = ()>
where
    F: Future<Output = bool>,
{
    let at = std::panic::Location::caller();
    async move {
        let asking = async {
            while !holds().await {
                tokio::task::yield_now().await;
            }
        };
        let held = tokio::time::timeout(DEADLINE, asking).await;
        assert!(held.is_ok(), "{at}: not in time: {what}");
    }
}
