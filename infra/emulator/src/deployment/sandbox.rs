//! What each function runs in: its variables, its SDK, its clock. Nothing of it is the
//! process's, so that functions cannot see each other's.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use clock::Clock;

use super::{DeployError, Program};
use crate::TimeScale;
use crate::dynamodb::{ACCESS_KEY_ID, REGION};
use crate::invoke::{Function, Functions};
use crate::meter::Meter;
use crate::template::Template;
use crate::transport::Transport;

/// What a function runs in.
pub struct Sandbox {
    /// The function's binary.
    pub binary: String,
    /// Its environment variables.
    pub variables: BTreeMap<String, String>,
    /// An SDK whose calls are the function's: held to its policy, and counted.
    pub sdk: SdkConfig,
    /// What time it is for it.
    pub clock: Clock,
}

/// The template's functions, each with its code in its own sandbox.
pub(super) fn functions(
    template: &Template,
    program: &Program,
    transport: &Transport,
    clock: &Clock,
    time_scale: TimeScale,
    meter: &Meter,
) -> Result<Functions, DeployError> {
    let mut functions = Functions::default();
    for (logical_id, declared) in &template.functions {
        let sandbox = Sandbox {
            binary: declared.binary.clone(),
            variables: declared.variables.clone(),
            sdk: sdk_config(transport.client_for(&declared.binary)),
            clock: clock.clone(),
        };
        let code = (program.code)(&sandbox)
            .map_err(|reason| DeployError::Function { function: logical_id.clone(), reason })?;
        let function = Function::new(declared, code, clock.clone(), time_scale, meter.clone());
        functions.insert(logical_id, function);
    }
    Ok(functions)
}

/// An SDK on this machine, whose calls go through `http_client`. It signs with
/// credentials that are nobody's.
pub fn sdk_config(http_client: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY_ID, "local", None, None, "waybill");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client)
        .build()
}
