//! What a function is handed by the place where it runs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use clock::Clock;
use db::{Db, Shards, Tables};
use domain::ClaimNames;
use http_api::CursorKey;

use crate::telemetry;

/// How long one request to AWS may take before it is sent again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a request to AWS may take with all its repetitions.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);

/// What a function is handed by the place where it runs.
#[derive(Clone)]
pub struct Environment {
    /// The deployment's settings.
    pub variables: Variables,
    /// How the AWS SDK reaches AWS: credentials, region, HTTP client.
    pub sdk: SdkConfig,
    /// What time it is.
    pub clock: Clock,
}

/// Environment variables, as template.yaml sets them. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Variables(Arc<BTreeMap<String, String>>);

/// Why a function cannot use its environment variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// A variable that the function reads is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable is set to what it cannot be.
    #[error("the environment variable {0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Variables {
    /// The variables of this process; those that are not text are not there.
    fn of_process() -> Self {
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(Arc::new(std::env::vars_os().filter_map(text).collect()))
    }

    /// The value of a variable; one that is empty is not set.
    pub(crate) fn get(&self, name: &'static str) -> Result<String, VariableError> {
        let value = self.0.get(name).filter(|value| !value.is_empty());
        value.cloned().ok_or(VariableError::Missing(name))
    }
}

impl From<BTreeMap<String, String>> for Variables {
    fn from(variables: BTreeMap<String, String>) -> Self {
        Self(Arc::new(variables))
    }
}

impl Environment {
    /// The environment of this process, as Lambda sets it up; starts its log.
    pub async fn from_lambda() -> Self {
        telemetry::init();
        Self {
            variables: Variables::of_process(),
            sdk: aws_config::load_defaults(BehaviorVersion::latest()).await,
            clock: Clock::system(),
        }
    }

    /// The tables.
    pub(crate) fn db(&self) -> Result<Db, VariableError> {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.sdk);
        let config = config.timeout_config(timeouts()).build();
        let variable = |name| self.variables.get(name);
        let tables = Tables::read(variable)?;
        let shards = Shards::parse(&variable("ORDER_SHARDS")?)
            .ok_or(VariableError::Invalid("ORDER_SHARDS", "numbers from 1, with commas between"))?;
        Ok(Db::new(aws_sdk_dynamodb::Client::from_conf(config), tables, shards))
    }

    /// How the tokens' claims are called.
    pub(crate) fn claim_names(&self) -> Result<ClaimNames, VariableError> {
        let variable = |name| self.variables.get(name);
        Ok(ClaimNames {
            role: variable("ROLE_CLAIM")?,
            merchant: variable("MERCHANT_CLAIM")?,
            store: variable("STORE_CLAIM")?,
            reference: variable("REFERENCE_CLAIM")?,
        })
    }

    /// The key that seals cursors.
    pub(crate) fn cursor_key(&self) -> Result<CursorKey, VariableError> {
        Ok(CursorKey::new(&self.variables.get("CURSOR_KEY")?))
    }
}

/// Bounds on what a slow peer can hold up, well within a function's own time-out.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}
