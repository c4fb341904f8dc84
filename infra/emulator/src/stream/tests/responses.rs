//! The interpretation of a function's response.

use super::*;
use crate::stream::batch::Batch;

#[test]
fn responses_mean_what_lambda_documents() {
    let record = |number: &str| json!({ "dynamodb": { "SequenceNumber": number } });
    let records = ["10", "20", "30"].map(record).to_vec();
    let batch = Batch::new(records).unwrap();
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
        assert_eq!(Outcome::read(&response, &batch), outcome, "{response}");
    }
}
