//! What every function of Waybill is made of.
//!
//! Imports point one way: `domain` knows nothing else here; `topics` and `auth`
//! know `domain`; `store` knows `domain` and `topics`; `http` knows them all.

pub mod auth;
pub mod config;
pub mod domain;
pub mod edge;
pub mod http;
pub mod store;
pub mod telemetry;
pub mod topics;
