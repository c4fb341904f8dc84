//! Waybill's Lambda functions. Each module makes the service of one function
//! from its [`Environment`]; the binary of that name in `src/bin` runs it.

mod app;
mod change;
pub mod contract;
pub mod create_order;
mod environment;
mod event_service;
mod issuer;
pub mod live;
pub mod live_authorize;
pub mod live_connect;
pub mod live_message;
pub mod live_tickets;
pub mod merchant_settings;
pub mod order_details;
pub mod query_orders;
pub mod relay;
mod response;
mod routes;
pub mod sweep;
pub mod transition_order;
mod workflow;

pub use environment::Environment;
pub use event_service::EventService;
