//! What every function of Waybill is made of.
//!
//! Imports point one way. `domain` knows nothing else here; `topics`, `auth` and
//! `edge` know `domain`; `config` knows how `auth` names claims; `store` knows
//! `domain`, `topics`, `config` and `edge`; `http` knows `domain`, `auth` and `store`.

pub mod auth;
pub mod config;
pub mod domain;
pub mod edge;
pub mod http;
pub mod store;
pub mod telemetry;
pub mod topics;
