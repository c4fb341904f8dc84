//! The state of a connection, and the times to connect, to send and to close.

use std::time::Duration;

/// The maximum wait after a first failure; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The maximum wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The timeout of a request: longer than API Gateway waits for the function.
pub(super) const RESPONSE_WITHIN: Duration = Duration::from_secs(35);

/// The time without a sent message after which a `ping` is sent: API Gateway closes a connection
/// that was idle for 10 minutes
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>).
const SPEAK_AFTER: Duration = Duration::from_mins(4);

/// The maximum age of a connection: API Gateway ends it after two hours.
const RENEW_AFTER: Duration = Duration::from_mins(110);

/// The maximum random reduction of that age, so that clients that connected at the same time do
/// not all reconnect at the same time.
const RENEWAL_SPREAD: Duration = Duration::from_mins(10);

/// The reason for which the client ends a connection at its maximum age, to reconnect at once.
pub(super) const PLANNED: &str = "planned";

/// The reason that the server gives when it closes because the token has expired.
const TOKEN_EXPIRED: &str = "token-expired";

/// A connection in any state, with the counts of its failures.
pub(super) struct Connection {
    state: State,
    failures: u32,
    /// The number of handshakes refused since a connection was last opened.
    refusals: u32,
    chance: Box<dyn FnMut() -> f64 + Send>,
}

enum State {
    Waiting { until: Duration },
    Connecting,
    Open(Open),
    Ended,
}

struct Open {
    renew_at: Duration,
    spoke_at: Duration,
    /// The time by which the pending request must have its response.
    response_by: Option<Duration>,
    pong_by: Option<Duration>,
    /// The time before which no request is sent, after a failed one.
    ask_at: Option<Duration>,
    /// The reason that the server gave for closing the connection soon.
    closing: Option<String>,
}

impl Connection {
    /// Returns a connection that is being made; `chance` returns numbers from 0 to 1.
    pub(super) fn new(chance: Box<dyn FnMut() -> f64 + Send>) -> Self {
        Self { state: State::Connecting, failures: 0, refusals: 0, chance }
    }

    /// Returns the time of the next action. `ask_at` is the time of the topic's next request, if
    /// that request waits for its time.
    pub(super) fn due(&self, ask_at: Option<Duration>) -> Option<Duration> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Open(open) => open.due(ask_at),
            State::Connecting | State::Ended => None,
        }
    }

    /// Returns true if it is time to connect, and notes that the client does so.
    pub(super) fn connect(&mut self, now: Duration) -> bool {
        let is_due = matches!(self.state, State::Waiting { until } if until <= now);
        if is_due {
            self.state = State::Connecting;
        }
        is_due
    }

    /// Notes that the connection is open; returns false if none was being made.
    pub(super) fn opened(&mut self, now: Duration) -> bool {
        if !matches!(self.state, State::Connecting) {
            return false;
        }
        self.refusals = 0;
        let early = RENEWAL_SPREAD.mul_f64((self.chance)());
        self.state = State::Open(Open {
            renew_at: now + RENEW_AFTER.saturating_sub(early),
            spoke_at: now,
            response_by: None,
            pong_by: None,
            ask_at: None,
            closing: None,
        });
        true
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Notes that the connection ended or could not be made, and returns the reason, or `None` if
    /// there was nothing to end.
    pub(super) fn lost(&mut self, now: Duration, why: &str) -> Option<String> {
        let reason = match &mut self.state {
            State::Connecting => why.to_owned(),
            State::Open(open) => open.closing.take().unwrap_or_else(|| why.to_owned()),
            State::Waiting { .. } | State::Ended => return None,
        };
        // After a failure the client never reconnects at once.
        let at_once = self.failures == 0 && [PLANNED, TOKEN_EXPIRED].contains(&&*reason);
        let wait = self.fail();
        self.state = State::Waiting { until: if at_once { now } else { now + wait } };
        Some(reason)
    }

    /// Notes that the handshake was refused, and returns true if this is the second refusal, each
    /// with a new token.
    pub(super) fn is_refused_again(&mut self) -> bool {
        if !matches!(self.state, State::Connecting) {
            return false;
        }
        self.refusals += 1;
        self.refusals == 2
    }

    /// Ends everything; returns true if there is a connection to close.
    pub(super) fn end(&mut self) -> bool {
        let was_open = self.is_open();
        self.state = State::Ended;
        was_open
    }

    /// Returns the reason for which the client must close the connection now, if there is one.
    pub(super) fn leave(&self, now: Duration) -> Option<&'static str> {
        let State::Open(open) = &self.state else { return None };
        if open.silent_at().is_some_and(|at| at <= now) {
            return Some("silent");
        }
        (open.renew_at <= now).then_some(PLANNED)
    }

    /// Returns true if a request may be sent.
    pub(super) fn may_ask(&self, now: Duration) -> bool {
        let State::Open(open) = &self.state else { return false };
        open.response_by.is_none() && open.ask_at.is_none_or(|at| at <= now)
    }

    pub(super) fn is_asking(&self) -> bool {
        matches!(&self.state, State::Open(Open { response_by: Some(_), .. }))
    }

    pub(super) fn asked(&mut self, now: Duration) {
        if let State::Open(open) = &mut self.state {
            open.response_by = Some(now + RESPONSE_WITHIN);
            open.spoke_at = now;
        }
    }

    /// Notes that the response has arrived.
    pub(super) fn responded(&mut self) {
        if let State::Open(open) = &mut self.state {
            open.response_by = None;
            open.ask_at = None;
        }
    }

    /// Notes that the request failed and is to be repeated after a wait.
    pub(super) fn ask_later(&mut self, now: Duration) {
        let wait = self.fail();
        if let State::Open(open) = &mut self.state {
            open.response_by = None;
            open.ask_at = Some(now + wait);
        }
    }

    /// Resets the count of failures, once a subscription has succeeded.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Returns true if it is time to send a `ping`, and notes that the client does so.
    pub(super) fn ping(&mut self, now: Duration) -> bool {
        let State::Open(open) = &mut self.state else { return false };
        let is_due = open.pong_by.is_none() && open.spoke_at + SPEAK_AFTER <= now;
        if is_due {
            open.pong_by = Some(now + RESPONSE_WITHIN);
            open.spoke_at = now;
        }
        is_due
    }

    pub(super) fn ponged(&mut self) {
        if let State::Open(open) = &mut self.state {
            open.pong_by = None;
        }
    }

    pub(super) fn closing(&mut self, reason: String) {
        if let State::Open(open) = &mut self.state {
            open.closing = Some(reason);
        }
    }

    /// Counts a failure and returns the wait after it: a random time of up to twice the previous
    /// maximum ("full jitter",
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
    fn fail(&mut self) -> Duration {
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        doubled.min(LONGEST_WAIT).mul_f64((self.chance)())
    }
}

impl Open {
    fn due(&self, ask_at: Option<Duration>) -> Option<Duration> {
        let ask_at = if self.response_by.is_some() { None } else { self.ask_at.or(ask_at) };
        let ping_at = self.pong_by.is_none().then_some(self.spoke_at + SPEAK_AFTER);
        [Some(self.renew_at), self.silent_at(), ping_at, ask_at].into_iter().flatten().min()
    }

    /// Returns the time at which the response or the pong is overdue.
    fn silent_at(&self) -> Option<Duration> {
        self.response_by.into_iter().chain(self.pong_by).min()
    }
}
