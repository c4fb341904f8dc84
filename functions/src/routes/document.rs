//! The paths of the `OpenAPI` document.

use axum::handler::Handler;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{Method, Routes};
use crate::describe::{Endpoint, generator};

/// The `OpenAPI` paths of the described routes, with their schemas and faults.
pub(crate) struct Document {
    pub(crate) generator: SchemaGenerator,
    pub(crate) paths: Map<String, Value>,
    pub(crate) faults: Vec<String>,
}

impl Document {
    /// Creates a document without routes.
    pub(crate) fn new() -> Self {
        Self { generator: generator(), paths: Map::new(), faults: Vec::new() }
    }
}

impl<S> Routes<S> for Document {
    fn route<H: Handler<T, S>, T: 'static>(
        mut self,
        method: Method,
        path: &str,
        _: H,
        describe: impl FnOnce(Endpoint<'_>) -> Endpoint<'_>,
    ) -> Self {
        let endpoint = describe(Endpoint::new(&mut self.generator, path));
        let endpoint = if method == Method::Get { endpoint.revalidated() } else { endpoint };
        let (operation, faults) = endpoint.finish();
        self.faults.extend(faults.into_iter().map(|it| format!("{} {path}: {it}", method.name())));
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        item[method.name()] = operation;
        self
    }
}
