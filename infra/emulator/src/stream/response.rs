//! The function's response about its batch.

use serde_json::Value;

use super::batch::Batch;

/// The outcome of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The whole batch is done.
    Succeeded,
    /// The records before this index in the batch are done; this one and those after it are not.
    FailedFrom(usize),
    /// None of the records counts as done.
    Failed,
    /// The function did not run.
    Throttled,
}

impl Outcome {
    /// Parses a partial batch response: the lowest failure is the checkpoint, and no failures, or
    /// an empty response, mean success. An identifier that is missing, empty or not of this
    /// batch, or a malformed response, fails the whole batch.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>
    pub(super) fn read(response: &Value, batch: &Batch) -> Self {
        let failures = match response {
            Value::Null => return Self::Succeeded,
            Value::String(text) if text.is_empty() => return Self::Succeeded,
            Value::Object(fields) => match fields.get("batchItemFailures") {
                None | Some(Value::Null) => return Self::Succeeded,
                Some(Value::Array(failures)) => failures,
                Some(_) => return Self::Failed,
            },
            _ => return Self::Failed,
        };
        let place = |failure: &Value| {
            let identifier = failure.get("itemIdentifier")?.as_str()?;
            batch.sequence_numbers().position(|number| number == identifier)
        };
        match failures.iter().map(place).collect::<Option<Vec<usize>>>() {
            None => Self::Failed,
            Some(places) => places.into_iter().min().map_or(Self::Succeeded, Self::FailedFrom),
        }
    }
}
