//! Each function's own environment: its variables, its SDK, its clock. Nothing
//! of it is the process's, so that functions cannot see each other's.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use functions::Environment;
use shared::auth::ClaimNames;
use shared::clock::Clock;
use shared::config::Config;

use super::StartError;
use crate::dynamodb::{ACCESS_KEY_ID, REGION};
use crate::invoke::{Function, Functions, registry};
use crate::meter::Meter;
use crate::template::{self, Template, TemplateError};
use crate::time_scale::TimeScale;
use crate::transport::Transport;

/// The template's functions, each with its code in its own environment.
pub(super) fn functions(
    template: &Template,
    transport: &Transport,
    clock: &Clock,
    time_scale: TimeScale,
    meter: &Meter,
) -> Result<Functions, StartError> {
    let mut functions = Functions::default();
    for (logical_id, declared) in &template.functions {
        let environment = Environment {
            config: config(logical_id, declared)?,
            sdk: sdk_config(transport.client_for(&declared.binary)),
            clock: clock.clone(),
        };
        let code = registry::handler(&declared.binary, &environment);
        let code = code.ok_or_else(|| StartError::NoCode {
            function: logical_id.clone(),
            binary: declared.binary.clone(),
        })?;
        let function = Function::new(declared, code, clock.clone(), time_scale, meter.clone());
        functions.insert(logical_id, function);
    }
    Ok(functions)
}

/// What the tokens' claims are called.
pub(super) fn claim_names(template: &Template) -> Result<ClaimNames, TemplateError> {
    let parameter = |name| template.parameter(name).map(str::to_owned);
    Ok(ClaimNames {
        role: parameter("RoleClaim")?,
        merchant: parameter("MerchantClaim")?,
        store: parameter("StoreClaim")?,
        reference: parameter("ReferenceClaim")?,
    })
}

fn config(logical_id: &str, declared: &template::Function) -> Result<Config, StartError> {
    let variables = &declared.variables;
    Config::from_variables(|name| variables.get(name).cloned())
        .map_err(|source| StartError::Config { function: logical_id.to_owned(), source })
}

/// An SDK on this machine, whose calls go through `http_client`. It signs with
/// credentials that are nobody's.
pub(crate) fn sdk_config(http_client: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY_ID, "local", None, None, "waybill");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client)
        .build()
}
