//! Measures the attempts to deliver a webhook's message.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};

use clock::Clock;
use emulator::Streams;
use emulator::dynamodb::{Reply, Storage};
use emulator::meter::Units;
use emulator::transport::{Fault, Faults, Service};
use serde_json::json;
use waybill::{Options, Runner};

use super::client::{ClientError, Person};
use super::scale::ScaleError;
use super::{StepCosts, reference, table};

const OUTBOX: &str = "outbox";
const DELIVER: &str = "deliver-webhooks";
const SWEEP: &str = "sweep";

/// Longer than any time between two attempts, in seconds.
const LATER: i64 = 24 * 60 * 60;

/// The status of the endpoint's responses, and the budget of the attempt: write request units, read
/// request units and requests that write.
const ATTEMPTS: [(&str, u16, f64, f64, u64); 5] = [
    ("accepted at the first attempt", 204, 0.0, 3.0, 0),
    ("the first failed attempt", 500, 2.0, 3.0, 2),
    ("the second, whose next one waits in the queue", 500, 1.0, 3.0, 1),
    ("the third, whose next one waits in the table", 500, 2.0, 3.0, 1),
    ("the fourth, which moves the time of the next", 500, 3.0, 3.0, 1),
];

/// The consumption of the attempts to deliver messages.
#[derive(Clone, Debug)]
pub struct WebhookCosts(pub Vec<StepCosts>);

impl WebhookCosts {
    /// Delivers a message that is accepted at once, and one that is not, in a separate in-memory
    /// system.
    pub async fn measure(template: &Path) -> Result<Self, ScaleError> {
        let (passed, status) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicU16::new(204)));
        let runner = Runner::start(options(template, &passed, &status)).await?;
        let merchant = Person::new(&runner, &reference::merchant())?;
        let all = format!("/merchants/{}/webhooks", reference::MERCHANT);
        merchant.post(&all, &json!({ "url": "http://127.0.0.1:1/" })).await?;
        let mut stream = runner.stream("OrdersTable").await.map_err(failed)?;
        let mut steps = Vec::new();
        for (place, (what, response, writes, reads, write_requests)) in
            ATTEMPTS.into_iter().enumerate()
        {
            status.store(response, Ordering::SeqCst);
            if place < 2 {
                // The token of the time before has expired.
                let merchant = Person::new(&runner, &reference::merchant())?;
                merchant.place(&reference::order()).await?;
                let publish = |event| async { runner.invoke(OUTBOX, &{ event }).await };
                while runner.messages("WebhookQueue").is_empty() {
                    stream.poll(&publish, &|_| {}).await.map_err(failed)?;
                }
            }
            if place == 4 {
                runner.meter().take();
                let swept = runner.invoke(SWEEP, &json!({})).await;
                swept.map_err(|error| ClientError::Unswept(error.to_string()))?;
            }
            runner.meter().take();
            runner.deliver("WebhookQueue").await.map_err(failed)?;
            let usage = runner.meter().take();
            let written = usage.requests.iter().filter(|(request, _)| {
                let is_write = ["PutItem", "UpdateItem"].contains(&&*request.operation);
                request.function == DELIVER && is_write
            });
            steps.push(StepCosts {
                what,
                budget: Units { writes, reads },
                consumed: usage.units_of(DELIVER),
                most_write_requests: write_requests,
                write_requests: written.map(|(_, count)| count).sum(),
            });
            passed.fetch_add(LATER, Ordering::SeqCst);
        }
        runner.shutdown().await;
        Ok(Self(steps))
    }

    /// Returns a table of the attempts.
    pub fn attempts(&self) -> impl fmt::Display {
        table::steps(&self.0)
    }

    /// Returns the attempts that exceed their budget.
    pub fn over_budget(&self) -> impl Iterator<Item = &StepCosts> {
        self.0.iter().filter(|step| !step.within())
    }
}

fn failed(error: impl fmt::Display) -> ClientError {
    ClientError::Undelivered(error.to_string())
}

/// Returns the options of a system whose clock the measurement moves, and whose endpoints respond
/// with `status`.
fn options(template: &Path, passed: &Arc<AtomicI64>, status: &Arc<AtomicU16>) -> Options {
    let (system, passed, status) = (Clock::system(), Arc::clone(passed), Arc::clone(status));
    let faults = Faults::default();
    faults.inject(move |call| {
        let status = status.load(Ordering::SeqCst);
        let reply = Reply { status, body: "".into() };
        (call.service() == Service::Egress).then_some(Fault::Refuse(reply))
    });
    Options {
        clock: Clock::new(move || system.now().plus_seconds(passed.load(Ordering::SeqCst))),
        streams: Streams::ByHand,
        faults,
        ..Options::new(template, Storage::Memory)
    }
}

impl fmt::Display for WebhookCosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nA webhook's message, for each attempt:\n")?;
        self.attempts().fmt(f)
    }
}
