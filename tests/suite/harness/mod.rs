//! Speaks the feature: orders are placed, moved and watched, by people.
#![expect(unreachable_pub, reason = "a library for the rest of the binary")]

mod answer;
mod app;
mod client;
mod clock;
mod live;
pub mod people;
mod process;
pub mod stored;
pub mod template;

pub use answer::Answer;
pub use app::{App, id_of, order, storage};
pub use client::Client;
pub use clock::Stopped;
pub use live::Live;
pub use process::Process;
pub use template::Template;

/// How long anything may take before a test gives up on it.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);

/// The template that the suite plays.
pub const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
