//! Random lives of orders: any principal requests anything, clocks disagree, some decisions
//! are made on an outdated head, and the deadline sweep runs now and then.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::chance::{Wish, new_orders, people, wishes};
use super::drives::{Drive, drives, news_of};
use super::{ORDER_ID, at, code, created, driver_id, items_of, on_duty, ops};
use crate::{
    Command, Context, DispatchTask, DriverId, Event, Known, NewOrder, News, NextDispatch, Order,
    Principal, Rejection, Round, Searched, decide, due, evolve, fold, round, tell,
};

/// The handover code of every order that has one.
pub const CODE: &str = "1234";

/// One day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// The result of a random life of an order.
#[derive(Clone, Debug)]
pub struct Life {
    pub events: Vec<Event>,
    /// The order after each event.
    pub heads: Vec<Order>,
    pub decisions: Vec<Decision>,
}

/// A decision, the head on which it was made, and the success of its commit.
#[derive(Clone, Debug)]
pub struct Decision {
    pub wanted: Wanted,
    pub clock: i64,
    pub head: Order,
    pub outcome: Result<Vec<Event>, Rejection>,
    pub committed: bool,
}

/// The trigger of a decision: a principal's command, the order's deadline, a round of dispatch with
/// what it found, or news of the driver.
#[derive(Clone, Debug)]
pub enum Wanted {
    By(Principal, Box<Command>),
    Due,
    Round(Round, Searched),
    News(News),
}

/// The driver whose roster counts orders.
pub const REGISTERED: &str = "d1";

impl Wanted {
    fn on(&self, head: &Order, clock: i64) -> Result<Vec<Event>, Rejection> {
        let decision = match self {
            Self::By(principal, command) => {
                let items = head.basket.iter().flat_map(|basket| items_of(basket, 2)).collect();
                let currency = head.basket.as_ref().and_then(|basket| basket.currency.clone());
                let handover_code = head.handover.map(|_| code(CODE));
                let known = Known { handover_code, items, currency, ..on_duty(&[REGISTERED]) };
                let context = Context::new(at(clock), principal);
                decide(head, (**command).clone(), &context.knowing(&known))
            }
            Self::Due => due(head, at(clock), Known::NOTHING),
            Self::News(news) => tell(head, news, at(clock)),
            Self::Round(this, searched) => {
                round(head, *this, searched, at(clock), &on_duty(&["d1", "d2", "d3"]))
            }
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

    /// Returns the order's current head.
    pub fn head(&self) -> &Order {
        &self.heads[self.heads.len() - 1]
    }

    /// Returns the number of events that the order's creation produced.
    pub fn creation_events(&self) -> usize {
        1 + self.heads[0].placed.workflow.automatic.len()
    }

    /// Decides on the head with this index and commits the events. Returns true if the decision
    /// is lost, because another commit came first.
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
            Aim::Wish(by, wish, clock) => {
                (Wanted::By(by.clone(), wish.on(head, by).into()), *clock)
            }
            Aim::Drive(drive, late) => {
                let clock = head.updated_at.epoch_seconds() - at(0).epoch_seconds() + late;
                (Wanted::News(news_of(drive, head, at(clock))), clock)
            }
            Aim::Sweep(late) => (Wanted::Due, due_seconds(head).unwrap_or_default() + late),
            Aim::Round(drivers, late) => match head.next_dispatch() {
                Some(NextDispatch { at: due, task: DispatchTask::Search(this) }) => {
                    let clock = due.epoch_seconds() - at(0).epoch_seconds() + late;
                    let found = Searched::Found(drivers.clone());
                    (Wanted::Round(this, found), clock)
                }
                _ => (Wanted::Due, due_seconds(head).unwrap_or_default() + late),
            },
        };
        if self.decide(read, &wanted, clock) {
            self.decide(newest, &wanted, clock);
        }
    }
}

/// Returns the time at which Waybill acts on the order, in seconds after 09:30.
pub fn due_seconds(order: &Order) -> Option<i64> {
    order.due_at().map(|due| due.epoch_seconds() - at(0).epoch_seconds())
}

#[derive(Clone, Debug)]
struct Attempt {
    aim: Aim,
    /// The number of events that were committed after the head that is read.
    behind: usize,
    /// The number of times that the attempt is made.
    times: usize,
}

#[derive(Clone, Debug)]
enum Aim {
    /// A principal's command, and the time of its clock in seconds after 09:30.
    Wish(Principal, Box<Wish>, i64),
    /// The deadline sweep, this many seconds after the order is due.
    Sweep(i64),
    /// News of a driver, this many seconds after the order's last event.
    Drive(Drive, i64),
    /// A round of dispatch that finds these drivers, this many seconds after it is due.
    Round(Vec<DriverId>, i64),
}

/// Complete lives of merchant m1's orders.
pub fn lives() -> impl Strategy<Value = Life> {
    (new_orders(), vec(attempts(), 1..80)).prop_map(|(order, attempts)| {
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
    let drivers = ["d1", "d2", "d3"].map(driver_id).to_vec();
    let rounds = (subsequence(drivers, 0..=3), late.clone());
    let rounds = rounds.prop_map(|(drivers, late)| Aim::Round(drivers, late));
    let on_the_road =
        (drives(), select(vec![1, 20, 300, 500])).prop_map(|(it, late)| Aim::Drive(it, late));
    let aims =
        prop_oneof![90 => wishes, 10 => late.prop_map(Aim::Sweep), 2 => rounds, 9 => on_the_road];
    (aims, behind, times).prop_map(|(aim, behind, times)| Attempt { aim, behind, times })
}
