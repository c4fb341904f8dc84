//! How a route is described, beside the code that serves it: the parts of the `OpenAPI` and
//! `AsyncAPI` documents that [`contract`](crate::contract) puts together.

mod endpoint;
mod forms;
mod responses;
mod samples;
mod schemas;

pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::forms::SchemaWriter;
pub(crate) use self::responses::{Header, headers};
pub(crate) use self::samples::{Sample, body as sample_body};
pub(crate) use self::schemas::{generator, taken};
