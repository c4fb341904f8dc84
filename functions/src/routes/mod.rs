//! The trait with which functions declare their routes. One declaration both serves a route and
//! describes it.

mod document;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

pub(crate) use self::document::Document;
use crate::describe::Endpoint;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Returns the method's key in a path of the `OpenAPI` document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// A collection of the routes of a function whose handlers share a state `S`. [`Router`] serves
/// the routes, and the `OpenAPI` document describes them, so both always agree.
pub(crate) trait Routes<S>: Sized {
    /// Adds a route with its handler and its description.
    fn route<H: Handler<T, S>, T: 'static>(
        self,
        method: Method,
        path: &str,
        handler: H,
        describe: impl FnOnce(Endpoint<'_>) -> Endpoint<'_>,
    ) -> Self;
}

impl<S: Clone + Send + Sync + 'static> Routes<S> for Router<S> {
    fn route<H: Handler<T, S>, T: 'static>(
        self,
        method: Method,
        path: &str,
        handler: H,
        _: impl FnOnce(Endpoint<'_>) -> Endpoint<'_>,
    ) -> Self {
        self.route(path, on(method.filter(), handler))
    }
}
