//! The endpoints of merchants' webhooks, and the log of deliveries that failed.

mod deliveries;
mod endpoints;
mod secret;

pub use deliveries::{Attempt, DeliveryPage, FailedDelivery, MessageId, Response};
pub use endpoints::{EndpointChange, EndpointError, Health, MAX_ENDPOINTS, StoredEndpoint};
pub use secret::{Secrets, WebhookSecret};
