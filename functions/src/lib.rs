//! Waybill's Lambda functions. Each has a module, a row at the end of this file, and a binary
//! of its name in `src/bin`.

mod alerts;
mod app;
mod caching;
mod change;
mod changes;
mod console;
pub mod contract;
mod create_order;
mod deadline;
mod deliver_webhooks;
mod describe;
mod dispatch;
mod drivers;
mod egress;
mod environment;
mod event_service;
mod issuer;
pub mod live;
mod live_authorize;
mod live_connect;
mod live_message;
mod live_tickets;
mod log_line;
mod merchant_settings;
mod order_details;
mod order_form;
mod outbox;
mod position_relay;
mod positions;
mod query_orders;
mod queue;
#[macro_use]
mod registry;
mod relay;
mod response;
mod routes;
mod stores;
mod sweep;
mod telemetry;
mod tracks;
mod transition_order;
mod webhooks;
mod workflow;

pub use egress::Observe;
pub use environment::{Environment, VariableError, Variables};
pub use event_service::EventService;
pub use lambda_runtime::Error;
pub use log_line::Escaped;
pub use registry::Host;

// The documents list the routes in this order.
functions! {
    http "create-order" create_order,
    http "query-orders" query_orders,
    http "transition-order" transition_order,
    http "order-details" order_details,
    http "merchant-settings" merchant_settings,
    http "stores" stores,
    http "drivers" drivers,
    http "webhooks" webhooks,
    http "live-tickets" live_tickets,
    http "contract" contract,
    http "console" console,
    event "live-authorize" live_authorize,
    event "live-connect" live_connect,
    event "live-message" live_message,
    event "relay" relay,
    event "position-relay" position_relay,
    event "outbox" outbox,
    event "deliver-webhooks" deliver_webhooks,
    event "dispatch" dispatch,
    event "sweep" sweep,
}
