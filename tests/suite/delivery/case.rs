//! A case: a merchant's orders, who listens to them, and all that happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::time::Timestamp;

use super::audience::{Names, Topic, context};
use super::listener::Listener;
use super::moves::Move;
use super::stage::Stage;
use super::stream::{End, event};
use crate::harness::chance::Chance;

/// How many orders a case has at most, and how many clients.
const ORDERS: usize = 4;
const LISTENERS: usize = 4;

/// How many steps a case takes, at least and at most.
const STEPS: (usize, usize) = (15, 50);

/// How often at most everybody is heard out before the end.
const ROUNDS: usize = 400;

/// What is drawn from a seed.
pub(super) struct Case {
    chance: Chance,
    names: Names,
    /// The ids of its orders, as they come to be.
    orders: Vec<String>,
    listeners: Vec<Listener>,
    began: i64,
}

impl Case {
    pub(super) fn draw(seed: u64) -> Self {
        let names = Names { merchant: format!("m{seed}") };
        let (orders, listeners) = (Vec::new(), Vec::new());
        Self { chance: Chance::new(seed), names, orders, listeners, began: 0 }
    }

    /// Plays it, and sees that everybody holds what is stored in the end.
    pub(super) async fn play(mut self, stage: &mut Stage) {
        self.began = stage.now();
        {
            let mut world = stage.world.lock();
            world.chance = Some(self.chance.fork());
            world.gateway.is_faulty = true;
        }
        for _ in 0..=self.chance.below(ORDERS) {
            self.create(stage).await;
        }
        for _ in 0..=self.chance.below(LISTENERS) {
            self.arrive();
        }
        let (least, most) = STEPS;
        for _ in 0..least + self.chance.below(most - least) {
            self.step(stage, true).await;
        }
        stage.world.lock().gateway.is_faulty = false;
        self.settle(stage).await;
        self.compare(stage).await;
        // Whoever is connected still hears.
        for id in self.orders.clone() {
            self.change(stage, &id).await;
        }
        self.settle(stage).await;
        self.compare(stage).await;
        self.depart(stage).await;
    }

    async fn create(&mut self, stage: &mut Stage) {
        let known: Vec<_> = self.orders.clone();
        stage.make(&Move::create(&self.names, &mut self.chance), &mut self.chance).await;
        let world = stage.world.lock();
        let own = world.ledger.all().filter(|order| order.merchant == self.names.merchant);
        let new = own.map(|order| order.id.clone()).filter(|id| !known.contains(id));
        self.orders.extend(new);
    }

    /// A further client comes.
    fn arrive(&mut self) {
        let topic = self.chance.pick(&Topic::all(self.orders.len()));
        let person = self.chance.pick(&topic.audience());
        let text = topic.text(&self.names, |number| self.orders[number].clone());
        self.listeners.push(Listener::new(person, topic, text, self.chance.fork()));
    }

    /// Something happens; in the middle of it, perhaps, something else.
    async fn step(&mut self, stage: &mut Stage, may_interleave: bool) {
        match self.chance.below(100) {
            0..24 => {
                let id = self.chance.pick(&self.orders);
                self.change(stage, &id).await;
            }
            24..27 if self.orders.len() < ORDERS => self.create(stage).await,
            24..52 => self.relay(stage, may_interleave).await,
            52..88 => {
                let who = self.chance.below(self.listeners.len());
                self.act(stage, who, may_interleave).await;
            }
            88..94 => self.pass_time(stage, 4),
            _ => {
                let who = self.chance.below(self.listeners.len());
                self.leave(stage, who).await;
            }
        }
    }

    async fn change(&mut self, stage: &mut Stage, id: &str) {
        let order = stage.world.lock().ledger.now(id).cloned().expect("an order");
        let change = Move::of(&order, &self.names, &mut self.chance);
        stage.make(&change, &mut self.chance).await;
    }

    fn pass_time(&mut self, stage: &Stage, most: usize) {
        stage.time.forward(i64::try_from(1 + self.chance.below(most)).expect("seconds"));
        let now = self.now(stage);
        self.listeners.iter_mut().for_each(|listener| listener.ticks(now));
    }

