//! Connections, their subscriptions, and the tickets that open them.

mod connections;
mod subscriptions;
mod tickets;

pub use connections::ConnectionId;
pub use subscriptions::{MAX_TOPICS, SubscribeError, Subscriber};
pub use tickets::Ticket;
