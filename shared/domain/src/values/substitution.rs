//! Substitutes for products, and the answers of customers to them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Name, Reason, Sku, name_enum};

/// A product that replaces another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    pub sku: Sku,
    pub name: Name,
}

/// The goods that the customer gets in place of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Replacement {
    /// Another product.
    Substitute(Substitute),
    /// Fewer of the same product; none if it is missing.
    Fewer { quantity: u32 },
}

/// A substitution that a store proposes, in the form in which events store it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The line's number, from 1.
    pub line: usize,
    #[serde(flatten)]
    pub replacement: Replacement,
    pub reason: Reason,
    /// The difference of the line's price, in minor units; negative if cheaper. For fewer of the
    /// same product, the decision computes it.
    #[serde(rename = "difference")]
    pub price_difference: i64,
    /// Set if the customer is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

impl Proposal {
    /// The maximum change of a price in either direction, in minor units.
    pub const MAX_DIFFERENCE: i64 = 1_000_000_000_000;

    /// True if the customer gets fewer of the same product.
    pub const fn is_of_fewer(&self) -> bool {
        matches!(self.replacement, Replacement::Fewer { .. })
    }
}

/// The number of the substitution within its order, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema)]
pub struct SubstitutionId(usize);

name_enum! {
    /// The way of an order with a line that is short or missing.
    #[derive(Default)]
    pub enum Shortages as "Shortages": "The way of an order with a line that is short or missing."
    {
        /// The line shrinks without a question to the customer.
        #[default]
        Apply = "apply",
        /// The customer is asked, as about a substitute.
        Ask = "ask",
    }
}

name_enum! {
    /// The customer's answer to a substitution.
    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Answer {
        /// The substitute was accepted.
        Approved = "approved",
        /// The substitute was rejected, and the line is removed.
        Rejected = "rejected",
        /// The customer did not answer in time, and the line is removed, as the order's
        /// `unanswered` specifies. The order continues if any lines remain.
        LineCancelled = "line_cancelled",
        /// The customer was not asked: the line only shrinks.
        NotNeeded = "not_needed",
    }
}

/// The combined state of an order's substitutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// At least one substitution is not answered.
    Missing,
    /// All are answered, and none of the latest round is rejected.
    NoneRejected,
    /// All are answered, and at least one of the latest round is rejected.
    SomeRejected,
    /// All are answered, and no line is left.
    NothingLeft,
}

impl SubstitutionId {
    /// Creates an id from a number. A substitution with this id need not exist.
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// Returns the id of the substitution that follows `before` others.
    pub const fn after(before: usize) -> Self {
        Self(before + 1)
    }

    /// Returns this id and all ids after it.
    pub fn and_following(self) -> impl Iterator<Item = Self> {
        (self.0..).map(Self)
    }

    /// Returns the substitution's index in its order; `None` for the number 0, which is no id.
    pub const fn index(self) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// Serialises an id as a number.
impl Serialize for SubstitutionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SubstitutionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match usize::deserialize(deserializer)? {
            0 => Err(de::Error::custom("substitutions count from 1")),
            id => Ok(Self(id)),
        }
    }
}

impl fmt::Display for SubstitutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_counts_from_one() {
        for (text, id) in [("1", Some(SubstitutionId(1))), ("10", Some(SubstitutionId(10)))] {
            assert_eq!(serde_json::from_str(text).ok(), id);
        }
        for text in ["0", "-1", "1.5", "\"1\"", "null"] {
            assert!(serde_json::from_str::<SubstitutionId>(text).is_err(), "{text}");
        }
    }
}
