//! The code of a function as a handler of raw bytes. It calls the same service that
//! `lambda_http::run` or `lambda_runtime::run` polls in the deployed binary.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_http::Adapter;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::{Service, ServiceExt};

use super::FunctionError;

type Invocation = BoxFuture<'static, Result<Bytes, FunctionError>>;

/// The code of a function. Clones share it.
#[derive(Clone)]
pub struct Handler(Arc<dyn Fn(Bytes, Context) -> Invocation + Send + Sync>);

impl Handler {
    /// Creates a handler of an HTTP function, wrapped as `lambda_http::run` wraps it.
    pub fn http(router: Router) -> Self {
        // A router is always ready, so its readiness is not polled. The adapter is not `Send` and
        // must be dropped before its future is awaited.
        Self::new(move |event| Adapter::<'static, Response, _>::from(router.clone()).call(event))
    }

    /// Creates a handler of any other event from the service that `lambda_runtime::run` accepts.
    pub fn event<E, R, S>(service: S) -> Self
    where
        E: DeserializeOwned + Send + 'static,
        R: Serialize + 'static,
        S: Service<LambdaEvent<E>, Response = R, Error: Into<Diagnostic>, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        Self::new(move |event| service.clone().oneshot(event))
    }

    fn new<E, R, D, F>(start: impl Fn(LambdaEvent<E>) -> F + Send + Sync + 'static) -> Self
    where
        E: DeserializeOwned,
        R: Serialize,
        D: Into<Diagnostic>,
        F: Future<Output = Result<R, D>> + Send + 'static,
    {
        let start = Arc::new(start);
        Self(Arc::new(move |event, context| {
            let start = Arc::clone(&start);
            let invocation = AssertUnwindSafe(async move {
                let payload = serde_json::from_slice(&event).map_err(|error| {
                    FunctionError::new("Runtime.UnmarshalError", error.to_string())
                })?;
                let response = start(LambdaEvent::new(payload, context));
                written(&response.await.map_err(diagnosed)?)
            });
            let invocation = invocation.catch_unwind();
            async { invocation.await.unwrap_or_else(|panic| Err(panicked(&*panic))) }.boxed()
        }))
    }

    /// Runs the code once. A panic in it becomes the error of this invocation.
    pub(super) fn call(&self, event: Bytes, context: Context) -> Invocation {
        (self.0)(event, context)
    }
}

fn written(response: &impl Serialize) -> Result<Bytes, FunctionError> {
    let json = serde_json::to_vec(response);
    json.map(Bytes::from)
        .map_err(|error| FunctionError::new("Runtime.MarshalError", error.to_string()))
}

fn diagnosed(error: impl Into<Diagnostic>) -> FunctionError {
    let Diagnostic { error_type, error_message } = error.into();
    FunctionError { error_type, error_message }
}

/// Returns the error for a panic, worded as by `lambda_runtime`'s own panic layer.
fn panicked(panic: &(dyn Any + Send)) -> FunctionError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    FunctionError::new("Runtime.Panic", format!("Lambda panicked: {}", text.unwrap_or("?")))
}
