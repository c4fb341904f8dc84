//! The HTTP conventions of Waybill: the parts of requests, and error responses.

mod body;
mod caller;
mod conditional;
mod cursor;
mod errors;
mod example;
mod extension;
mod fields;
mod idempotency;
pub mod json;
mod kind;
mod path;
mod problem;
mod query;
mod rejected;
mod sniffing;
mod time;
mod unknown;

pub use body::{JsonBody, OptionalJsonBody};
pub use caller::Authenticated;
pub use conditional::{IfMatch, IfNoneMatch, etag, etag_of_body};
pub use cursor::{Cursor, CursorKey};
pub use errors::FieldError;
pub use extension::ExtensionMembers;
pub use fields::{Content, Field, Fields, Form, MAX_EXACT, Number};
pub use idempotency::{IdempotencyKey, OrderIdKey};
pub use kind::ProblemKind;
pub use path::{
    BasePath, DriverPath, MerchantPath, OrderPath, StorePath, SubresourcePath, WebhookPath,
};
pub use problem::{Problem, ProblemBody};
pub use query::{QueryParameter, QueryParameters};
pub use sniffing::nosniff;
pub use time::{time, time_or_date};
