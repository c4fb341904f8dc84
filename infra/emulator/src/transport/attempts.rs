//! The last requests of functions to the world, for people who watch them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use clock::{Clock, Timestamp};
use serde::Serialize;

use crate::call::Call;

/// The number of requests that are remembered.
const MOST: usize = 200;

/// The last requests to the world. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<Mutex<Log>>);

#[derive(Debug, Default)]
struct Log {
    /// The number of requests so far.
    count: u64,
    last: VecDeque<Attempt>,
}

/// A request to the world.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// Counts the requests, from 1.
    pub number: u64,
    pub at: Timestamp,
    /// The binary of the function.
    pub function: String,
    pub url: String,
    /// The header `webhook-id`, if the request has one.
    pub message: Option<String>,
    /// The status of the response; `None` without one.
    pub status: Option<u16>,
    /// The time until the head of the response, or until the request failed or was broken off, in
    /// milliseconds; `None` while it runs.
    pub millis: Option<u64>,
}

/// A request that runs. Dropping it ends it without a response.
#[derive(Debug)]
pub(super) struct Running {
    attempts: Attempts,
    number: u64,
    begun: Instant,
    status: Option<u16>,
}

impl Attempts {
    /// Returns the last requests, oldest first.
    pub fn last(&self) -> Vec<Attempt> {
        self.locked().last.iter().cloned().collect()
    }

    /// Records the beginning of a request.
    pub(super) fn begin(&self, call: &Call) -> Running {
        let mut log = self.locked();
        log.count += 1;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let attempt = Attempt {
            number: log.count,
            at: Clock::system().now(),
            function: call.function.clone(),
            url: text(&call.request["Url"]).unwrap_or_default(),
            message: text(&call.request["Headers"]["webhook-id"]),
            status: None,
            millis: None,
        };
        if log.last.len() == MOST {
            log.last.pop_front();
        }
        let number = attempt.number;
        log.last.push_back(attempt);
        Running { attempts: self.clone(), number, begun: Instant::now(), status: None }
    }

    fn locked(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Ends the request with a response.
    pub(super) fn responded(mut self, status: u16) {
        self.status = Some(status);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut log = self.attempts.locked();
        // A request that was forgotten meanwhile is not there.
        if let Some(attempt) = log.last.iter_mut().find(|it| it.number == self.number) {
            attempt.status = self.status;
            attempt.millis = self.begun.elapsed().as_millis().try_into().ok();
        }
    }
}
