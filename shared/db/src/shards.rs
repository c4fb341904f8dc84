//! The number of partitions that share an index.

/// The number of partitions that share an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    /// The number of partitions that are written to now; at least 1.
    pub written: u16,
    /// The number of partitions that were ever written to; at least `written`.
    pub read: u16,
}

impl Shards {
    /// A single partition.
    pub const ONE: Self = Self { written: 1, read: 1 };

    /// Parses every number that was ever in use, with the current one last: `1,8,4`.
    pub fn parse(text: &str) -> Option<Self> {
        let counts: Option<Vec<u16>> = text.split(',').map(|count| count.parse().ok()).collect();
        let counts = counts.filter(|counts| !counts.contains(&0))?;
        Some(Self { written: *counts.last()?, read: *counts.iter().max()? })
    }
}
