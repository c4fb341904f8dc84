//! Why a value is refused.

use std::borrow::Cow;

/// Says what a value must be, in words for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub Cow<'static, str>);

impl Invalid {
    /// Creates an error with the rule of the value, for example `must be a whole number from 1`.
    pub const fn new(detail: &'static str) -> Self {
        Self(Cow::Borrowed(detail))
    }
}
