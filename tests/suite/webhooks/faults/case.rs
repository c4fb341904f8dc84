//! A case: two merchants with a receiver each, and a random sequence of steps.

use serde_json::json;

use super::stage::Stage;
use super::world::answers;
use crate::harness::chance::Chance;
use crate::harness::stream::End;
use crate::harness::{Change, Client, grocery, id_of, order, people};
use crate::webhooks::{Receiver, Webhook};

/// The maximum number of orders of a merchant.
const ORDERS: usize = 3;

/// The minimum and the maximum number of random steps of a case.
const STEPS: (usize, usize) = (30, 80);

/// The maximum number of rounds before nothing may wait any more. Several take a day: an attempt
/// whose start was lost is started again after an hour.
const ROUNDS: usize = 500;

/// The maximum number of these rounds in which calls fail.
const TROUBLED_ROUNDS: usize = 8;

/// A merchant with a webhook.
pub(super) struct Side {
    pub(super) merchant: String,
    pub(super) receiver: Receiver,
    pub(super) webhook: Webhook,
    pub(super) orders: Vec<String>,
}

/// A case, drawn from a seed.
pub(super) struct Case {
    chance: Chance,
    pub(super) sides: Vec<Side>,
}

impl Case {
    pub(super) async fn start(seed: u64, stage: &Stage) -> Self {
        let mut chance = Chance::new(seed);
        let mut sides = Vec::new();
        for merchant in [format!("a{seed}"), format!("b{seed}")] {
            let client = stage.app.client(people::merchant(&merchant)).await;
            let receiver = Receiver::start().await;
            receiver.answer(answers(&mut chance));
            let webhook = Webhook::of(&merchant, &client, &receiver, json!({})).await;
            sides.push(Side { merchant, receiver, webhook, orders: Vec::new() });
        }
        Self { chance, sides }
    }

    /// Plays the case, and checks what the receivers have in the end.
    pub(super) async fn play(mut self, stage: &mut Stage) {
        for side in 0..self.sides.len() {
            self.create(stage, side).await;
        }
        stage.world.trouble(self.chance.fork());
        let (least, most) = STEPS;
        for _ in 0..least + self.chance.below(most - least) {
            self.step(stage).await;
        }
        self.settle(stage).await;
        for side in &self.sides {
            side.check(stage).await;
            let owner = stage.app.client(people::merchant(&side.merchant)).await;
            let delete = owner.request(reqwest::Method::DELETE, &side.webhook.path);
            owner.send(delete).await.expect(204);
        }
    }

    async fn create(&mut self, stage: &Stage, side: usize) {
        let side = &mut self.sides[side];
        let body = if self.chance.percent(50) {
            grocery(&side.merchant, "s1", "c1")
        } else {
            order(&side.merchant, "c1")
        };
        side.orders.push(id_of(&stage.app.ops().await.create(&body).await.expect(201)));
    }

    async fn step(&mut self, stage: &mut Stage) {
        let side = self.chance.below(self.sides.len());
        match self.chance.below(100) {
            0..40 => self.change(stage, side).await,
            40..44 if self.sides[side].orders.len() < ORDERS => self.create(stage, side).await,
            40..60 => {
                stage.take_down(&self.orders()).await;
                let end = End::draw(&mut self.chance);
                stage.publish(&mut self.chance, end).await;
            }
            60..82 => {
                stage.deliver().await;
            }
            82..87 => stage.sweep().await,
            _ => stage.time.forward(self.chance.pick(&[1, 5, 60, 300, 360, 1800])),
        }
    }

    /// Asks for a change, which the order may not allow.
    async fn change(&mut self, stage: &Stage, side: usize) {
        let id = self.chance.pick(&self.sides[side].orders);
        let ops: Client = stage.app.ops().await;
        let response = match self.chance.below(10) {
            0..3 => ops.replace_driver(&id, self.chance.pick(&["d1", "d2", "d3"])).await,
            3 => ops.unassign(&id, "a flat tyre").await,
            4..6 => {
                ops.move_to(&id, self.chance.pick(&["picked_up", "in_transit", "delivered"])).await
            }
            _ => self.chance.pick(&Change::all()).ask(&ops, &id).await,
        };
        assert!(response.status < 500, "{response:?}");
    }

    fn orders(&self) -> Vec<String> {
        self.sides.iter().flat_map(|side| side.orders.iter().cloned()).collect()
    }

    /// Lets everything come to rest. The faults last for some rounds of it, so that attempts after
    /// a failure fail, too.
    async fn settle(&mut self, stage: &mut Stage) {
        let (orders, troubled) = (self.orders(), self.chance.below(TROUBLED_ROUNDS + 1));
        for round in 0..ROUNDS {
            if round == troubled {
                stage.world.calm();
            }
            stage.take_down(&orders).await;
            stage.work(&mut self.chance).await;
            stage.take_down(&orders).await;
            let Some(waiting) = stage.waiting().await else { return stage.world.calm() };
            stage.forward_to(&waiting);
        }
        panic!("still waiting: {:?}", stage.waiting().await);
    }
}
