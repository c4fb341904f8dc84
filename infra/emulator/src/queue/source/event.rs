//! The event of an invocation.

use serde_json::{Value, json};

use super::Receipt;
use crate::template::REGION;

/// Returns the event with which Lambda delivers messages of the queue with this ARN.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event>
pub(super) fn of(batch: &[Receipt], queue_arn: &str) -> Value {
    let record = |Receipt { handle, message, .. }: &Receipt| {
        json!({
            "messageId": message.id,
            "receiptHandle": handle,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": {},
            "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": REGION,
        })
    };
    json!({ "Records": batch.iter().map(record).collect::<Vec<_>>() })
}
