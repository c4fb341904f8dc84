//! The actions of clients, and the ends of their connections.

use clock::Timestamp;
use serde_json::{Value, json};

use super::super::audience::context;
use super::super::stage::Stage;
use super::Case;

impl Case {
    /// Lets a client connect, send a message, or receive one.
    pub(super) async fn act(&mut self, stage: &mut Stage, who: usize, may_interleave: bool) {
        let now = self.now(stage);
        let listener = &mut self.listeners[who];
        let Some(line) = listener.line.clone() else {
            if listener.wants_line {
                self.connect(stage, who).await;
            }
            return;
        };
        let received = stage.world.lock().gateway.line(&line).inbox.pop_front();
        if let Some(message) = received {
            listener.receives(&message, now);
        } else if !stage.world.lock().gateway.is_open(&line) {
            listener.closed(now);
            self.disconnected(stage, &line).await;
        } else if let Some(message) = listener.outgoing.pop_front() {
            self.say(stage, who, &line, &message, may_interleave).await;
        }
        self.hang_up(stage, who, &line).await;
    }

    /// Closes a connection at the gateway after its client has closed it.
    async fn hang_up(&mut self, stage: &mut Stage, who: usize, line: &str) {
        if self.listeners[who].line.is_none() && stage.world.lock().gateway.is_open(line) {
            stage.world.lock().gateway.leave(line, false);
            self.listeners[who].outgoing.clear();
            self.disconnected(stage, line).await;
        }
    }

    async fn connect(&mut self, stage: &mut Stage, who: usize) {
        let lasts = if self.chance.percent(30) { 5 + self.chance.below(20) } else { 36_000 };
        let expires_at = stage.now() + i64::try_from(lasts).expect("seconds");
        let person = self.listeners[who].person;
        let line = stage.world.lock().gateway.open(person, &self.names, expires_at);
        let event = self.event(stage, who, &line, "CONNECT", expires_at);
        stage.app.runner.invoke("live-connect", &event).await.expect("a connection");
        let now = self.now(stage);
        self.listeners[who].opened(line, now);
    }

    async fn say(
        &mut self,
        stage: &mut Stage,
        who: usize,
        line: &str,
        message: &Value,
        may_interleave: bool,
    ) {
        let expires_at = stage.world.lock().gateway.expires_at(line);
        let mut event = self.event(stage, who, line, "MESSAGE", expires_at);
        event["body"] = json!(message.to_string());
        let response = self.invoke(stage, "live-message", event, may_interleave).await;
        if may_interleave && self.chance.percent(20) {
            // The response is delayed.
            for _ in 0..=self.chance.below(3) {
                Box::pin(self.meanwhile(stage, "live-message")).await;
            }
        }
        let mut world = stage.world.lock();
        let world = &mut *world;
        let failed =
            json!({ "message": "Internal server error", "connectionId": line }).to_string();
        let body = response.as_ref().map_or(Some(failed.as_str()), |it| it["body"].as_str());
        let is_lost = world.gateway.is_faulty && self.chance.percent(3);
        if let Some(body) = body.filter(|_| !is_lost) {
            world.gateway.respond(line, body, &world.ledger);
        }
    }

    /// Invokes `$disconnect` with a probability of one half.
    async fn disconnected(&mut self, stage: &Stage, line: &str) {
        if self.chance.percent(50) {
            let context = json!({
                "connectionId": line, "eventType": "DISCONNECT", "routeKey": "$disconnect",
                "connectedAt": 0, "requestTimeEpoch": 0, "authorizer": {},
            });
            let event = json!({ "requestContext": context, "isBase64Encoded": false });
            stage.app.runner.invoke("live-connect", &event).await.expect("a goodbye");
        }
    }

    fn event(&self, stage: &Stage, who: usize, line: &str, kind: &str, expires_at: i64) -> Value {
        let expires_at = Timestamp::from_epoch_seconds(expires_at).expect("a time").to_string();
        let person = self.listeners[who].person.describe(&self.names);
        json!({
            "requestContext": {
                "connectionId": line,
                "eventType": kind,
                "routeKey": if kind == "CONNECT" { "$connect" } else { "$default" },
                "connectedAt": stage.now() * 1000,
                "requestTimeEpoch": stage.now() * 1000,
                "authorizer": context(&person, &expires_at),
            },
            "isBase64Encoded": false,
        })
    }

    /// Cuts a client off, with everything on its way to it; API Gateway may not notice.
    pub(super) async fn leave(&mut self, stage: &mut Stage, who: usize) {
        let Some(line) = self.listeners[who].line.clone() else { return };
        let unnoticed = self.chance.percent(30);
        stage.world.lock().gateway.leave(&line, unnoticed);
        let now = self.now(stage);
        self.listeners[who].closed(now);
        if !unnoticed {
            self.disconnected(stage, &line).await;
        }
    }
}
