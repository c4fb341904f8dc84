//! The rules of orders: pure functions over plain types.
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows HTTP or
//! AWS; time and ids come in as arguments.

mod as_text;
mod command;
mod contact;
mod create;
mod decide;
mod details;
mod event;
mod evolve;
mod ids;
mod invalid;
mod metadata;
mod order;
mod principal;
mod rejection;
mod text;
pub mod time;
pub mod visibility;
pub mod workflow;

pub use command::{Command, Context, Remarks};
pub use contact::Contact;
pub use create::{NewOrder, create};
pub use decide::decide;
pub use details::{Addresses, Currency, Customer, Details, Item, MAX_ITEMS, Quantity, UnitPrice};
pub use event::{Created, Event, EventData};
pub use evolve::{FoldError, evolve, fold};
pub use ids::{CustomerReference, DriverId, ExternalId, MerchantId, OrderId, PrincipalId, StoreId};
pub use invalid::Invalid;
pub use metadata::Metadata;
pub use order::{Order, Version};
pub use principal::{Actor, Party, Principal, Role, Unbound};
pub use rejection::{Allowed, Rejection};
pub use text::{Address, Message, Name, Note, Reason, Sku, Text};
pub use workflow::{Edge, Operation, Phase, Status, Workflow};

#[cfg(test)]
pub(crate) mod tests;
