//! What somebody on an order finds wrong with it.

use serde::{Deserialize, Serialize};

use super::shape::schema_of_shape;
use super::{Bounds, Shape, Shaped, Text, Version};

/// The most open issues of one order.
pub const MAX_OPEN_ISSUES: usize = 10;

/// What happened, as whoever saw it tells; or what was done about it.
pub type Description = Text<1000>;

/// An issue that nobody has resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its name: the version of the event that opened it.
    pub id: Version,
    /// What it is about.
    pub kind: IssueKind,
    /// How bad it is.
    pub severity: Severity,
}

/// What an issue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// The order is later than it should be.
    Delay,
    /// Something is broken or spoilt.
    Damaged,
    /// Something is not there.
    MissingItem,
    /// Something else is there.
    WrongItem,
    /// The address is wrong or not to be reached.
    Address,
    /// The money does not add up.
    Payment,
    /// Somebody is in danger.
    Safety,
    /// Anything else.
    Other,
}

impl IssueKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Delay,
        Self::Damaged,
        Self::MissingItem,
        Self::WrongItem,
        Self::Address,
        Self::Payment,
        Self::Safety,
        Self::Other,
    ];

    /// Its name in bodies and storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Damaged => "damaged",
            Self::MissingItem => "missing_item",
            Self::WrongItem => "wrong_item",
            Self::Address => "address",
            Self::Payment => "payment",
            Self::Safety => "safety",
            Self::Other => "other",
        }
    }

    /// The kind called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Shaped for IssueKind {
    const SHAPE: Shape = Shape {
        name: Some("IssueType"),
        about: "What an issue is about.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}

schema_of_shape!(IssueKind);

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It can wait.
    Low,
    /// It is for today.
    Medium,
    /// It is for now.
    High,
    /// Everything else waits.
    Critical,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its name in bodies and storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

impl Shaped for Severity {
    const SHAPE: Shape = Shape {
        name: Some("Severity"),
        about: "How bad an issue is.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}

schema_of_shape!(Severity);
