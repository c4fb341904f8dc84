//! The environment that a function runs in: its variables, the AWS configuration and the clock.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use clock::Clock;
use db::{Db, Shards, Tables};
use domain::ClaimNames;
use http_api::{CursorKey, OrderIdKey};

use crate::egress::Observe;
use crate::telemetry;

/// The time limit of one attempt of a request to AWS.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// The time limit of a request to AWS with all its retries.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);

/// The environment that a function runs in.
#[derive(Clone)]
pub struct Environment {
    /// The deployment's settings.
    pub variables: Variables,
    /// The configuration of AWS clients: credentials, region, HTTP client.
    pub sdk: SdkConfig,
    pub clock: Clock,
    /// Observes the requests to servers outside of AWS.
    pub egress: Observe,
}

/// The environment variables that template.yaml sets. Clones share them.
#[derive(Clone, Debug)]
pub struct Variables(Arc<BTreeMap<String, String>>);

/// An error in the function's environment variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// The variable is not set. Carries its name.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The variable has an invalid value. Carries its name and the expected form.
    #[error("the environment variable {0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Variables {
    /// Returns the variables of this process, without those that are not valid Unicode.
    fn of_process() -> Self {
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(Arc::new(std::env::vars_os().filter_map(text).collect()))
    }

    /// Returns the value of a variable. An empty variable counts as not set.
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
    /// Reads the environment of this process, as Lambda sets it up, and starts logging.
    pub async fn from_lambda() -> Self {
        telemetry::init();
        Self {
            variables: Variables::of_process(),
            sdk: aws_config::load_defaults(BehaviorVersion::latest()).await,
            clock: Clock::system(),
            egress: Arc::new(|client| client),
        }
    }

    /// Connects to the tables.
    pub(crate) fn db(&self) -> Result<Db, VariableError> {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.sdk);
        let config = config.timeout_config(timeouts()).build();
        let variable = |name| self.variables.get(name);
        let tables = Tables::read(variable)?;
        let shards = Shards::parse(&variable("ORDER_SHARDS")?)
            .ok_or(VariableError::Invalid("ORDER_SHARDS", "numbers from 1, with commas between"))?;
        Ok(Db::new(aws_sdk_dynamodb::Client::from_conf(config), tables, shards))
    }

    /// Returns a client of SQS.
    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::config::Builder::from(&self.sdk);
        aws_sdk_sqs::Client::from_conf(config.timeout_config(timeouts()).build())
    }

    /// Returns the names of the token claims.
    pub(crate) fn claim_names(&self) -> Result<ClaimNames, VariableError> {
        let variable = |name| self.variables.get(name);
        Ok(ClaimNames {
            id: variable("ID_CLAIM")?,
            role: variable("ROLE_CLAIM")?,
            merchant: variable("MERCHANT_CLAIM")?,
            store: variable("STORE_CLAIM")?,
            reference: variable("REFERENCE_CLAIM")?,
        })
    }

    /// Returns the key that seals cursors.
    pub(crate) fn cursor_key(&self) -> Result<CursorKey, VariableError> {
        Ok(CursorKey::new(&self.secret()?))
    }

    /// Returns the key of the ids of orders that are created under an `Idempotency-Key`.
    pub(crate) fn order_id_key(&self) -> Result<OrderIdKey, VariableError> {
        Ok(OrderIdKey::new(&self.secret()?))
    }

    fn secret(&self) -> Result<String, VariableError> {
        self.variables.get("STACK_SECRET")
    }
}

/// Returns the time limits of requests to AWS, well below a function's own timeout.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}
