//! How many partitions share an index.

/// How many partitions share an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    /// Those that are written to now; at least 1.
    pub written: u16,
    /// Those that were ever written to; at least as many.
    pub read: u16,
}

impl Shards {
    /// One partition, as it always was.
    pub const ONE: Self = Self { written: 1, read: 1 };

    /// Reads every number that was ever in use, the present one last: `1,8,4`.
    pub fn parse(text: &str) -> Option<Self> {
        let counts: Option<Vec<u16>> = text.split(',').map(|count| count.parse().ok()).collect();
        let counts = counts.filter(|counts| !counts.contains(&0))?;
        Some(Self { written: *counts.last()?, read: *counts.iter().max()? })
    }
}