    fn now(&self, stage: &Stage) -> Duration {
        Duration::from_secs(u64::try_from(stage.now() - self.began).expect("time goes on"))
    }

    /// Invokes a function; while it is held back at one of its calls, other things happen.
    async fn invoke(
        &mut self,
        stage: &mut Stage,
        function: &'static str,
        event: Value,
        may_interleave: bool,
    ) -> Option<Value> {
        stage.begin(function);
        let held = (may_interleave && self.chance.percent(40))
            .then(|| stage.hold.arm(function, self.chance.below(8)));
        let app = Arc::clone(&stage.app);
        let invocation =
            tokio::spawn(async move { app.runner.invoke(function, &event).await.ok() });
        let mut invocation = std::pin::pin!(invocation);
        if let Some(held) = held {
            tokio::select! {
                answer = &mut invocation => return answer.expect("a function that returns"),
                () = held.reached.notified() => {}
            }
            for _ in 0..=self.chance.below(3) {
                Box::pin(self.meanwhile(stage, function)).await;
            }
            drop(held);
        }
        invocation.await.expect("a function that returns")
    }

    /// Something that can happen while a function is held.
    async fn meanwhile(&mut self, stage: &mut Stage, function: &str) {
        let id = self.chance.pick(&self.orders);
        match (function, self.chance.below(10)) {
            (_, 0..4) => self.change(stage, &id).await,
            ("live-message", 4..9) => self.relay(stage, false).await,
            ("relay", 4..9) => {
                let who = self.chance.below(self.listeners.len());
                self.act(stage, who, false).await;
            }
            _ => stage.time.forward(1),
        }
    }

    /// The stream hands something on.
    async fn relay(&mut self, stage: &mut Stage, may_interleave: bool) {
        let batch = stage.stream.next(&mut self.chance);
        if batch.is_empty() {
            return;
        }
        let end = End::draw(&mut self.chance);
        let answer = self.invoke(stage, "relay", event(&batch), may_interleave).await;
        stage.stream.settle(batch, end, answer.as_ref());
    }

    /// A client connects, says something, or hears something.
    async fn act(&mut self, stage: &mut Stage, who: usize, may_interleave: bool) {
        let now = self.now(stage);
        let listener = &mut self.listeners[who];
        let Some(line) = listener.line.clone() else {
            if listener.wants_line {
                self.connect(stage, who).await;
            }
            return;
        };
        let heard = stage.world.lock().gateway.line(&line).inbox.pop_front();
        if let Some(message) = heard {
            listener.hears(&message, now);
        } else if !stage.world.lock().gateway.is_open(&line) {
            listener.closed(now);
            self.disconnected(stage, &line).await;
        } else if let Some(message) = listener.outgoing.pop_front() {
            self.say(stage, who, &line, &message, may_interleave).await;
        }
        self.hang_up(stage, who, &line).await;
    }

