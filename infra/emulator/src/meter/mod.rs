//! What the functions' calls consume, as DynamoDB and API Gateway count it, summed
//! up by function, operation, table and index.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::Call;
use crate::dynamodb::{self, Reply};

mod capacity;

/// Counts. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Usage>>);

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// How often each function was called, by binary.
    pub invocations: BTreeMap<String, u64>,
    /// How often each function made each request, of DynamoDB or of `@connections`.
    pub requests: BTreeMap<Request, u64>,
    /// What the answered requests of DynamoDB consumed. One that is refused
    /// consumes too, but its answer does not say what.
    pub capacity: BTreeMap<Consumer, Units>,
}

/// A function's requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The function's binary.
    pub function: String,
    /// The operation: `GetItem`, `PostToConnection`.
    pub operation: String,
}

/// What consumes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Consumer {
    /// Whose requests.
    pub request: Request,
    /// The table's name.
    pub table: String,
    /// The table's index; none for the table itself.
    pub index: Option<String>,
}

/// Request units, as they are charged on demand.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Write request units.
    pub writes: f64,
    /// Read request units.
    pub reads: f64,
}

impl Usage {
    /// All that the function of this binary consumed.
    pub fn units_of(&self, function: &str) -> Units {
        let own = self.capacity.iter().filter(|(it, _)| it.request.function == function);
        own.fold(Units::default(), |sum, (_, units)| Units {
            writes: sum.writes + units.writes,
            reads: sum.reads + units.reads,
        })
    }

    /// How many requests that write items it made.
    pub fn writes_of(&self, function: &str) -> u64 {
        let own = self.requests.iter().filter(|(it, _)| it.function == function);
        own.filter(|(it, _)| dynamodb::writes(&it.operation)).map(|(_, count)| count).sum()
    }
}

impl Meter {
    /// What was counted since the last time that somebody took it.
    pub fn take(&self) -> Usage {
        std::mem::take(&mut *self.usage())
    }

    /// What was counted since then, and goes on being counted.
    pub fn so_far(&self) -> Usage {
        self.usage().clone()
    }

    /// Counts an invocation.
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

    /// Counts a call of DynamoDB and what its answer says it consumed.
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
