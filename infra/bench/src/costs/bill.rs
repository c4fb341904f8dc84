//! Computes the bill of a million order lives from the usage of one life.

use std::fmt;

use emulator::meter::Usage;

use super::{life, table};

/// The assumption behind the bill and the costs that it leaves out, printed with it.
pub(super) const LEFT_OUT: &str = "\
An invocation is taken to last 25 ms, which is assumed and not measured. Left out: storage,
backups, logs, traces, cold starts, data transfer, failed attempts, and the free tier.";

/// The assumed duration of an invocation, in seconds.
const INVOCATION_SECONDS: f64 = 0.025;

/// The bill of a million order lives.
#[derive(Clone, Debug)]
pub struct Bill(pub Vec<Charge>);

/// One item of a bill.
#[derive(Clone, Debug)]
pub struct Charge {
    pub what: &'static str,
    /// The quantity per life.
    pub count: f64,
    /// The price of a million, in US dollars.
    pub price: f64,
}

impl Bill {
    /// Returns the bill of a million lives that consume `usage` each; `memory` returns a
    /// function's memory in MB. Prices: us-east-1, on demand, arm64, from
    /// <https://aws.amazon.com/dynamodb/pricing/on-demand/>,
    /// <https://aws.amazon.com/api-gateway/pricing/> and
    /// <https://aws.amazon.com/lambda/pricing/>.
    pub(super) fn of(usage: &Usage, memory: impl Fn(&str) -> Option<i32>) -> Self {
        let units = usage.capacity.values();
        let item = |what, count, price| Charge { what, count, price };
        Self(vec![
            item("DynamoDB write request units", units.clone().map(|it| it.writes).sum(), 0.625),
            item("DynamoDB read request units", units.map(|it| it.reads).sum(), 0.125),
            item("HTTP API requests", f64::from(life::HTTP_REQUESTS), 1.0),
            item("WebSocket messages", messages(usage), 1.0),
            item("WebSocket connection minutes", f64::from(life::WATCHERS * life::MINUTES), 0.25),
            item("Lambda invocations", invocations(usage, |_| true), 0.2),
            item("Lambda GB-seconds", gigabyte_seconds(usage, memory), 13.33),
        ])
    }

    /// Returns the total, in US dollars.
    pub fn total(&self) -> f64 {
        self.0.iter().map(Charge::dollars).sum()
    }
}

/// Formats the bill as a table.
impl fmt::Display for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::bill(self).fmt(f)
    }
}

impl Charge {
    /// Returns the cost for a million lives, in US dollars.
    pub fn dollars(&self) -> f64 {
        self.count * self.price
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to nine quadrillion")]
fn invocations(life: &Usage, of: impl Fn(&str) -> bool) -> f64 {
    let all = life.invocations.iter().filter(|(function, _)| of(function));
    all.map(|(_, count)| *count as f64).sum()
}

/// Counts the WebSocket messages: each post, and for each message from a client that message and
/// its response.
#[expect(clippy::cast_precision_loss, reason = "exact up to nine quadrillion")]
fn messages(life: &Usage) -> f64 {
    let posts = life.requests.iter().filter(|(it, _)| it.operation == "PostToConnection");
    let posts: f64 = posts.map(|(_, count)| *count as f64).sum();
    posts + 2.0 * invocations(life, |it| it == "live-message")
}

fn gigabyte_seconds(life: &Usage, memory: impl Fn(&str) -> Option<i32>) -> f64 {
    let each = life.invocations.keys().map(|function| {
        let gigabytes = f64::from(memory(function).unwrap_or_default()) / 1024.0;
        invocations(life, |it| it == function) * gigabytes * INVOCATION_SECONDS
    });
    each.sum()
}
