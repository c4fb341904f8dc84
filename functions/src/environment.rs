//! What a function is handed by the place where it runs.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use shared::clock::Clock;
use shared::config::{Config, ConfigError};
use shared::db::Db;
use shared::telemetry;

/// How long one request to AWS may take before it is sent again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a request to AWS may take with all its repetitions.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);

/// What a function is handed by the place where it runs.
#[derive(Clone)]
pub struct Environment {
    /// The deployment's settings.
    pub config: Config,
    /// How the AWS SDK reaches AWS: credentials, region, HTTP client.
    pub sdk: SdkConfig,
    /// What time it is.
    pub clock: Clock,
}

impl Environment {
    /// The environment of this process, as Lambda sets it up; starts its log.
    pub async fn from_lambda() -> Result<Self, ConfigError> {
        telemetry::init();
        Ok(Self {
            config: Config::from_env()?,
            sdk: aws_config::load_defaults(BehaviorVersion::latest()).await,
            clock: Clock::system(),
        })
    }

    /// The tables.
    pub(crate) fn db(&self) -> Db {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.sdk);
        let config = config.timeout_config(timeouts()).build();
        Db::new(aws_sdk_dynamodb::Client::from_conf(config), &self.config)
    }
}

/// Bounds on what a slow peer can hold up, well within a function's own time-out.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}
