//! A stand-in for DynamoDB that records the requested writes and stores nothing.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use emulator::sdk_config;
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

/// An item that a transaction puts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Put {
    pub(super) table_name: String,
    /// In DynamoDB's JSON, byte for byte.
    pub(super) item: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Transaction {
    transact_items: Vec<Write>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Write {
    put: Put,
}

/// An HTTP client that responds to each transaction as if it were committed. Clones share the
/// recorded requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<HttpRequest>>>);

impl Recorder {
    /// Returns an SDK client that sends its requests to this recorder.
    pub(super) fn client(&self) -> Client {
        Client::new(&sdk_config(SharedHttpClient::new(self.clone())))
    }

    /// Takes the items recorded since the last call, in order.
    pub(super) fn take(&self) -> Result<Vec<Put>, serde_json::Error> {
        let requests = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut puts = Vec::new();
        for request in requests {
            let body = request.body().bytes().unwrap_or_default();
            let transaction: Transaction = serde_json::from_slice(body)?;
            puts.extend(transaction.transact_items.into_iter().map(|write| write.put));
        }
        Ok(puts)
    }
}

impl HttpClient for Recorder {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let committed = HttpResponse::new(StatusCode::OK.into(), SdkBody::from("{}"));
        HttpConnectorFuture::ready(Ok(committed))
    }
}
