//! An order's life as chance has it: anybody asks for anything, the clocks
//! disagree, and some decide on a head that is no longer the newest.

use proptest::collection::vec;
use proptest::prelude::*;

use super::chance::{Wish, new_orders, people, wishes};
use super::samples::{ORDER_ID, at, code, ops};
use crate::domain::{
    Command, Context, Event, NewOrder, Order, Principal, Rejection, create, decide, evolve, fold,
};

/// The code of every order that has one.
pub(super) const CODE: &str = "1234";

/// What came of it all.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) events: Vec<Event>,
    /// The order after each event.
    pub(crate) heads: Vec<Order>,
    pub(super) decisions: Vec<Decision>,
}

/// What was decided, on which head, and whether the commit went through.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) by: Principal,
    pub(super) command: Command,
    pub(super) clock: i64,
    pub(super) head: Order,
    pub(super) outcome: Result<Vec<Event>, Rejection>,
    pub(super) committed: bool,
}

impl Life {
    fn beginning(order: NewOrder) -> Self {
        let events = create(order, &Context::new(at(0), &ops())).unwrap();
        let heads = (1..=events.len()).map(|count| fold(ORDER_ID, &events[..count]).unwrap());
        Self { heads: heads.collect(), events, decisions: vec![] }
    }

    /// The order as it is now.
    pub(crate) fn head(&self) -> &Order {
        &self.heads[self.heads.len() - 1]
    }

    /// How many events its creation is.
    pub(super) fn created_by(&self) -> usize {
        1 + self.heads[0].workflow.automatic.len()
    }

    /// Decides on the head with this index and commits what comes of it, unless
    /// another commit came first: then the decision is lost, and this is true.
    pub(super) fn decide(
        &mut self,
        head: usize,
        by: &Principal,
        command: &Command,
        clock: i64,
    ) -> bool {
        let head = self.heads[head].clone();
        let code = head.handover.map(|_| code(CODE));
        let context = Context { handover_code: code.as_ref(), ..Context::new(at(clock), by) };
        let outcome = decide(&head, command.clone(), &context);
        let accepted = outcome.as_ref().is_ok_and(|events| !events.is_empty());
        let committed = accepted && head.version == self.head().version;
        for event in outcome.iter().flatten().filter(|_| committed) {
            self.heads.push(evolve(self.head().clone(), event));
            self.events.push(event.clone());
        }
        let (by, command) = (by.clone(), command.clone());
        self.decisions.push(Decision { by, command, clock, head, outcome, committed });
        accepted && !committed
    }

    fn attempt(&mut self, attempt: &Attempt) {
        let newest = self.heads.len() - 1;
        let read = newest.saturating_sub(attempt.behind);
        let command = attempt.wish.on(&self.heads[read]);
        if self.decide(read, &attempt.by, &command, attempt.clock) {
            self.decide(newest, &attempt.by, &command, attempt.clock);
        }
    }
}

#[derive(Clone, Debug)]
struct Attempt {
    by: Principal,
    wish: Wish,
    /// What the clock of whoever decides shows, in seconds.
    clock: i64,
    /// How many events came after the one that was read last.
    behind: usize,
    /// How often they try.
    times: usize,
}

/// Whole lives of orders of merchant m1.
pub(crate) fn lives() -> impl Strategy<Value = Life> {
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
    (people(), wishes(), -100..100_i64, behind, times)
        .prop_map(|(by, wish, clock, behind, times)| Attempt { by, wish, clock, behind, times })
}
