//! Waybill's functions, as the emulator calls them.

use std::sync::Arc;

use axum::Router;
use emulator::Sandbox;
use emulator::invoke::Handler;
use functions::{Environment, EventService, Host, Variables};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Wraps the code of functions in the emulator's handlers.
struct Handlers;

impl Host for Handlers {
    type Function = Handler;

    fn http(&self, code: Router) -> Handler {
        Handler::http(code)
    }

    fn event<E, A, S>(&self, code: S) -> Handler
    where
        E: DeserializeOwned + Send + 'static,
        A: Serialize + 'static,
        S: EventService<E, A> + Sync,
    {
        Handler::event(code)
    }
}

/// Returns the code of the function in `sandbox`, or the reason why the function cannot start.
pub(crate) fn code(sandbox: &Sandbox) -> Result<Handler, String> {
    let Sandbox { binary, variables, sdk, clock, egress } = sandbox;
    let environment = Environment {
        variables: Variables::from(variables.clone()),
        sdk: sdk.clone(),
        clock: clock.clone(),
        egress: Arc::clone(egress),
    };
    let code = functions::function(binary, &environment, &Handlers);
    let code = code.ok_or_else(|| format!("functions/src/bin has no binary {binary}"));
    code?.map_err(|error| error.to_string())
}
