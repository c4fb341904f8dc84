//! What every function of Waybill is made of.
//!
//! Imports point one way. `domain` knows nothing else here; `topics`, `auth` and `clock`
//! know `domain`; `random` knows nothing; `config` knows how `auth` names claims; `db` knows
//! `domain`, `topics`, `config` and `random`; `http` knows `domain`, `auth` and `db`.

pub mod auth;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod random;
pub mod telemetry;
pub mod topics;
