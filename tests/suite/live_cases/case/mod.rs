//! A case: a merchant's orders, their subscribers, and a random sequence of steps.

mod clients;
mod outcome;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::audience::{Names, Topic};
use super::listener::Listener;
use super::moves::Move;
use super::stage::Stage;
use crate::harness::chance::Chance;
use crate::harness::stream::{End, event};

/// The maximum numbers of orders and of clients of a case.
const ORDERS: usize = 4;
const LISTENERS: usize = 4;

/// The minimum and the maximum number of random steps of a case.
const STEPS: (usize, usize) = (15, 50);

/// The maximum number of rounds in which all clients act: enough to reach the end of the
/// protocol.
const ROUNDS_TOGETHER: usize = 14;

/// The maximum time in seconds in which a client is silent: it sends a `ping` within it.
const PING_EVERY: i64 = 250;

/// The maximum number of rounds before all clients must be at rest.
const ROUNDS: usize = 400;

/// A case, drawn from a seed.
pub(super) struct Case {
    chance: Chance,
    names: Names,
    /// The ids of its orders, in the order of creation.
    orders: Vec<String>,
    listeners: Vec<Listener>,
    /// The order that changes, and is relayed, in the middle of a client's next message.
    amid: Option<String>,
    began: i64,
}

impl Case {
    pub(super) fn draw(seed: u64) -> Self {
        let names = Names { merchant: format!("m{seed}") };
        let (orders, listeners) = (Vec::new(), Vec::new());
        Self { chance: Chance::new(seed), names, orders, listeners, amid: None, began: 0 }
    }

