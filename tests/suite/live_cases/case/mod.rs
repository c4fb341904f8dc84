//! A case: a merchant's orders, who listens to them, and all that happens.

mod clients;
mod outcome;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::audience::{Names, Topic};
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

/// How many times at most everybody goes on a little: as often as it takes to come as
/// far as the protocol goes.
const ROUNDS_TOGETHER: usize = 14;

/// How long a client is silent at most, in seconds: it says `ping` within.
const PING_EVERY: i64 = 250;

/// How often at most everybody is heard out before the end.
const ROUNDS: usize = 400;

/// What is drawn from a seed.
pub(super) struct Case {
    chance: Chance,
    names: Names,
    /// The ids of its orders, as they come to be.
    orders: Vec<String>,
    listeners: Vec<Listener>,
    /// What changes, and is relayed, whenever a client asks for something.
    amid: Option<String>,
    began: i64,
}

impl Case {
    pub(super) fn draw(seed: u64) -> Self {
        let names = Names { merchant: format!("m{seed}") };
        let (orders, listeners) = (Vec::new(), Vec::new());
        Self { chance: Chance::new(seed), names, orders, listeners, amid: None, began: 0 }
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
        for _ in 0..self.chance.below(ROUNDS_TOGETHER) {
            self.go_on_together(stage).await;
        }
        if self.chance.percent(50) {
            self.come_back(stage).await;
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

    /// Everybody does something, and time passes.
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

    /// Everybody is cut off and comes back; what happens then happens in the middle of
    /// that alone, and nothing comes after it that would tell of it.
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

    /// Invokes a function; while it is held back at one of its calls, other things happen.
    async fn invoke(
        &mut self,
        stage: &mut Stage,
        function: &'static str,
        event: Value,
        may_interleave: bool,
    ) -> Option<Value> {
        stage.begin(function);
        let amid = self.amid.take().filter(|_| function == "live-message");
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
        let response = self.invoke(stage, "relay", event(&batch), may_interleave).await;
        stage.stream.settle(batch, end, response.as_ref());
    }

    /// Lets everything come to rest.
    async fn settle(&mut self, stage: &mut Stage) {
        self.rest(stage).await;
        if std::mem::take(&mut stage.world.lock().gateway.has_undeleted) {
            // Whoever could not be closed learns it by a ping.
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

    /// One client does all that it has to do now.
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

    /// Everybody leaves, noticed.
    fn depart(&mut self, stage: &Stage) {
        for who in 0..self.listeners.len() {
            if let Some(line) = self.listeners[who].line.take() {
                stage.world.lock().gateway.leave(&line, false);
            }
        }
    }
}
