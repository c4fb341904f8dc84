//! An order's life as chance has it: anybody asks for anything, the clocks
//! disagree, some decide on a head that is no longer the newest, and now and then
//! somebody looks whether it is due.

use proptest::collection::vec;
use proptest::prelude::*;

use super::chance::{Wish, new_orders, people, wishes};
use super::{ORDER_ID, at, code, created, ops};
use crate::{
    Command, Context, Deadline, Event, Known, NewOrder, Order, Principal, Rejection, decide, due,
    evolve, fold,
};

/// The code of every order that has one.
pub const CODE: &str = "1234";

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// The result of a random life.
#[derive(Clone, Debug)]
pub struct Life {
    pub events: Vec<Event>,
    /// The order after each event.
    pub heads: Vec<Order>,
    pub decisions: Vec<Decision>,
}

/// A decision, the head that it was made on, and the success of its commit.
#[derive(Clone, Debug)]
pub struct Decision {
    pub wanted: Wanted,
    pub clock: i64,
    pub head: Order,
    pub outcome: Result<Vec<Event>, Rejection>,
    pub committed: bool,
}

/// The request of a decision.
#[derive(Clone, Debug)]
pub enum Wanted {
    By(Principal, Box<Command>),
    Due,
}

impl Wanted {
    fn on(&self, head: &Order, clock: i64) -> Result<Vec<Event>, Rejection> {
        let decision = match self {
            Self::By(principal, command) => {
                let known = Known { handover_code: head.handover.map(|_| code(CODE)) };
                let context = Context::new(at(clock), principal);
                decide(head, (**command).clone(), &context.knowing(&known))
            }
            Self::Due => due(head, at(clock), &Known::NOTHING),
        };
        decision.map(|decision| decision.events)
    }
}

impl Life {
    fn beginning(order: NewOrder) -> Self {
        let events = created(order, &ops()).unwrap();
        let heads = (1..=events.len()).map(|count| fold(ORDER_ID, &events[..count]).unwrap());
        Self { heads: heads.collect(), events, decisions: vec![] }
    }

    /// The order as it is now.
    pub fn head(&self) -> &Order {
        &self.heads[self.heads.len() - 1]
    }

    /// How many events its creation is.
    pub fn creation_events(&self) -> usize {
        1 + self.heads[0].placed.workflow.automatic.len()
    }

    /// Decides on the head with this index and commits what comes of it, unless
    /// another commit came first: then the decision is lost, and this is true.
    pub fn decide(&mut self, head: usize, wanted: &Wanted, clock: i64) -> bool {
        let head = self.heads[head].clone();
        let outcome = wanted.on(&head, clock);
        let accepted = outcome.as_ref().is_ok_and(|events| !events.is_empty());
        let committed = accepted && head.version == self.head().version;
        for event in outcome.iter().flatten().filter(|_| committed) {
            self.heads.push(evolve(self.head().clone(), event));
            self.events.push(event.clone());
        }
        let wanted = wanted.clone();
        self.decisions.push(Decision { wanted, clock, head, outcome, committed });
        accepted && !committed
    }

    fn attempt(&mut self, attempt: &Attempt) {
        let newest = self.heads.len() - 1;
        let read = newest.saturating_sub(attempt.behind);
        let head = &self.heads[read];
        let (wanted, clock) = match &attempt.aim {
            Aim::Wish(by, wish, clock) => (Wanted::By(by.clone(), wish.on(head).into()), *clock),
            Aim::Sweep(late) => (Wanted::Due, due_seconds(head).unwrap_or_default() + late),
        };
        if self.decide(read, &wanted, clock) {
            self.decide(newest, &wanted, clock);
        }
    }
}

/// When the order is due, in seconds after half past nine.
pub fn due_seconds(order: &Order) -> Option<i64> {
    let seconds = |deadline: Deadline| deadline.at.epoch_seconds() - at(0).epoch_seconds();
    order.deadline.map(seconds)
}

#[derive(Clone, Debug)]
struct Attempt {
    aim: Aim,
    /// How many events came after the one that was read last.
    behind: usize,
    /// How often they try.
    times: usize,
}

#[derive(Clone, Debug)]
enum Aim {
    /// Somebody wants something; what their clock shows, in seconds.
    Wish(Principal, Box<Wish>, i64),
    /// Somebody looks so many seconds after the order is due.
    Sweep(i64),
}

/// Whole lives of orders of merchant m1.
pub fn lives() -> impl Strategy<Value = Life> {
    (new_orders(), vec(attempts(), 1..60)).prop_map(|(order, attempts)| {
        let mut life = Life::beginning(order);
        for attempt in attempts {
            for _ in 0..attempt.times {
                life.attempt(&attempt);
            }
        }
        life
    })
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let behind = prop_oneof![4 => Just(0), 1 => 1..4_usize];
    let times = prop_oneof![9 => Just(1), 1 => 6..12_usize];
    let wishes = (people(), wishes(), -100..100_i64)
        .prop_map(|(by, it, clock)| Aim::Wish(by, it.into(), clock));
    let late = prop_oneof![Just(-1), Just(0), 1..100_i64, Just(DAY)];
    let aims = prop_oneof![9 => wishes, 1 => late.prop_map(Aim::Sweep)];
    (aims, behind, times).prop_map(|(aim, behind, times)| Attempt { aim, behind, times })
}
