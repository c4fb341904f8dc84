//! Plays a SAM template on one machine: functions, tables and their streams, queues, schedules,
//! HTTP and WebSocket APIs, permissions. It emulates AWS and is independent of the program: the
//! caller who starts a [`Deployment`] supplies the functions' code.

mod account;
mod call;
mod deployment;
pub mod dynamodb;
pub mod gateway;
pub mod iam;
pub mod invoke;
pub mod meter;
pub mod private;
pub mod queue;
pub mod stream;
pub mod template;
mod time_scale;
pub mod transport;

pub use account::Account;
pub use deployment::{
    Code, DeployError, Deployment, DeploymentOptions, Listener, Program, SEND_BUFFER, Sandbox,
    Schedules, Streams, sdk_config,
};
pub use time_scale::{TimeScale, TimeScaleError};
