//! API Gateway's WebSocket API with every fault that it can have, and with a check of every
//! message to clients.

use std::collections::{BTreeMap, VecDeque};

use emulator::dynamodb::Reply;
use emulator::transport::{Call, Fault};
use serde_json::{Value, json};

use super::audience::{Names, Person};
use super::ledger::Ledger;
use crate::harness::chance::Chance;

/// All connections, open and closed.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    lines: BTreeMap<String, Line>,
    /// The start of each function's latest invocation.
    begun: BTreeMap<&'static str, Begun>,
    /// Descriptions of messages that their recipients must not receive.
    pub(super) violations: Vec<String>,
    /// True if a connection could not be closed.
    pub(super) has_undeleted: bool,
    /// True if calls of `@connections` may fail.
    pub(super) is_faulty: bool,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Line {
    person: Person,
    names: Names,
    /// The expiry of its token, in seconds since 1970.
    expires_at: i64,
    state: State,
    /// The number of following posts over it that fail.
    failing: usize,
    pub(super) inbox: VecDeque<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    /// The client is gone, but API Gateway has not noticed.
    Silent,
    Closed,
}

/// The number of commits and the time at the start of an invocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) commits: u64,
    pub(super) at: i64,
}

impl Gateway {
    /// Opens a connection and returns its id.
    pub(super) fn open(&mut self, person: Person, names: &Names, expires_at: i64) -> String {
        let id = format!("line{}", self.lines.len());
        let (names, inbox) = (names.clone(), VecDeque::new());
        let (state, failing) = (State::Open, 0);
        let line = Line { person, names, expires_at, state, failing, inbox };
        self.lines.insert(id.clone(), line);
        id
    }

    pub(super) fn line(&mut self, id: &str) -> &mut Line {
        self.lines.get_mut(id).expect("a line")
    }

    /// Lets the client leave; API Gateway may not notice.
    pub(super) fn leave(&mut self, id: &str, unnoticed: bool) {
        let line = self.line(id);
        line.inbox.clear();
        line.state = if unnoticed { State::Silent } else { State::Closed };
    }

    /// Returns the expiry of a connection's token.
    pub(super) fn expires_at(&self, id: &str) -> i64 {
        self.lines[id].expires_at
    }

    pub(super) fn is_open(&self, id: &str) -> bool {
        self.lines.get(id).is_some_and(|line| line.state == State::Open)
    }

    /// Records the start of an invocation.
    pub(super) fn begin(&mut self, function: &'static str, begun: Begun) {
        self.begun.insert(function, begun);
    }

    /// Sends a function's response to the client of a connection.
    pub(super) fn respond(&mut self, id: &str, body: &str, ledger: &Ledger) {
        if self.is_open(id) {
            self.push("live-message", id, body, ledger);
        }
    }

    /// Answers a call of `@connections`.
    pub(super) fn manage(&mut self, call: &Call, ledger: &Ledger, chance: &mut Chance) -> Fault {
        let id = call.request["ConnectionId"].as_str().expect("a connection").to_owned();
        if call.operation() == "DeleteConnection" {
            if self.is_faulty && chance.percent(15) {
                self.has_undeleted = true;
                return Fault::Refuse(Reply::error(403, "ForbiddenException", "Forbidden"));
            }
            let gone = self.line(&id).state == State::Closed;
            self.line(&id).state = State::Closed;
            return if gone { Fault::gone() } else { done() };
        }
        let body = call.request["Data"].as_str().expect("data").to_owned();
        match self.line(&id).state {
            State::Closed => return Fault::gone(),
            State::Silent => return done(),
            State::Open => {}
        }
        match self.is_faulty.then(|| chance.below(100)) {
            // All attempts of a post fail, or only the first one.
            Some(0..3) => self.line(&id).failing = 3,
            Some(3..5) => self.line(&id).failing = 1,
            Some(5) => {
                self.leave(&id, false);
                return Fault::gone();
            }
            Some(6) => {
                self.push(&call.function, &id, &body, ledger);
                return Fault::Unreachable;
            }
            _ => {}
        }
        let failing = &mut self.line(&id).failing;
        if *failing > 0 {
            *failing -= 1;
            let throttled = chance.percent(50);
            let fault =
                if throttled { Fault::limit_exceeded } else { Fault::internal_server_error };
            return fault();
        }
        self.push(&call.function, &id, &body, ledger);
        done()
    }

    /// Checks a message and puts it on its way.
    fn push(&mut self, function: &str, id: &str, body: &str, ledger: &Ledger) {
        let begun = self.begun[function];
        let line = self.line(id);
        let seen = line.check(body, begun, ledger);
        line.inbox.push_back(body.to_owned());
        self.violations.extend(seen.err());
    }
}

impl Line {
    /// Checks that the client could see everything in the message at some time during the
    /// invocation that sent it.
    fn check(&self, body: &str, begun: Begun, ledger: &Ledger) -> Result<(), String> {
        let person = self.person;
        let message: Value = serde_json::from_str(body).expect("JSON");
        // API Gateway's own messages have no type.
        let is_content = message["type"].is_string() && message["type"] != "closing";
        if begun.at >= self.expires_at && is_content {
            return Err(format!("{person:?} hears after the token's end: {body}"));
        }
        if body.len() > 128 * 1024 {
            return Err(format!("{} bytes for {person:?}", body.len()));
        }
        if !person.reads_notes() && body.contains("secret") {
            return Err(format!("a note for {person:?}: {body}"));
        }
        if body.contains("personal") {
            return Err(format!("personal data for {person:?}: {body}"));
        }
        let list = |name: &str| message[name].as_array().into_iter().flatten();
        let events = list("events").filter_map(|event| event["order_id"].as_str());
        let orders = list("orders").chain([&message["order"]]).filter_map(|it| it["id"].as_str());
        let was_theirs = |id: &str| {
            let mut images = ledger.since(id, begun.commits).iter();
            images.any(|image| person.sees(&self.names, image))
        };
        if let Some(id) = events.chain(orders).find(|id| !was_theirs(id)) {
            return Err(format!("order {id} is not {person:?}'s: {body}"));
        }
        let mut removed = list("removed").filter_map(|it| it["order_id"].as_str());
        let never_theirs =
            |id: &&str| !ledger.since(id, 0).iter().any(|image| person.sees(&self.names, image));
        match removed.find(never_theirs) {
            Some(id) => Err(format!("order {id} never was {person:?}'s: {body}")),
            None => Ok(()),
        }
    }
}

fn done() -> Fault {
    Fault::Refuse(Reply { status: 200, body: json!({}).to_string().into() })
}
