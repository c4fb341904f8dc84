//! Which code is behind which binary.

use functions::{
    Environment, contract, create_order, live_authorize, live_connect, live_message, live_tickets,
    merchant_settings, order_details, query_orders, relay, sweep, transition_order,
};

use super::Handler;

/// The code of `binary`, as `functions/src/bin` runs it; `None` where there is
/// no such binary.
pub fn handler(binary: &str, env: &Environment) -> Option<Handler> {
    Some(match binary {
        "contract" => Handler::http(contract::service(env)),
        "create-order" => Handler::http(create_order::service(env)),
        "live-authorize" => Handler::event(live_authorize::service(env)),
        "live-connect" => Handler::event(live_connect::service(env)),
        "live-message" => Handler::event(live_message::service(env)),
        "live-tickets" => Handler::http(live_tickets::service(env)),
        "merchant-settings" => Handler::http(merchant_settings::service(env)),
        "order-details" => Handler::http(order_details::service(env)),
        "query-orders" => Handler::http(query_orders::service(env)),
        "relay" => Handler::event(relay::service(env)),
        "sweep" => Handler::event(sweep::service(env)),
        "transition-order" => Handler::http(transition_order::service(env)),
        _ => return None,
    })
}
