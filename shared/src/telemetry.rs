//! Logs: one JSON object per line, as CloudWatch reads them best.

use tracing_subscriber::EnvFilter;

/// Sends this process's logs to its standard output, filtered by `RUST_LOG`
/// (`info` if it is not set).
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .without_time()
        .with_current_span(false)
        .with_env_filter(filter)
        .init();
}