    /// A client that closes its connection is gone from it.
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
        let answer = self.invoke(stage, "live-message", event, may_interleave).await;
        let answer = answer.expect("an answer");
        if may_interleave && self.chance.percent(20) {
            // The answer is long on its way.
            for _ in 0..=self.chance.below(3) {
                Box::pin(self.meanwhile(stage, "live-message")).await;
            }
        }
        if let Some(body) = answer["body"].as_str() {
            let mut world = stage.world.lock();
            let world = &mut *world;
            world.gateway.answer(line, body, &world.ledger);
        }
    }

    /// `$disconnect` comes, or does not.
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

    /// A client is cut off, with all that was on its way; API Gateway may not notice.
    async fn leave(&mut self, stage: &mut Stage, who: usize) {
        let Some(line) = self.listeners[who].line.clone() else { return };
        let unnoticed = self.chance.percent(30);
        stage.world.lock().gateway.leave(&line, unnoticed);
        let now = self.now(stage);
        self.listeners[who].closed(now);
        if !unnoticed {
            self.disconnected(stage, &line).await;
        }
    }

    /// Lets everything come to rest.
    async fn settle(&mut self, stage: &mut Stage) {
        for _ in 0..ROUNDS {
            while !stage.stream.is_empty() {
                self.relay(stage, false).await;
            }
            for who in 0..self.listeners.len() {
                self.hear_out(stage, who).await;
            }
            if self.listeners.iter().all(Listener::rests) {
                return;
            }
            self.pass_time(stage, 3);
        }
        let restless = self.listeners.iter().filter(|listener| !listener.rests());
        let restless: Vec<_> =
            restless.map(|it| (it.person, &it.text, it.line.is_some())).collect();
        panic!("no rest for {restless:?}");
    }

    /// One client does all that it has to do now.
    async fn hear_out(&mut self, stage: &mut Stage, who: usize) {
        loop {
            let listener = &self.listeners[who];
            let has_more = match &listener.line {
                None => listener.wants_line,
                Some(line) => {
                    let mut world = stage.world.lock();
                    !listener.outgoing.is_empty()
                        || !world.gateway.line(line).inbox.is_empty()
                        || !world.gateway.is_open(line)
                }
            };
            if !has_more {
                return;
            }
            self.act(stage, who, false).await;
        }
    }

    /// Everybody holds what is stored.
    async fn compare(&mut self, stage: &Stage) {
        let path = format!("/orders?merchant={}&state=all&limit=100", self.names.merchant);
        let stored = stage.ops.get(&path).await.expect(200);
        let stored = stored["orders"].as_array().expect("orders").iter();
        let stored: BTreeMap<_, _> =
            stored.map(|it| (it["id"].as_str().expect("an id"), it)).collect();
        for listener in &self.listeners {
            let who = (listener.person, &listener.text);
            match listener.topic {
                Topic::Order(number) => self.compare_order(stage, listener, &self.orders[number]),
                _ => self.compare_list(stage, listener),
            }
            for (id, order) in listener.follower.held() {
                let own = stored.get(id.as_str()).copied();
                assert!(own.is_none_or(|own| own == order), "{who:?} holds {order}, not {own:?}");
            }
        }
        let violations = &stage.world.lock().gateway.violations;
        assert!(violations.is_empty(), "{violations:#?}");
    }

    fn compare_list(&self, stage: &Stage, listener: &Listener) {
        let held = listener.follower.held().iter();
        let version = |order: &Value| order["version"].as_u64().expect("a version");
        let held: Vec<_> = held.map(|(id, order)| (id.as_str(), version(order))).collect();
        let world = stage.world.lock();
        let theirs = world.ledger.all().filter(|order| {
            order.is_open
                && listener.topic.holds(&self.names, order)
                && listener.person.sees(&self.names, order)
        });
        let stored: Vec<_> = theirs.map(|order| (order.id.as_str(), order.version)).collect();
        assert_eq!(held, stored, "{:?} at {}", listener.person, listener.text);
    }

    fn compare_order(&self, stage: &Stage, listener: &Listener, id: &str) {
        let order = stage.world.lock().ledger.now(id).cloned().expect("an order");
        let held = listener.follower.held();
        let who = (listener.person, &listener.text);
        if !listener.person.sees(&self.names, &order) {
            assert!(held.is_empty(), "{who:?} holds what it lost: {held:?}");
        } else if let Some(problem) = &listener.refused {
            assert_eq!(problem["status"], 404, "{who:?} came when it was not theirs: {problem}");
        } else {
            let version = held.get(id).and_then(|it| it["version"].as_u64());
            assert_eq!(version, Some(order.version), "{who:?}");
            assert_eq!(listener.told(id), order.version, "{who:?} was told of each version");
        }
    }

    /// Everybody leaves, noticed.
    async fn depart(&mut self, stage: &mut Stage) {
        for who in 0..self.listeners.len() {
            if let Some(line) = self.listeners[who].line.take() {
                stage.world.lock().gateway.leave(&line, false);
            }
        }
    }
}
