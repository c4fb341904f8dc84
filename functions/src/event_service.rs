//! The service that `lambda_runtime` runs.

use lambda_runtime::{Error, LambdaEvent};
use tower::Service;

/// The service of a function that takes events `E` and returns `A`.
pub trait EventService<E, A>:
    Service<LambdaEvent<E>, Response = A, Error = Error, Future: Send> + Clone + Send + 'static
{
}

impl<E, A, S> EventService<E, A> for S where
    S: Service<LambdaEvent<E>, Response = A, Error = Error, Future: Send> + Clone + Send + 'static
{
}
