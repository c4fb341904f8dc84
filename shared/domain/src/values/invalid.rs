//! The reason why a value is rejected.

use std::borrow::Cow;

/// The rule that an invalid value violates, in words for the sender of the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub Cow<'static, str>);

impl Invalid {
    /// Creates an error with the rule of the value, for example `must be a whole number from 1`.
    pub const fn new(detail: &'static str) -> Self {
        Self(Cow::Borrowed(detail))
    }
}
