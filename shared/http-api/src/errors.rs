//! The invalid fields and parameters of a request.

use schemars::JsonSchema;
use serde::Serialize;

use super::Problem;

/// The maximum number of errors in one response.
const MAX_ERRORS: usize = 100;

/// The maximum length of a pointer in a response, in characters. Every field that a request can
/// have fits.
const LONGEST_POINTER: usize = 100;

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// The field, as a JSON Pointer (RFC 6901). A longer pointer than 100 characters is cut.
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
        let pointer = cut(pointer);
        if !self.is_full() && self.0.iter().all(|error| error.pointer != pointer) {
            self.0.push(FieldError { pointer, detail: detail.into() });
        }
    }

    /// True if further errors would not be reported.
    pub(crate) const fn is_full(&self) -> bool {
        self.0.len() >= MAX_ERRORS
    }

    /// Returns `value` if there are no errors, and the first one otherwise.
    pub(crate) fn first_or<T>(self, value: Option<T>) -> Result<T, FieldError> {
        let unnamed = || FieldError { pointer: String::new(), detail: "is invalid".to_owned() };
        self.0.into_iter().next().map_or_else(|| value.ok_or_else(unnamed), Err)
    }

    /// Returns `value` if there are no errors.
    pub(crate) fn none_or<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::fields(self.0)),
        }
    }
}

/// Cuts a pointer, because a name in it may be of the client's choice and as long as the request.
pub(crate) fn cut(pointer: String) -> String {
    match pointer.char_indices().nth(LONGEST_POINTER) {
        Some((end, _)) => format!("{}…", &pointer[..end]),
        None => pointer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_cut_at_100_characters() {
        for (pointer, expected) in [
            (format!("/{}", "é".repeat(99)), format!("/{}", "é".repeat(99))),
            (format!("/{}", "é".repeat(100)), format!("/{}…", "é".repeat(99))),
            (format!("/{}", "é".repeat(60_000)), format!("/{}…", "é".repeat(99))),
        ] {
            assert_eq!(cut(pointer), expected);
        }
    }

    #[test]
    fn a_response_has_at_most_100_errors() {
        let mut errors = FieldErrors::default();
        for n in 0..200 {
            assert_eq!(errors.is_full(), n >= 100);
            errors.add(format!("/{n}"), "is wrong");
        }
        assert_eq!(errors.0.len(), 100);
    }
}
