//! The registration of functions, once each, in the crate's root. The binaries, the local runner
//! and the contract use it.

use axum::Router;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::EventService;

/// A runtime for functions, which takes the same code as Lambda's runtime.
pub trait Host {
    /// A function that is ready to be called.
    type Function;

    /// Hosts a function that API Gateway's HTTP API calls.
    fn http(&self, code: Router) -> Self::Function;

    /// Hosts a function that takes events `E` and returns `A`.
    fn event<E, A, S>(&self, code: S) -> Self::Function
    where
        E: DeserializeOwned + Send + 'static,
        A: Serialize + 'static,
        S: EventService<E, A> + Sync;
}

/// Registers functions. A row is a kind, the function's name and its module. An `http` module has
/// `routes`; an `event` module has `service`.
macro_rules! functions {
    ($($kind:ident $name:literal $module:ident,)+) => {
        /// Builds the function called `name` with its environment for `host`; `None` if there is
        /// no such function.
        pub fn function<H: $crate::Host>(
            name: &str,
            env: &$crate::Environment,
            host: &H,
        ) -> Option<Result<H::Function, $crate::VariableError>> {
            match name {
                $($name => Some(functions!(@host $kind $module env host)),)+
                _ => None,
            }
        }

        /// Describes the routes of all functions.
        pub(crate) fn describe_routes(
            document: $crate::routes::Document,
        ) -> $crate::routes::Document {
            $(let document = functions!(@describe $kind $module document);)+
            document
        }

        /// The entry points of the binaries.
        pub mod lambda {
            $(
                #[doc = concat!("Runs the Lambda function `", $name, "`.")]
                pub async fn $module() -> Result<(), $crate::Error> {
                    let env = $crate::Environment::from_lambda().await;
                    functions!(@run $kind $module env)
                }
            )+
        }
    };
    (@host http $module:ident $env:ident $host:ident) => {
        $crate::app::serve($env, crate::$module::routes).map(|code| $host.http(code))
    };
    (@host event $module:ident $env:ident $host:ident) => {
        crate::$module::service($env).map(|code| $host.event(code))
    };
    (@describe http $module:ident $document:ident) => {
        crate::$module::routes($document)
    };
    (@describe event $module:ident $document:ident) => {
        $document
    };
    (@run http $module:ident $env:ident) => {
        lambda_http::run($crate::app::serve(&$env, crate::$module::routes)?).await
    };
    (@run event $module:ident $env:ident) => {
        Box::pin(lambda_runtime::run(crate::$module::service(&$env)?)).await
    };
}
