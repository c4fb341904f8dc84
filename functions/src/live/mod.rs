//! What the functions of the live side share.

pub mod broadcast;
pub mod connections;
mod frame;
mod identity;
mod messages;

pub(crate) use connections::{Connections, PostError};
pub(crate) use frame::OrderEvent;
pub use frame::{Ending, Frame, SnapshotPage, Subscribed};
pub(crate) use identity::Identity;
pub use messages::Changes;
pub(crate) use messages::{MAX_BYTES, Messages, Removed};

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings::Body;

/// What a function of the WebSocket API returns: 200, and perhaps a message to
/// the client that asked.
pub(crate) fn response(frame: Option<&Frame>) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = 200;
    response.body = frame.map(|frame| Body::Text(frame.to_json()));
    response
}
