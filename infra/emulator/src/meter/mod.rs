//! Counts the requests of the functions and the capacity that they consume in DynamoDB, by
//! function, operation, table and index.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::Call;
use crate::dynamodb::{self, Reply};

mod capacity;

/// A meter. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Usage>>);

/// The counted consumption.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// The number of invocations of each function, by binary.
    pub invocations: BTreeMap<String, u64>,
    /// The number of requests of each function to DynamoDB, SQS and `@connections`, by operation.
    pub requests: BTreeMap<Request, u64>,
    /// The number of HTTP requests of each function to the world outside of AWS, by binary.
    pub egress: BTreeMap<String, u64>,
    /// The consumption of successful DynamoDB requests. A rejected request consumes capacity too,
    /// but its reply does not report it.
    pub capacity: BTreeMap<Consumer, Units>,
}

/// A function's requests of one operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The function's binary.
    pub function: String,
    /// The operation: `GetItem`, `PostToConnection`.
    pub operation: String,
}

/// The key of a consumption.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Consumer {
    pub request: Request,
    pub table: String,
    /// The table's index; `None` for the table itself.
    pub index: Option<String>,
}

/// Request units, as charged in on-demand mode.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    pub writes: f64,
    pub reads: f64,
}

impl Usage {
    /// Returns the total consumption of the function with this binary.
    pub fn units_of(&self, function: &str) -> Units {
        let own = self.capacity.iter().filter(|(it, _)| it.request.function == function);
        own.fold(Units::default(), |sum, (_, units)| Units {
            writes: sum.writes + units.writes,
            reads: sum.reads + units.reads,
        })
    }

    /// Returns the number of requests with which the function wrote items.
    pub fn writes_of(&self, function: &str) -> u64 {
        let own = self.requests.iter().filter(|(it, _)| it.function == function);
        own.filter(|(it, _)| dynamodb::writes(&it.operation)).map(|(_, count)| count).sum()
    }
}

impl Meter {
    /// Returns the counts since the last call, and resets them.
    pub fn take(&self) -> Usage {
        std::mem::take(&mut *self.usage())
    }

    /// Returns the counts so far, without resetting them.
    pub fn so_far(&self) -> Usage {
        self.usage().clone()
    }

    pub(crate) fn invoked(&self, function: &str) {
        *self.usage().invocations.entry(function.to_owned()).or_default() += 1;
    }

    /// Counts a request to `@connections`.
    pub(crate) fn managed(&self, function: &str, method: &http::Method) {
        let operation = match *method {
            http::Method::POST => "PostToConnection",
            http::Method::DELETE => "DeleteConnection",
            _ => "GetConnection",
        };
        self.requested(Request { function: function.to_owned(), operation: operation.to_owned() });
    }

    /// Counts an HTTP request to the world outside of AWS.
    pub(crate) fn requested_outbound(&self, function: &str) {
        *self.usage().egress.entry(function.to_owned()).or_default() += 1;
    }

    /// Counts a call of DynamoDB or SQS, and the consumption that its reply reports.
    pub(crate) fn called(&self, call: &Call, reply: &Reply) {
        let request =
            Request { function: call.function.clone(), operation: call.operation().to_owned() };
        self.requested(request.clone());
        let mut usage = self.usage();
        for (table, index, consumed) in capacity::consumed(reply) {
            let consumer = Consumer { request: request.clone(), table, index };
            let units = usage.capacity.entry(consumer).or_default();
            if call.reads() {
                units.reads += consumed;
            } else {
                units.writes += consumed;
            }
        }
    }

    fn requested(&self, request: Request) {
        *self.usage().requests.entry(request).or_default() += 1;
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
