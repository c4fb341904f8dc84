//! The rules of orders: pure functions over plain types.
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows HTTP or
//! AWS; time and ids come in as arguments.

mod alert;
mod as_text;
mod basket;
mod command;
mod contact;
mod create;
mod deadline;
mod decide;
mod details;
mod event;
mod evolve;
mod filter;
mod handover;
mod ids;
mod invalid;
mod issue;
mod metadata;
mod order;
mod principal;
mod rejection;
mod service_levels;
mod shape;
mod terms;
mod text;
pub mod time;
pub mod visibility;
pub mod workflow;

pub use alert::{Alert, AlertKind};
pub use basket::{
    Answer, Answers, Basket, MAX_SUBSTITUTIONS, MAX_TOTAL, Proposal, Substitute, Substitution,
    SubstitutionId,
};
pub use command::{Action, Command, Context, Remarks};
pub use contact::Contact;
pub use create::{NewOrder, create};
pub use deadline::Deadline;
pub use decide::{decide, due};
pub use details::{
    Addresses, Correction, Currency, Customer, Details, DetailsField, Item, MAX_ITEMS, Quantity,
    UnitPrice,
};
pub use event::{Created, Event, EventData};
pub use evolve::{FoldError, evolve, fold};
pub use filter::{Filter, ForAnother, OrderState, statuses};
pub use handover::{CodeCheck, Handover, HandoverCode, MAX_REFUSALS};
pub use ids::{CustomerReference, DriverId, ExternalId, MerchantId, OrderId, PrincipalId, StoreId};
pub use invalid::Invalid;
pub use issue::{Description, Issue, IssueKind, MAX_OPEN_ISSUES, Severity};
pub use metadata::Metadata;
pub use order::{Order, Version};
pub use principal::{Actor, Party, Principal, Role, Unbound};
pub use rejection::{Allowed, Rejection};
pub use service_levels::{
    Breach, Histogram, ServiceLevel, ServiceLevels, Stage, Timeline, stations,
};
pub(crate) use shape::schema_of_shape;
pub use shape::{Bounds, Shape, Shaped, type_name};
pub use terms::{Autopilot, Limit, Limits, Terms, Unanswered};
pub use text::{Address, Message, Name, Note, Reason, Sku, Text};
pub use workflow::{Clock, Edge, Ladder, Measure, Operation, Phase, Rung, Stamp, Status, Workflow};

#[cfg(test)]
pub(crate) mod tests;
