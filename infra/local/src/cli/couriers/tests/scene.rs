//! A courier in simulated time, and the orders that it drives.

use std::time::Duration;

use domain::{Location, Operation};
use serde_json::{Value, json};

use super::super::courier::Courier;
use super::super::order::Order;
use super::super::request::{Answer, Ask, Output, Request};
use super::super::town::Town;

pub(super) const THINK: Duration = Duration::from_secs(3);

/// More outputs than any scene has: a courier who wants this many repeats itself.
const TOO_MANY: usize = 100;

/// The places are on a meridian; each is 300 m, ten seconds, from the next.
const STEP: f64 = 0.002_698;

pub(super) fn place(steps: f64) -> Location {
    Location::new(51.51 + steps * STEP, -0.13).unwrap()
}

/// A courier at the centre of the town, its time, and the lines that it printed.
pub(super) struct Scene {
    pub(super) courier: Courier,
    pub(super) now: Duration,
    pub(super) lines: Vec<String>,
}

impl Scene {
    pub(super) fn of(number: u8) -> Self {
        let town = Town { centre: place(0.0) };
        let courier = Courier::new("courier", number, town, town.centre);
        Self { courier, now: Duration::ZERO, lines: Vec::new() }
    }

    pub(super) fn hear(&mut self, order: &Value) {
        let order = Order::parse(order.clone()).expect("an order");
        self.courier.hear(self.now, order, THINK);
    }

    /// Carries out what the courier wants, with the answers of `api`, until it only waits.
    fn settle(&mut self, api: &mut impl FnMut(&Ask) -> Answer) {
        for _ in 0..TOO_MANY {
            let outputs = self.courier.outputs();
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                match output {
                    Output::Say(text) => self.lines.push(text),
                    Output::SendPosition => {}
                    Output::Ask(ask) => self.courier.answer(self.now, &ask, api(&ask)),
                }
            }
        }
        panic!("the same again and again: {:?}", self.lines);
    }

    /// Lets the time pass until the courier waits for nothing but news, or until `end`.
    pub(super) fn pass(&mut self, end: Duration, api: &mut impl FnMut(&Ask) -> Answer) {
        self.settle(api);
        while let Some(due) = self.courier.due().filter(|due| *due <= end) {
            assert!(due >= self.now, "a time that has passed");
            self.now = due;
            self.courier.tick(due);
            self.settle(api);
        }
    }

    /// Lets all time pass.
    pub(super) fn play(&mut self, api: &mut impl FnMut(&Ask) -> Answer) {
        self.pass(Duration::MAX, api);
    }
}

/// An order that a courier drives, as the API has it.
pub(super) struct Api {
    pub(super) order: Value,
    /// The requests so far.
    pub(super) asked: Vec<Request>,
}

impl Api {
    /// Returns the API of an order from the place 1 to the place 3 that is offered.
    pub(super) fn offering(id: &str) -> Self {
        let addresses = json!({
            "pickup": { "text": "1 Mill Lane", "location": place(1.0) },
            "dropoff": { "text": "2 High Street", "location": place(3.0) },
        });
        let order = json!({
            "id": id,
            "version": 2,
            "workflow": "courier",
            "status": "created",
            "offer": { "round": 1 },
            "addresses": addresses,
        });
        Self { order, asked: Vec::new() }
    }

    /// Returns the API of such an order that is the courier's.
    pub(super) fn assigned(id: &str) -> Self {
        let mut api = Self::offering(id);
        api.assign();
        api
    }

    fn assign(&mut self) {
        self.move_to("driver_assigned");
        self.order["driver"] = "courier".into();
        self.order["offer"] = Value::Null;
    }

    pub(super) fn move_to(&mut self, status: &str) {
        self.order["status"] = status.into();
        self.order["version"] = (self.order["version"].as_u64().unwrap() + 1).into();
    }

    pub(super) fn answer(&mut self, ask: &Ask) -> Answer {
        assert_eq!(self.order["id"], *ask.order);
        self.asked.push(ask.request);
        match ask.request {
            Request::Read => return Answer::Done(self.order.clone()),
            Request::Accept => self.assign(),
            Request::Decline(_) => return Answer::Done(Value::Null),
            Request::Step(errand) => self.move_to(match errand.operation {
                Operation::Pickup => "picked_up",
                Operation::Depart => "in_transit",
                Operation::Deliver => "delivered",
                Operation::DeliveryFailed => "delivery_failed",
                Operation::Return => "returning",
                Operation::Returned => "returned",
                other => panic!("{other:?}"),
            }),
        }
        let mut body = self.order.clone();
        body["addresses"] = Value::Null;
        Answer::Done(body)
    }

    pub(super) fn steps(&self) -> Vec<Operation> {
        let operation = |request: &Request| match request {
            Request::Step(errand) => Some(errand.operation),
            _ => None,
        };
        self.asked.iter().filter_map(operation).collect()
    }
}
