//! The protocol of the client, without input or output.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::connection::Connection;
use super::list::List;
use super::log::Log;
use super::message::{Message, Received};
use super::output::{News, Output};

/// The `type` of the problem for a missing or invalid token.
const UNAUTHORIZED: &str = "urn:waybill:problem:unauthorized";

/// The `type` of the problem that requires the pages to be read again from the first one.
const INVALID_CURSOR: &str = "urn:waybill:problem:invalid-cursor";

/// A state machine that follows one topic over one connection at a time.
///
/// Times are those of a monotonic clock, from any zero. After each call, the caller carries out
/// the [`outputs`](Self::outputs) in order; [`due`](Self::due) returns the time of the next call
/// of [`tick`](Self::tick).
pub struct Follower {
    connection: Connection,
    topic: Topic,
    said: Vec<Output>,
}

/// The state of a topic, and its requests that are still to be sent.
enum Topic {
    /// The topic `order:ID`.
    Order(Log),
    /// Any other topic.
    Orders(List),
}

/// The consequence of a rejected request.
enum Refusal {
    /// A later request may succeed.
    ForNow,
    /// The pages must be read again from the first one.
    Cursor,
    /// A repeated request would be rejected too.
    ForGood,
}

impl Follower {
    /// Creates a follower of a topic; its first output asks for a connection. `chance` returns
    /// numbers from 0 to 1.
    pub fn new(topic: &str, chance: impl FnMut() -> f64 + Send + 'static) -> Self {
        let topic = match topic.strip_prefix("order:") {
            Some(id) => Topic::Order(Log::new(id)),
            None => Topic::Orders(List::new(topic.to_owned())),
        };
        let connection = Connection::new(Box::new(chance));
        Self { connection, topic, said: vec![Output::Connect] }
    }

    /// Reports that the requested connection is open.
    pub fn opened(&mut self, now: Duration) {
        if self.connection.opened(now) {
            self.topic.opened();
            self.ask(now);
        }
    }

    /// Reports a text from the server. A text that cannot be parsed is ignored.
    pub fn frame(&mut self, now: Duration, text: &str) {
        if !self.connection.is_open() {
            return;
        }
        match Message::parse(text) {
            Some(Message::Pong) => self.connection.ponged(),
            Some(Message::Closing { reason }) => self.connection.closing(reason),
            Some(Message::Problem { problem }) => self.problem(now, problem),
            Some(Message::Positions { positions }) => {
                self.said.extend(positions.into_iter().map(News::Position).map(Output::News));
            }
            Some(message) => self.receive(now, message),
            None => return,
        }
        self.ask(now);
    }

    /// Reports that the connection ended or could not be made.
    pub fn closed(&mut self, now: Duration) {
        self.lose(now, "closed");
    }

    /// Reports that the response to the handshake was 401 or 403.
    pub fn refused(&mut self, now: Duration) {
        if self.connection.is_refused_again() {
            let title = "Missing or invalid token";
            self.end(json!({ "type": UNAUTHORIZED, "title": title, "status": 401 }));
        } else {
            self.lose(now, "refused");
        }
    }

    /// Reports that the response to the handshake was 429: the caller has too many connections, or
    /// all callers make too many requests.
    pub fn limited(&mut self, now: Duration) {
        self.lose(now, "limited");
    }

    /// Reports the time.
    pub fn tick(&mut self, now: Duration) {
        self.connect(now);
        if let Some(reason) = self.connection.leave(now) {
            self.said.push(Output::Close);
            self.lose(now, reason);
        }
        self.ask(now);
        if self.connection.ping(now) {
            self.said.push(Output::Send(json!({ "action": "ping" })));
        }
    }

    /// Returns the time at which to call `tick`, unless something else happens before, or `None`
    /// if there is nothing to wait for.
    pub fn due(&self) -> Option<Duration> {
        self.connection.due(self.topic.due())
    }

    /// Takes the outputs since the last call, in order.
    pub fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.said)
    }

    /// Returns the known orders, complete, by id; for a list, the open ones.
    pub fn held(&self) -> &BTreeMap<String, Value> {
        match &self.topic {
            Topic::Order(log) => log.held(),
            Topic::Orders(list) => list.held(),
        }
    }

    fn receive(&mut self, now: Duration, message: Message) {
        let is_subscribed = matches!(message, Message::Subscribed(_));
        // A response that was given up may still arrive, and be older than the next one.
        let is_ours = |topic| topic == self.topic.name() && self.connection.is_asking();
        if !message.topic().is_none_or(is_ours) {
            return;
        }
        match self.topic.receive(now, message, &mut self.said) {
            Received::Nothing => {}
            Received::Response => {
                self.connection.responded();
                if is_subscribed {
                    self.connection.succeeded();
                }
            }
            Received::Short => self.connection.ask_later(now),
        }
    }

    /// Handles a problem, which concerns the pending request. Without a pending request it is the
    /// response to a `ping`, so the connection is alive.
    fn problem(&mut self, now: Duration, problem: Value) {
        self.connection.ponged();
        if !self.connection.is_asking() {
            return;
        }
        match Refusal::of(&problem) {
            Refusal::ForNow => self.connection.ask_later(now),
            Refusal::Cursor => {
                self.topic.restart();
                self.connection.ask_later(now);
            }
            Refusal::ForGood => {
                if let Topic::Order(log) = &mut self.topic
                    && problem["status"] == 404
                {
                    log.gone(&mut self.said);
                }
                self.end(problem);
            }
        }
    }

    fn ask(&mut self, now: Duration) {
        if self.connection.may_ask(now)
            && let Some(message) = self.topic.ask(now, &mut self.said)
        {
            self.said.push(Output::Send(message));
            self.connection.asked(now);
        }
    }

    fn lose(&mut self, now: Duration, why: &str) {
        if let Some(reason) = self.connection.lost(now, why) {
            self.said.push(Output::News(News::Lost(reason)));
            self.connect(now);
        }
    }

    fn connect(&mut self, now: Duration) {
        if self.connection.connect(now) {
            self.said.push(Output::Connect);
        }
    }

    fn end(&mut self, problem: Value) {
        self.said.push(Output::News(News::Refused(problem)));
        if self.connection.end() {
            self.said.push(Output::Close);
        }
    }
}

impl Topic {
    fn opened(&mut self) {
        match self {
            Self::Order(log) => log.opened(),
            Self::Orders(list) => list.opened(),
        }
    }

    fn restart(&mut self) {
        match self {
            Self::Order(_) => {}
            Self::Orders(list) => list.restart(),
        }
    }

    fn due(&self) -> Option<Duration> {
        match self {
            Self::Order(_) => None,
            Self::Orders(list) => list.due(),
        }
    }

    fn ask(&mut self, now: Duration, said: &mut Vec<Output>) -> Option<Value> {
        match self {
            Self::Order(log) => log.ask(),
            Self::Orders(list) => list.ask(now, said),
        }
    }

    fn receive(&mut self, now: Duration, message: Message, said: &mut Vec<Output>) -> Received {
        match self {
            Self::Order(log) => log.receive(message, said),
            Self::Orders(list) => list.receive(now, message, said),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Order(log) => log.topic(),
            Self::Orders(list) => list.topic(),
        }
    }
}

impl Refusal {
    fn of(problem: &Value) -> Self {
        if problem["type"] == INVALID_CURSOR {
            return Self::Cursor;
        }
        match problem["status"].as_u64() {
            Some(400..=428 | 430..=499) => Self::ForGood,
            _ => Self::ForNow,
        }
    }
}
