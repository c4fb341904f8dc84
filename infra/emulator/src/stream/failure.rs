//! The message to a failure destination.

use clock::Timestamp;
use random::random_uuid;
use serde_json::{Value, json};

use super::Settings;
use super::batch::Discarded;

/// Returns the message that Lambda sends for a batch that it gives up. The message contains the
/// position of the records in the stream, not the records.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>
pub(super) fn record(
    settings: &Settings,
    shard_id: &str,
    discarded: &Discarded,
    now: Timestamp,
) -> Value {
    let batch = &discarded.batch;
    let (first, last) = batch.written();
    json!({
        "requestContext": {
            "requestId": random_uuid().to_string(),
            "functionArn": settings.function_arn,
            "condition": discarded.condition,
            "approximateInvokeCount": batch.failures(),
        },
        "responseContext": (batch.failures() > 0).then(|| json!({
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        })),
        "version": "1.0",
        "timestamp": now,
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": batch.sequence_numbers().next(),
            "endSequenceNumber": batch.sequence_numbers().last(),
            "approximateArrivalOfFirstRecord": first,
            "approximateArrivalOfLastRecord": last,
            "batchSize": batch.len(),
            "streamArn": settings.event_source_arn,
        },
    })
}
