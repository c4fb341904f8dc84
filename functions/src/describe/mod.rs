//! The descriptions of routes, next to the code that serves them: the parts of the `OpenAPI` and
//! `AsyncAPI` documents that [`contract`](crate::contract) assembles.

mod endpoint;
mod forms;
mod responses;
mod samples;
mod schemas;

pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::forms::SchemaWriter;
pub(crate) use self::responses::{Header, headers};
pub(crate) use self::samples::{Sample, body as sample_body, position as sample_position};
pub(crate) use self::schemas::{generator, taken};
