//! Waybill's Lambda functions. Each has a module, a row in [`registry`], and a binary of its
//! name in `src/bin`.

mod app;
mod change;
pub mod contract;
mod create_order;
mod describe;
mod environment;
mod event_service;
mod issuer;
pub mod live;
mod live_authorize;
mod live_connect;
mod live_message;
mod live_tickets;
mod merchant_settings;
mod order_details;
mod order_form;
mod query_orders;
pub mod registry;
mod relay;
mod response;
mod routes;
mod sweep;
mod telemetry;
mod transition_order;
mod workflow;

pub use environment::{Environment, VariableError, Variables};
pub use event_service::EventService;
pub use lambda_runtime::Error;
