//! What a deployment tells its functions, in the variables that template.yaml names.

use crate::auth::ClaimNames;

/// The settings of one deployment.
#[derive(Clone)]
pub struct Config {
    /// Table of order heads.
    pub orders_table: String,
    /// Table of events, never changed.
    pub history_table: String,
    /// Table of personal and large data.
    pub details_table: String,
    /// Table of connections, their topics, and tickets.
    pub subscriptions_table: String,
    /// Table of what merchants have set.
    pub merchants_table: String,
    /// Base URL of the `@connections` API, without a slash at its end.
    pub live_endpoint: String,
    /// The OIDC issuer whose tokens are accepted, exactly as `iss` has it.
    pub issuer: String,
    /// The `aud` that a token must name.
    pub audience: String,
    /// How the token's claims are called.
    pub claims: ClaimNames,
    /// How many partitions share the indexes that are everybody's.
    pub order_shards: Shards,
    /// URL of the queue of what the relay could not read.
    pub relay_failures_url: String,
    /// What list cursors are sealed with.
    pub cursor_key: String,
}

/// How many partitions share an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    /// Those that are written to now; at least 1.
    pub written: u16,
    /// Those that were ever written to; at least as many.
    pub read: u16,
}

impl Shards {
    /// Reads every number that was ever in use, the present one last: `1,8,4`.
    pub fn parse(text: &str) -> Option<Self> {
        let counts: Option<Vec<u16>> = text.split(',').map(|count| count.parse().ok()).collect();
        let counts = counts.filter(|counts| !counts.contains(&0))?;
        Some(Self { written: *counts.last()?, read: *counts.iter().max()? })
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable of template.yaml is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable is set to what it cannot be.
    #[error("the environment variable {0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Config {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// Reads the variables through `lookup`.
    pub fn from_variables(
        lookup: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let variable =
            |name| lookup(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name));
        let order_shards = Shards::parse(&variable("ORDER_SHARDS")?)
            .ok_or(ConfigError::Invalid("ORDER_SHARDS", "numbers from 1, with commas between"))?;
        Ok(Self {
            orders_table: variable("ORDERS_TABLE")?,
            history_table: variable("HISTORY_TABLE")?,
            details_table: variable("DETAILS_TABLE")?,
            subscriptions_table: variable("SUBSCRIPTIONS_TABLE")?,
            merchants_table: variable("MERCHANTS_TABLE")?,
            live_endpoint: variable("LIVE_ENDPOINT")?,
            relay_failures_url: variable("RELAY_FAILURES_URL")?,
            issuer: variable("ISSUER")?,
            audience: variable("AUDIENCE")?,
            claims: ClaimNames {
                role: variable("ROLE_CLAIM")?,
                merchant: variable("MERCHANT_CLAIM")?,
                store: variable("STORE_CLAIM")?,
                reference: variable("REFERENCE_CLAIM")?,
            },
            order_shards,
            cursor_key: variable("CURSOR_KEY")?,
        })
    }
}
