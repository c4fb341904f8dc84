//! The function's response about its batch.

use serde_json::Value;

use super::Receipt;

/// Returns the ids of the messages that failed; `None` if the whole batch did. No failures, or an
/// empty response, mean success. An identifier that is missing, empty or not of this batch, or a
/// malformed response, fails the whole batch.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
pub(super) fn failed(response: &Value, batch: &[Receipt]) -> Option<Vec<String>> {
    let failures = match response {
        Value::Null => return Some(Vec::new()),
        Value::String(text) if text.is_empty() => return Some(Vec::new()),
        Value::Object(fields) => match fields.get("batchItemFailures") {
            None | Some(Value::Null) => return Some(Vec::new()),
            Some(failures) => failures.as_array()?,
        },
        _ => return None,
    };
    let id = |failure: &Value| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        batch.iter().any(|receipt| receipt.message.id == id).then(|| id.to_owned())
    };
    failures.iter().map(id).collect()
}
