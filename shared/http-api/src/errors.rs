//! The invalid fields and parameters of a request.

use schemars::JsonSchema;
use serde::Serialize;

use super::Problem;

/// The maximum number of errors in one response.
const MAX_ERRORS: usize = 100;

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// The field, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The rule that the field violates.
    pub detail: String,
}

/// The invalid fields of one request, each once, with the first rule that it violates.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Adds an error, unless the field has one already.
    pub(crate) fn add(&mut self, pointer: String, detail: impl Into<String>) {
        if self.0.len() < MAX_ERRORS && self.0.iter().all(|error| error.pointer != pointer) {
            self.0.push(FieldError { pointer, detail: detail.into() });
        }
    }

    /// Returns `value` if there are no errors.
    pub(crate) fn none_or<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::fields(self.0)),
        }
    }
}
