//! The environment of each function: its variables, its SDK, its clock. None of it is the
//! process's own, so functions cannot see each other's environment.

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
use crate::transport::{Egress, Transport};

/// The environment of a function.
pub struct Sandbox {
    pub binary: String,
    pub variables: BTreeMap<String, String>,
    /// An SDK whose calls are authorised by the function's policy and counted.
    pub sdk: SdkConfig,
    /// Wraps the clients with which the function makes HTTP requests to the world, so that these
    /// are counted and can have faults.
    pub egress: Egress,
    pub clock: Clock,
}

/// Creates the template's functions, each with its code in its own sandbox.
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
            egress: transport.egress_for(&declared.binary),
            clock: clock.clone(),
        };
        let code = (program.code)(&sandbox)
            .map_err(|reason| DeployError::Function { function: logical_id.clone(), reason })?;
        let function = Function::new(declared, code, clock.clone(), time_scale, meter.clone());
        functions.insert(logical_id, function);
    }
    Ok(functions)
}

/// Returns an SDK configuration whose calls go through `http_client`. The credentials that sign
/// them are dummies.
pub fn sdk_config(http_client: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY_ID, "local", None, None, "waybill");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client)
        .build()
}
