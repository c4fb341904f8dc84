//! The parts that the WebSocket functions share.

mod bound;
pub mod broadcast;
pub mod connections;
mod frame;
mod identity;
mod messages;

pub(crate) use bound::{ConnectionBound, too_many_connections};
pub(crate) use connections::{ConnectionError, Connections};
pub use frame::{Ending, Frame, Positions, SnapshotPage, Subscribed};
pub(crate) use frame::{OrderEvent, OrderPosition};
pub(crate) use identity::Identity;
pub use messages::Changes;
pub(crate) use messages::{MAX_BYTES, Messages, Removed, positions};

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings::Body;

/// Builds the response of a WebSocket function: status 200, and optionally a message to the
/// client that sent the request.
pub(crate) fn response(frame: Option<&Frame>) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = 200;
    response.body = frame.map(|frame| Body::Text(frame.to_json()));
    response
}
