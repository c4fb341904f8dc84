//! Products that stand in for others, and what customers say to them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Name, Reason, Sku, name_enum};

/// A product that stands in for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// The merchant's name of the product.
    pub sku: Sku,
    /// The product's name for people.
    pub name: Name,
}

/// A substitution as a store proposes it; this is also how an event stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The line, from 1.
    pub line: usize,
    #[serde(flatten)]
    pub substitute: Substitute,
    /// The reason.
    pub reason: Reason,
    /// The difference of the line's price, in minor units; negative if cheaper.
    #[serde(rename = "difference")]
    pub price_difference: i64,
}

impl Proposal {
    /// The most that a price may change, in minor units.
    pub const MAX_DIFFERENCE: i64 = 1_000_000_000_000;
}

/// The number of the substitution within its order, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema)]
pub struct SubstitutionId(usize);

name_enum! {
    /// The customer's answer to a substitution.
    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Answer {
        /// The customer takes the substitute.
        Approved = "approved",
        /// The customer does not, and the line is removed.
        Rejected = "rejected",
        /// The customer did not answer, and the line is removed, as the order's `unanswered`
        /// says. The order continues.
        LineCancelled = "line_cancelled",
    }
}

/// Where an order's substitutions stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// One is not answered.
    Missing,
    /// All are answered, and of those that were asked together none is rejected.
    NoneRejected,
    /// All are answered, and one of those asked together is rejected.
    SomeRejected,
    /// All are answered, and no line is left.
    NothingLeft,
}

impl SubstitutionId {
    /// The id that is this number; there is a substitution for it, or there is not.
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// The id of the substitution that follows `before` others.
    pub const fn after(before: usize) -> Self {
        Self(before + 1)
    }

    /// This id and those after it.
    pub fn and_following(self) -> impl Iterator<Item = Self> {
        (self.0..).map(Self)
    }

    /// How many substitutions come before it; none before an id that there is not.
    pub const fn index(self) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// An id as a number.
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
