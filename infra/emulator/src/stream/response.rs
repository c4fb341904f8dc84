//! What a function's answer says about its batch.

use serde_json::Value;

use super::batch::Batch;

/// How an invocation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of the batch is done.
    Succeeded,
    /// The records before this place in the batch are done, it and those behind
    /// it are not.
    FailedFrom(usize),
    /// Nothing of the batch counts as done.
    Failed,
}

impl Outcome {
    /// Reads a partial batch response: the lowest failure is the checkpoint; no
    /// failures, or no response, is success; an identifier that is missing,
    /// empty or not of this batch, or a response that is none, fails all of it.
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
