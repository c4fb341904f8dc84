//! Requests of functions to the world outside of AWS, such as webhooks. The function makes the
//! connector, with its own rules about targets; here each request is attributed to its function,
//! counted, and exposed to faults. IAM knows no URLs, so nothing is authorised.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::{Transport, status};
use crate::call::Call;
use crate::dynamodb::Reply;

/// Wraps a real connector of a function.
pub type Egress = Arc<dyn Fn(SharedHttpConnector) -> SharedHttpConnector + Send + Sync>;

impl Transport {
    /// Returns the wrapper of the connectors with which `function` makes requests to the world.
    pub fn egress_for(&self, function: &str) -> Egress {
        let (function, transport) = (function.to_owned(), self.clone());
        Arc::new(move |real| {
            let (function, transport) = (function.clone(), transport.clone());
            SharedHttpConnector::new(EgressConnector { function, transport, real })
        })
    }
}

/// A wrapped connector.
struct EgressConnector {
    function: String,
    transport: Transport,
    real: SharedHttpConnector,
}

impl HttpConnector for EgressConnector {
    /// The body of the response is passed on as it comes.
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let call = Call::outbound(self.function.clone(), &request);
        let (transport, real) = (self.transport.clone(), self.real.clone());
        HttpConnectorFuture::new(async move {
            let execute = async {
                transport.meter.requested_outbound(&call.function);
                real.call(request).await
            };
            let running = transport.attempts.begin(&call);
            let response = transport.expose(&call, execute, refused).await?;
            running.responded(response.status().as_u16());
            Ok(response)
        })
    }
}

fn refused(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let status = status(&reply);
    let mut response = http::Response::new(SdkBody::from(reply.body));
    *response.status_mut() = status;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
}

impl fmt::Debug for EgressConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EgressConnector").field(&self.function).finish()
    }
}
