//! Runs Waybill on one machine: `cargo run`.

pub mod cli;
mod data_folder;
mod functions;
pub mod issuer;
mod outbox;
mod runner;
mod secrets;
#[cfg(test)]
mod tests;

pub use runner::{Options, Runner, StartError};
