//! Connections, their subscriptions, and the tickets that open them.

mod census;
mod connections;
mod principals;
mod subscriptions;
mod tickets;

pub use census::{Census, PrincipalConnections};
pub use connections::ConnectionId;
pub use principals::ConnectError;
pub use subscriptions::{MAX_TOPICS, SubscribeError, Subscriber};
pub use tickets::Ticket;
