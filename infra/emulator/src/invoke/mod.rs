//! Invokes functions as Lambda does, with the JSON of an event and of a response.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clock::Clock;
use lambda_runtime::{Config, Context};
use random::random_uuid;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use crate::TimeScale;
use crate::meter::Meter;
use crate::template;

mod handler;

#[cfg(test)]
mod tests;

pub use handler::Handler;

/// The largest event and the largest response of a synchronous invocation, in bytes.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

/// The error of a failed invocation, in the format in which Lambda reports it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/rust-handler.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{error_type}: {error_message}")]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    pub error_type: String,
    pub error_message: String,
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
const TOO_LARGE: &str = "RequestEntityTooLargeException";

/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
const THROTTLED: &str = "TooManyRequestsException";

impl FunctionError {
    fn new(error_type: &str, error_message: impl Into<String>) -> Self {
        Self { error_type: error_type.to_owned(), error_message: error_message.into() }
    }

    /// Returns true if the event exceeded [`PAYLOAD_LIMIT`], so the function did not run.
    pub fn is_too_large(&self) -> bool {
        self.error_type == TOO_LARGE
    }

    /// Returns true if the function has as many invocations as it may have, so it did not run.
    pub fn is_throttled(&self) -> bool {
        self.error_type == THROTTLED
    }
}

/// The functions of one deployment, by the logical ids of the template.
#[derive(Clone, Default)]
pub struct Functions(BTreeMap<String, Arc<Function>>);

impl Functions {
    /// Adds a function under its logical id.
    pub fn insert(&mut self, logical_id: &str, function: Function) {
        self.0.insert(logical_id.to_owned(), Arc::new(function));
    }

    /// Returns the function with that logical id or binary.
    pub fn find(&self, name: &str) -> Option<&Arc<Function>> {
        self.0.get(name).or_else(|| self.0.values().find(|function| function.binary == name))
    }

    /// Invokes the function with that logical id (or binary) with `event`.
    pub async fn invoke(&self, name: &str, event: &impl Serialize) -> Result<Bytes, FunctionError> {
        let missing = || FunctionError::new("ResourceNotFoundException", name);
        let function = Arc::clone(self.find(name).ok_or_else(missing)?);
        let event = serde_json::to_vec(event)
            .map_err(|error| FunctionError::new("InvalidRequestContent", error.to_string()))?;
        function.invoke(event.into()).await
    }
}

/// A function that can be invoked concurrently, up to its concurrency.
pub struct Function {
    binary: String,
    arn: String,
    timeout: Duration,
    config: Arc<Config>,
    clock: Clock,
    time_scale: TimeScale,
    handler: Handler,
    meter: Meter,
    /// The invocations that can begin now; `None` for any number of them.
    slots: Option<Arc<Semaphore>>,
}

impl Function {
    /// Creates a function from its declaration in the template and its code. `clock`, which runs
    /// at `time_scale`, determines the deadlines of invocations; `meter` counts them.
    pub fn new(
        declared: &template::Function,
        handler: Handler,
        clock: Clock,
        time_scale: TimeScale,
        meter: Meter,
    ) -> Self {
        Self {
            binary: declared.binary.clone(),
            arn: declared.arn.clone(),
            timeout: declared.timeout,
            config: Arc::new(Config {
                function_name: declared.name.clone(),
                memory: declared.memory,
                version: "$LATEST".to_owned(),
                log_stream: String::new(),
                log_group: format!("/aws/lambda/{}", declared.name),
            }),
            clock,
            time_scale,
            handler,
            meter,
            slots: declared.concurrency.map(|most| Arc::new(Semaphore::new(most))),
        }
    }

    /// Returns the function's memory, in MB.
    pub fn memory(&self) -> i32 {
        self.config.memory
    }

    /// Runs the function until it returns, times out or panics. As on Lambda, the invocation
    /// continues if the caller goes away, and one beyond the function's concurrency is throttled.
    pub async fn invoke(self: Arc<Self>, event: Bytes) -> Result<Bytes, FunctionError> {
        if event.len() > PAYLOAD_LIMIT {
            let problem = format!("{} byte payload is too large", event.len());
            return Err(FunctionError::new(TOO_LARGE, problem));
        }
        let slot = self.slot()?;
        self.meter.invoked(&self.binary);
        let context = self.context();
        let request_id = context.request_id.clone();
        let span = tracing::info_span!("invocation", function = %self.binary, %request_id);
        let invocation = async move {
            let _until_ended = slot;
            let response = tokio::time::timeout(self.timeout, self.handler.call(event, context));
            let response =
                response.await.unwrap_or_else(|_| Err(timed_out(&request_id, self.timeout)));
            let response = response.and_then(within_limit);
            if let Err(error) = &response {
                tracing::error!(error.kind = %error.error_type, %error, "the invocation failed");
            }
            response
        };
        let task = tokio::spawn(invocation.instrument(span));
        task.await
            .unwrap_or_else(|stop| Err(FunctionError::new("Runtime.ExitError", stop.to_string())))
    }

    /// Takes the place of one invocation.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html#reserved-and-provisioned>
    fn slot(&self) -> Result<Option<OwnedSemaphorePermit>, FunctionError> {
        let slot = self.slots.clone().map(Semaphore::try_acquire_owned).transpose();
        slot.map_err(|_| FunctionError::new(THROTTLED, "Rate Exceeded."))
    }

    /// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next>
    fn context(&self) -> Context {
        let timeout = self.time_scale.stretch(self.timeout).as_millis();
        let timeout = i64::try_from(timeout).unwrap_or(i64::MAX);
        let deadline = self.clock.now().epoch_millis().saturating_add(timeout);
        let mut context = Context::default();
        context.request_id = random_uuid().to_string();
        context.deadline = deadline.try_into().unwrap_or_default();
        context.invoked_function_arn.clone_from(&self.arn);
        context.env_config = Arc::clone(&self.config);
        context
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
fn timed_out(request_id: &str, timeout: Duration) -> FunctionError {
    let seconds = timeout.as_secs_f64();
    let message =
        format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds");
    FunctionError::new("Sandbox.Timedout", message)
}

fn within_limit(response: Bytes) -> Result<Bytes, FunctionError> {
    if response.len() <= PAYLOAD_LIMIT {
        return Ok(response);
    }
    let problem = format!(
        "Response payload size ({} bytes) exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
        response.len()
    );
    Err(FunctionError::new("Function.ResponseSizeTooLarge", problem))
}
