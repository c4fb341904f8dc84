//! The settings of the relay's event source mapping, and its queue.

use std::time::Duration;

use super::*;

const PROPERTY: &str = "            BatchSize: 100\n";

/// Parses the template with the additional property `more` of the mapping.
fn with(more: &str) -> Result<Template, String> {
    waybill(PROPERTY, &format!("{PROPERTY}            {more}\n"))
}

#[test]
fn a_mapping_is_read_with_its_filters_and_queue() {
    let template = waybill("Waybill", "Waybill").unwrap();
    let trigger = &template.functions["Relay"].triggers[0];
    assert_eq!((trigger.batch_size, trigger.filters.len()), (100, 0));
    assert_eq!(trigger.maximum_retry_attempts, None);
    assert_eq!(trigger.maximum_record_age, Some(Duration::from_hours(1)));
    let queue = &template.queues["RelayFailures"];
    assert_eq!(queue.name, "waybill-RelayFailures");
    assert_eq!(queue.url, "https://sqs.local.amazonaws.com/000000000000/waybill-RelayFailures");
    assert_eq!(queue.arn, "arn:aws:sqs:local:000000000000:waybill-RelayFailures");
    assert_eq!(trigger.on_failure.as_ref(), Some(&queue.arn));

    let filters = "FilterCriteria: { Filters: [{ Pattern: '{\"eventName\":[\"INSERT\"]}' }] }";
    let filtered = with(filters).unwrap();
    assert_eq!(filtered.functions["Relay"].triggers[0].filters.len(), 1);
}

#[test]
fn what_a_mapping_cannot_be_told_is_named() {
    let filter =
        |pattern: &str| format!("FilterCriteria: {{ Filters: [{{ Pattern: '{pattern}' }}] }}");
    let six = format!("FilterCriteria: {{ Filters: [{}] }}", ["{ Pattern: '{}' }"; 6].join(", "));
    let at = "Resources.Relay.Properties.Events.Orders";
    let cases = [
        ("ParallelizationFactor: 2", ".ParallelizationFactor: the runner supports only 1 only"),
        (
            &filter("{\"a\":[{\"wildcard\":\"x*\"}]}"),
            ".FilterCriteria.Filters[0].Pattern: \
             the runner does not support the filter rule {\"a\":[{\"wildcard\":\"x*\"}]}",
        ),
        (
            &filter("[]"),
            ".FilterCriteria.Filters[0].Pattern: the pattern is not a JSON object: \
             invalid type: sequence, expected a map at line 1 column 0",
        ),
        (&six, ".FilterCriteria.Filters: at most 5 filters are allowed"),
    ];
    for (more, expected) in cases {
        assert_eq!(with(more).map(|_| ()), Err(format!("{at}{expected}")), "{more}");
    }
    assert!(with("TumblingWindowInSeconds: 1").unwrap_err().contains("TumblingWindowInSeconds"));
    let cases = [
        (
            "BatchSize: 100",
            "BatchSize: 0",
            ".BatchSize: the runner supports only 1 to 1,000 records",
        ),
        (
            "BatchSize: 100",
            "BatchSize: 1001",
            ".BatchSize: the runner supports only 1 to 1,000 records",
        ),
        (
            "Type: SQS",
            "Type: SNS",
            ".DestinationConfig.OnFailure.Type: the runner supports only SQS only",
        ),
        (
            "[ReportBatchItemFailures]",
            "[Other]",
            ".FunctionResponseTypes: the runner supports only ReportBatchItemFailures only",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(waybill(from, to).map(|_| ()), Err(format!("{at}{expected}")), "{to}");
    }
}

#[test]
fn what_a_queue_cannot_be_is_named() {
    let fifo = waybill("SqsManagedSseEnabled: true", "FifoQueue: true").map(|_| ());
    let expected =
        "Resources.RelayFailures.Properties.FifoQueue: the runner does not support this property";
    assert_eq!(fifo, Err(expected.to_owned()));
}
