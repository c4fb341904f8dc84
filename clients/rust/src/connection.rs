//! The life of a connection: when to connect, to speak and to leave.

use std::time::Duration;

/// The wait after a first failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long an answer is waited for: longer than API Gateway waits for the function.
pub(super) const RESPONSE_WITHIN: Duration = Duration::from_secs(35);

/// When to say something: API Gateway closes what was idle for 10 minutes
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>).
const SPEAK_AFTER: Duration = Duration::from_mins(4);

/// The longest life of a connection: API Gateway ends it after two hours.
const RENEW_AFTER: Duration = Duration::from_mins(110);

/// How much earlier chance may end it, so that not all who came at once come back at once.
const RENEWAL_SPREAD: Duration = Duration::from_mins(10);

/// The connection is given up, to be made anew at once.
pub(super) const PLANNED: &str = "planned";

/// The reason that the server gives when it closes because the token has expired.
const TOKEN_EXPIRED: &str = "token-expired";

/// The connection as it stands.
pub(super) struct Connection {
    state: State,
    failures: u32,
    /// The handshakes refused since one was not.
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
    /// Until when what is asked for must be answered.
    response_by: Option<Duration>,
    pong_by: Option<Duration>,
    /// Nothing is asked for before.
    ask_at: Option<Duration>,
    /// Why the server is about to close.
    closing: Option<String>,
}

impl Connection {
    /// One that is being made; `chance` gives numbers from 0 to 1.
    pub(super) fn new(chance: Box<dyn FnMut() -> f64 + Send>) -> Self {
        Self { state: State::Connecting, failures: 0, refusals: 0, chance }
    }

    /// When something is due, unless `ask_at` says when there is something to ask for.
    pub(super) fn due(&self, ask_at: Option<Duration>) -> Option<Duration> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Open(open) => open.due(ask_at),
            State::Connecting | State::Ended => None,
        }
    }

    /// Whether it is time to connect; then it is being done.
    pub(super) fn connect(&mut self, now: Duration) -> bool {
        let is_due = matches!(self.state, State::Waiting { until } if until <= now);
        if is_due {
            self.state = State::Connecting;
        }
        is_due
    }

    /// Whether this is the connection that was being made.
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

    /// The connection ended, or was not made; gives the reason. Without one there is
    /// nothing to end.
    pub(super) fn lost(&mut self, now: Duration, why: &str) -> Option<String> {
        let reason = match &mut self.state {
            State::Connecting => why.to_owned(),
            State::Open(open) => open.closing.take().unwrap_or_else(|| why.to_owned()),
            State::Waiting { .. } | State::Ended => return None,
        };
        // One that comes to nothing is not made again in a hurry.
        let at_once = self.failures == 0 && [PLANNED, TOKEN_EXPIRED].contains(&&*reason);
        let wait = self.fail();
        self.state = State::Waiting { until: if at_once { now } else { now + wait } };
        Some(reason)
    }

    /// The handshake was refused; whether that is the second time, each with a new token.
    pub(super) fn is_refused_again(&mut self) -> bool {
        if !matches!(self.state, State::Connecting) {
            return false;
        }
        self.refusals += 1;
        self.refusals == 2
    }

    /// Nothing comes after this; whether there is a connection to close.
    pub(super) fn end(&mut self) -> bool {
        let was_open = self.is_open();
        self.state = State::Ended;
        was_open
    }

    /// Why the connection is to be left now.
    pub(super) fn leave(&self, now: Duration) -> Option<&'static str> {
        let State::Open(open) = &self.state else { return None };
        if open.silent_at().is_some_and(|at| at <= now) {
            return Some("silent");
        }
        (open.renew_at <= now).then_some(PLANNED)
    }

    /// Whether something may be asked for.
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

    /// Notes that the response has not arrived and that the request is to be repeated later.
    pub(super) fn ask_later(&mut self, now: Duration) {
        let wait = self.fail();
        if let State::Open(open) = &mut self.state {
            open.response_by = None;
            open.ask_at = Some(now + wait);
        }
    }

    /// The server has done what connections are for.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Whether to send a `ping`, which then is being done.
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

    /// Counts a failure; gives the wait that it costs: a random while of up to twice
    /// the one before ("full jitter",
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

    /// When waiting for an answer ends.
    fn silent_at(&self) -> Option<Duration> {
        self.response_by.into_iter().chain(self.pong_by).min()
    }
}
