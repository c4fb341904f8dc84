//! A place in the template.

use std::fmt;

use super::TemplateError;

/// A place in the template, written `Resources.Relay.Properties.Policies[0]`.
#[derive(Clone, Debug)]
pub(super) struct Path(String);

impl Path {
    pub(super) fn root() -> Self {
        Self(String::new())
    }

    pub(super) fn key(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self(format!("{}.{name}", self.0)) }
    }

    pub(super) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// Returns an error with this place and the `problem`.
    pub(super) fn error(&self, problem: impl Into<String>) -> TemplateError {
        TemplateError::Invalid { at: self.to_string(), problem: problem.into() }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the template" } else { &self.0 })
    }
}
