//! Logs: one JSON object per line, the format that CloudWatch parses best.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::Escaped;

/// Writes this process's logs to its standard output, filtered by `RUST_LOG`: `LEVEL` or
/// `TARGET=LEVEL`, separated by commas (`info` if it is not set). Release builds contain nothing
/// finer than `info`.
pub(crate) fn init() {
    // `EnvFilter` supports more syntax, but its regular expressions take up a twentieth of a
    // function.
    let filter = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let log = fmt::layer().json().flatten_event(true).without_time().with_current_span(false);
    let log = log.with_writer(|| Escaped(std::io::stdout()));
    tracing_subscriber::registry().with(log).with(filter).init();
}
