//! What a function's answer says about its batch.

use serde_json::Value;

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
    pub(super) fn read<'a>(response: &Value, batch: impl Iterator<Item = &'a str> + Clone) -> Self {
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
            batch.clone().position(|number| number == identifier)
        };
        match failures.iter().map(place).collect::<Option<Vec<usize>>>() {
            None => Self::Failed,
            Some(places) => places.into_iter().min().map_or(Self::Succeeded, Self::FailedFrom),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn responses_mean_what_lambda_documents() {
        let failures = |identifiers: &[Value]| {
            let item = |id: &Value| json!({ "itemIdentifier": id });
            json!({ "batchItemFailures": identifiers.iter().map(item).collect::<Vec<_>>() })
        };
        for (response, outcome) in [
            (json!(null), Outcome::Succeeded),
            (json!(""), Outcome::Succeeded),
            (json!({}), Outcome::Succeeded),
            (json!({ "batchItemFailures": null }), Outcome::Succeeded),
            (failures(&[]), Outcome::Succeeded),
            (failures(&[json!("30"), json!("20")]), Outcome::FailedFrom(1)),
            (failures(&[json!("10")]), Outcome::FailedFrom(0)),
            (failures(&[json!("20"), json!("40")]), Outcome::Failed),
            (failures(&[json!("")]), Outcome::Failed),
            (failures(&[json!(null)]), Outcome::Failed),
            (failures(&[json!(20)]), Outcome::Failed),
            (json!({ "batchItemFailures": [{ "id": "20" }] }), Outcome::Failed),
            (json!({ "batchItemFailures": "20" }), Outcome::Failed),
            (json!("fine"), Outcome::Failed),
            (json!([]), Outcome::Failed),
        ] {
            let batch = ["10", "20", "30"].into_iter();
            assert_eq!(Outcome::read(&response, batch), outcome, "{response}");
        }
    }
}
