//! The log of alerts.

use std::collections::BTreeMap;

use domain::{Alert, Event, EventData};

/// Logs the number of alerts of each kind among events; the list of delayed orders shows which
/// orders they concern. A metric filter of the template counts them by `alert` and `severity`, names
/// that a filter can select without quoting.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
pub(crate) fn log_alerts<'e>(events: impl IntoIterator<Item = &'e Event>) {
    let mut alerts: BTreeMap<_, usize> = BTreeMap::new();
    for event in events {
        if let EventData::AlertRaised(Alert { kind, severity, .. }) = &event.data {
            *alerts.entry((kind.name(), severity.name())).or_default() += 1;
        }
    }
    for ((alert, severity), count) in alerts {
        tracing::warn!(alert, severity, count, "alerts were raised");
    }
}
