//! The log of alerts.

use std::collections::BTreeMap;

use domain::{Alert, Event, EventData, Severity};

/// Logs the number of alerts of each kind among events; the list of delayed orders shows which
/// orders they concern. A metric filter of the template counts them by `alert` and `severity`, names
/// that a filter can select without quoting.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
pub(crate) fn log_alerts<'e>(events: impl IntoIterator<Item = &'e Event>) {
    let mut alerts: BTreeMap<_, usize> = BTreeMap::new();
    for event in events {
        let alert = match &event.data {
            EventData::AlertRaised(Alert { kind, severity, .. }) => (kind.name(), severity.name()),
            // People may have to call the driver; the order is not late for that.
            EventData::GpsGap(_) => ("gps_gap", Severity::Low.name()),
            _ => continue,
        };
        *alerts.entry(alert).or_default() += 1;
    }
    for ((alert, severity), count) in alerts {
        tracing::warn!(alert, severity, count, "alerts were raised");
    }
}
