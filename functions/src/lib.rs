//! Waybill's Lambda functions. Each module makes the service of one function
//! from its [`Environment`]; the binary of that name in `src/bin` runs it.

use aws_config::{BehaviorVersion, SdkConfig};
use shared::config::{Config, ConfigError};
use shared::edge::Clock;

pub mod create_order;
pub mod live_authorize;
pub mod live_connect;
pub mod live_message;
pub mod live_tickets;
pub mod query_orders;
pub mod relay;
pub mod transition_order;

/// What a function is handed by the place where it runs.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The deployment's settings.
    pub config: Config,
    /// How the AWS SDK reaches AWS: credentials, region, HTTP client.
    pub sdk: SdkConfig,
    /// What time it is.
    pub clock: Clock,
}

impl Environment {
    /// The environment of this process, as Lambda sets it up.
    pub async fn from_lambda() -> Result<Self, ConfigError> {
        Ok(Self {
            config: Config::from_env()?,
            sdk: aws_config::load_defaults(BehaviorVersion::latest()).await,
            clock: Clock::system(),
        })
    }
}
