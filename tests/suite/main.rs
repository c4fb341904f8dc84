//! The whole of Waybill, tested from outside: over HTTP and WebSocket, on the
//! embedded DynamoDB or on the one that `DYNAMODB_ENDPOINT` names.

mod edges;
mod harness;
mod life;
mod lists;
mod privacy;
mod race;
mod refusals;
mod replays;
