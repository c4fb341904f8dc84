//! API Gateway's WebSocket API with every fault that it can have, and with a check of every
//! message to clients.

use std::collections::{BTreeMap, VecDeque};

use emulator::dynamodb::Reply;
use emulator::transport::{Call, Fault};
use functions::live::broadcast::STRIKES;
use serde_json::{Value, json};

use super::audience::{Names, Person};
use super::ledger::Ledger;
use crate::harness::chance::Chance;

/// All connections, open and closed.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    lines: BTreeMap<String, Line>,
    /// The starts of each function's invocations that are under way, or else of the last one.
    begun: BTreeMap<&'static str, Vec<Begun>>,
    /// The number of following requests to `@connections` that are beyond the account's quota.
    throttled: usize,
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
    /// The number of posts over it that failed since the relay began, and of those among them that
    /// failed by themselves.
    failed: u32,
    failed_alone: u32,
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
        let (state, failing, failed, failed_alone) = (State::Open, 0, 0, 0);
        let line = Line { person, names, expires_at, state, failing, failed, failed_alone, inbox };
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
    pub(super) fn begin(&mut self, function: &'static str, begun: Begun, is_alone: bool) {
        let others = self.begun.entry(function).or_default();
        if is_alone {
            others.clear();
        }
        others.push(begun);
        if is_alone && function == "relay" {
            for line in self.lines.values_mut() {
                (line.failed, line.failed_alone) = (0, 0);
            }
        }
    }

    /// Sends a function's response to the client of a connection.
    pub(super) fn respond(&mut self, id: &str, body: &str, ledger: &Ledger) {
        if self.is_open(id) {
            self.push("live-message", id, body, ledger);
        }
    }

    /// Answers a call of `@connections`.
    pub(super) fn manage(
        &mut self,
        call: &Call,
        ledger: &Ledger,
        chance: &mut Chance,
        now: i64,
    ) -> Fault {
        let id = call.request["ConnectionId"].as_str().expect("a connection").to_owned();
        if self.is_throttled(chance) {
            // Rows are deleted although the connection could not be closed.
            self.has_undeleted |= call.operation() == "DeleteConnection";
            self.line(&id).failed += u32::from(call.operation() == "PostToConnection");
            return Fault::limit_exceeded();
        }
        match call.operation() {
            "DeleteConnection" => return self.delete(call, &id, chance, now),
            "GetConnection" => {
                let gone = self.line(&id).state == State::Closed;
                return if gone { Fault::gone() } else { done() };
            }
            _ => {}
        }
        let body = call.request["Data"].as_str().expect("data").to_owned();
        match self.line(&id).state {
            State::Closed => return Fault::gone(),
            State::Silent => return done(),
            State::Open => {}
        }
        match self.is_faulty.then(|| chance.below(100)) {
            // All attempts of a post fail, or not all.
            Some(0..3) => self.line(&id).failing = 4,
            Some(3..5) => self.line(&id).failing = 1 + chance.below(3),
            Some(5) => {
                self.leave(&id, false);
                return Fault::gone();
            }
            Some(6) => {
                self.push(&call.function, &id, &body, ledger);
                self.line(&id).fails_alone();
                return Fault::Unreachable;
            }
            _ => {}
        }
        let line = self.line(&id);
        if line.failing > 0 {
            line.failing -= 1;
            line.fails_alone();
            let throttled = chance.percent(50);
            let fault =
                if throttled { Fault::limit_exceeded } else { Fault::internal_server_error };
            return fault();
        }
        self.push(&call.function, &id, &body, ledger);
        done()
    }

    /// True if this request is beyond the account's quota, which is used up now and then.
    fn is_throttled(&mut self, chance: &mut Chance) -> bool {
        if self.throttled == 0 && self.is_faulty && chance.percent(1) {
            self.throttled = 1 + chance.below(8);
        }
        let is_throttled = self.throttled > 0;
        self.throttled = self.throttled.saturating_sub(1);
        is_throttled
    }

    /// Closes a connection. The relay may close it only if it failed by itself, several times.
    fn delete(&mut self, call: &Call, id: &str, chance: &mut Chance, now: i64) -> Fault {
        let is_faulty = self.is_faulty;
        let line = self.line(id);
        let is_healthy = line.state == State::Open
            && (line.failed < STRIKES || line.failed_alone == 0)
            && now < line.expires_at
            && call.function == "relay";
        if is_faulty && chance.percent(15) {
            self.has_undeleted = true;
            return Fault::Refuse(Reply::error(403, "ForbiddenException", "Forbidden"));
        }
        let gone = line.state == State::Closed;
        line.state = State::Closed;
        if is_healthy {
            let person = line.person;
            self.violations.push(format!("{person:?} is disconnected after too few failures"));
        }
        if gone { Fault::gone() } else { done() }
    }

    /// Checks a message and puts it on its way.
    fn push(&mut self, function: &str, id: &str, body: &str, ledger: &Ledger) {
        // An invocation that began later has seen no less.
        let begun = self.begun[function][0];
        let line = self.line(id);
        let seen = line.check(body, begun, ledger);
        line.inbox.push_back(body.to_owned());
        self.violations.extend(seen.err());
    }
}

impl Line {
    fn fails_alone(&mut self) {
        self.failed += 1;
        self.failed_alone += 1;
    }

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
        if body.len() > 32 * 1024 {
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
