//! Webhooks: the endpoints that a merchant's systems are told of changes at, the types of messages,
//! and the decision after each attempt.

mod delivery;
mod endpoint;
mod event_type;
mod retry;
mod url;

pub use delivery::DeliveryStatus;
pub use endpoint::{Disabled, DisabledReason, Endpoint, Scope};
pub use event_type::EventType;
pub use retry::{ATTEMPTS, FAILING_FOR, Outcome, Verdict, pause, verdict};
pub use url::WebhookUrl;

#[cfg(test)]
mod tests;