    /// Plays the case, and checks that every client holds what is stored at the end.
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
        for _ in 0..self.chance.below(ROUNDS_TOGETHER) {
            self.go_on_together(stage).await;
        }
        if self.chance.percent(50) {
            self.come_back(stage).await;
        }
        stage.world.lock().gateway.is_faulty = false;
        self.settle(stage).await;
        self.compare(stage).await;
        // Connected clients must still receive changes.
        for id in self.orders.clone() {
            self.change(stage, &id).await;
        }
        self.settle(stage).await;
        self.compare(stage).await;
        self.depart(stage);
    }

    async fn create(&mut self, stage: &mut Stage) {
        let known: Vec<_> = self.orders.clone();
        stage.make(&Move::create(&self.names, &mut self.chance), &mut self.chance).await;
        let world = stage.world.lock();
        let own = world.ledger.all().filter(|order| order.merchant == self.names.merchant);
        let new = own.map(|order| order.id.clone()).filter(|id| !known.contains(id));
        self.orders.extend(new);
    }

    /// Adds a client.
    fn arrive(&mut self) {
        let topic = self.chance.pick(&Topic::all(self.orders.len()));
        let person = self.chance.pick(&topic.audience());
        let text = topic.text(&self.names, |number| self.orders[number].clone());
        self.listeners.push(Listener::new(person, topic, text, self.chance.fork()));
    }

    /// Takes a random step, perhaps with other steps in the middle of it.
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

    /// Lets all clients act, changes an order, relays, and lets time pass.
    async fn go_on_together(&mut self, stage: &mut Stage) {
        for who in 0..self.listeners.len() {
            for _ in 0..3 {
                self.act(stage, who, true).await;
            }
        }
        let id = self.chance.pick(&self.orders);
        self.change(stage, &id).await;
        self.relay(stage, true).await;
        self.pass_time(stage, 4);
    }

    /// Cuts all clients off and lets them come back. Orders change only in the middle of the
    /// clients' messages, and no later change would reveal one that a client missed.
    async fn come_back(&mut self, stage: &mut Stage) {
        for who in 0..self.listeners.len() {
            self.leave(stage, who).await;
        }
        for _ in 0..ROUNDS_TOGETHER {
            for who in 0..self.listeners.len() {
                let own = match self.listeners[who].topic {
                    Topic::Order(number) => self.orders[number].clone(),
                    _ => self.chance.pick(&self.orders),
                };
                self.amid = Some(own);
                self.act(stage, who, true).await;
            }
            self.amid = None;
            self.pass_time(stage, 3);
        }
    }

    async fn change(&mut self, stage: &mut Stage, id: &str) {
        let order = stage.world.lock().ledger.now(id).cloned().expect("an order");
        let change = Move::of(&order, &self.names, &mut self.chance);
        stage.make(&change, &mut self.chance).await;
    }

    fn pass_time(&mut self, stage: &Stage, most: usize) {
        let seconds = i64::try_from(1 + self.chance.below(most)).expect("seconds");
        self.forward(stage, seconds);
    }

    fn forward(&mut self, stage: &Stage, seconds: i64) {
        stage.time.forward(seconds);
        let now = self.now(stage);
        self.listeners.iter_mut().for_each(|listener| listener.ticks(now));
    }

    fn now(&self, stage: &Stage) -> Duration {
        Duration::from_secs(u64::try_from(stage.now() - self.began).expect("time goes on"))
    }

    /// Invokes a function. While it is held at one of its calls, other steps happen.
    async fn invoke(
        &mut self,
        stage: &mut Stage,
        function: &'static str,
        event: Value,
        may_interleave: bool,
    ) -> Option<Value> {
        stage.begin(function, function != "relay" || stage.stream.busy() < 2);
        let amid = self.amid.take().filter(|_| function == "live-message");
        if stage.world.lock().gateway.is_faulty && self.chance.percent(2) {
            // Lambda throttles the invocation.
            return None;
        }
        let held = (may_interleave && (amid.is_some() || self.chance.percent(40)))
            .then(|| stage.hold.arm(function, self.chance.below(6)));
        let app = Arc::clone(&stage.app);
        let invocation =
            tokio::spawn(async move { app.runner.invoke(function, &event).await.ok() });
        let mut invocation = std::pin::pin!(invocation);
        if let Some(held) = held {
            tokio::select! {
                response = &mut invocation => return response.expect("a function that returns"),
                () = held.reached.notified() => {}
            }
            if let Some(id) = amid {
                self.change(stage, &id).await;
                while !stage.stream.is_empty() {
                    Box::pin(self.relay(stage, false)).await;
                }
            } else {
                for _ in 0..=self.chance.below(3) {
                    Box::pin(self.meanwhile(stage, function)).await;
                }
            }
            drop(held);
        }
        invocation.await.expect("a function that returns")
    }

    /// Takes a step that is possible while a function is held: while it is the relay, also by
    /// another lane.
    async fn meanwhile(&mut self, stage: &mut Stage, function: &str) {
        let id = self.chance.pick(&self.orders);
        match (function, self.chance.below(10)) {
            (_, 0..4) => self.change(stage, &id).await,
            ("live-message", 4..9) | ("relay", 9) => self.relay(stage, false).await,
            ("relay", 4..9) => {
                let who = self.chance.below(self.listeners.len());
                self.act(stage, who, false).await;
            }
            _ => stage.time.forward(1),
        }
    }

    /// Delivers the next batch of the stream to the relay.
    async fn relay(&mut self, stage: &mut Stage, may_interleave: bool) {
        let batch = stage.stream.next(&mut self.chance);
        if batch.is_empty() {
            return;
        }
        let end = End::draw(&mut self.chance);
        let response = self.invoke(stage, "relay", event(&batch), may_interleave).await;
        stage.stream.settle(batch, end, response.as_ref());
    }

    /// Lets everything come to rest.
    async fn settle(&mut self, stage: &mut Stage) {
        self.rest(stage).await;
        if std::mem::take(&mut stage.world.lock().gateway.has_undeleted) {
            // A client whose connection could not be closed learns of it from a ping.
            self.forward(stage, PING_EVERY);
            self.rest(stage).await;
        }
    }

    async fn rest(&mut self, stage: &mut Stage) {
        for _ in 0..ROUNDS {
            while !stage.stream.is_empty() {
                self.relay(stage, false).await;
            }
            for who in 0..self.listeners.len() {
                self.drain(stage, who).await;
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

    /// Lets one client do everything that it can do now.
    async fn drain(&mut self, stage: &mut Stage, who: usize) {
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

    /// Disconnects all clients, and API Gateway notices.
    fn depart(&mut self, stage: &Stage) {
        for who in 0..self.listeners.len() {
            if let Some(line) = self.listeners[who].line.take() {
                stage.world.lock().gateway.leave(&line, false);
            }
        }
    }
}
