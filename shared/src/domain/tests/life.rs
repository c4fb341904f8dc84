//! An order's life as chance has it: anybody asks for anything, the clocks
//! disagree, and some decide on a head that is no longer the newest.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::samples::{
    ORDER_ID, at, clerk, customer, customer_reference, driver, driver_id, merchant, merchant_id,
    ops, store_id, support, system,
};
use crate::domain::{
    Command, Context, DriverId, Event, Message, Metadata, NewOrder, Note, Operation, Order,
    Principal, Reason, Rejection, Remarks, Workflow, create, decide, evolve, fold,
};

/// What came of it all.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) events: Vec<Event>,
    /// The order after each event.
    pub(super) heads: Vec<Order>,
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
        let mut life = Self { events: vec![], heads: vec![], decisions: vec![] };
        let events = create(order, &Context { now: at(0), principal: &ops() }).unwrap();
        life.heads.push(fold(ORDER_ID, &events).unwrap());
        life.events = events;
        life
    }

    /// The order as it is now.
    pub(super) fn head(&self) -> &Order {
        &self.heads[self.heads.len() - 1]
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
        let outcome = decide(&head, command.clone(), &Context { now: at(clock), principal: by });
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

    fn attempt(&mut self, attempt: Attempt) {
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
}

#[derive(Clone, Debug)]
struct Wish {
    aim: Aim,
    driver: DriverId,
    reason: Reason,
    remarks: Remarks,
}

#[derive(Clone, Debug)]
enum Aim {
    /// One of the steps that leave where the order stands, whosever it is.
    Step(Index),
    /// One of the workflow's statuses.
    Status(Index),
    Operation(Operation),
}

impl Wish {
    fn on(self, head: &Order) -> Command {
        let (to, operation) = match self.aim {
            Aim::Step(index) if head.is_open() => {
                let edges: Vec<_> = head.workflow.edges_from(head.status).collect();
                let edge = index.get(&edges);
                (edge.to, edge.operation)
            }
            Aim::Step(_) => (head.status, None),
            Aim::Status(index) => (*index.get(head.workflow.statuses), None),
            Aim::Operation(operation) => (head.status, Some(operation)),
        };
        match operation {
            Some(Operation::Assign) => Command::Assign { driver: self.driver },
            Some(Operation::Unassign) => Command::Unassign { reason: self.reason },
            None => Command::ChangeStatus { to, remarks: self.remarks },
        }
    }
}

/// Whole lives of orders of merchant m1.
pub(super) fn lives() -> impl Strategy<Value = Life> {
    (new_orders(), vec(attempts(), 1..60)).prop_map(|(order, attempts)| {
        let mut life = Life::beginning(order);
        for attempt in attempts {
            life.attempt(attempt);
        }
        life
    })
}

fn new_orders() -> impl Strategy<Value = NewOrder> {
    let stores = option::of(select(vec![store_id("s1"), store_id("s2")]));
    let customers = option::of(select(vec![customer_reference("c1"), customer_reference("c2")]));
    let workflows = select(Workflow::ALL);
    (stores, customers, workflows, metadata()).prop_map(|(store, customer, workflow, metadata)| {
        NewOrder {
            merchant: merchant_id("m1"),
            customer,
            external_id: None,
            store,
            workflow,
            metadata,
        }
    })
}

/// Somebody of every role, with a claim to the order and without.
pub(super) fn people() -> impl Strategy<Value = Principal> {
    let bound_to_m1 = [merchant("m1"), clerk("m1", "s1"), clerk("m1", "s2")];
    let bound_to_m2 = [merchant("m2"), clerk("m2", "s1"), customer("m2", "c1")];
    let customers = [customer("m1", "c1"), customer("m1", "c2")];
    let people = [&bound_to_m1[..], &bound_to_m2, &customers, &[support(), system()]].concat();
    prop_oneof![
        2 => Just(ops()),
        2 => select(vec![driver("d1"), driver("d2"), driver("d3")]),
        4 => select(people),
    ]
}

fn attempts() -> impl Strategy<Value = Attempt> {
    (people(), wishes(), -100..100_i64, prop_oneof![4 => Just(0), 1 => 1..4_usize])
        .prop_map(|(by, wish, clock, behind)| Attempt { by, wish, clock, behind })
}

fn wishes() -> impl Strategy<Value = Wish> {
    let aims = prop_oneof![
        4 => any::<Index>().prop_map(Aim::Step),
        1 => any::<Index>().prop_map(Aim::Status),
        1 => select(vec![Operation::Assign, Operation::Unassign]).prop_map(Aim::Operation),
    ];
    let drivers = select(vec!["d1", "d2", "d3"]).prop_map(driver_id);
    let reasons = select(vec!["flat tyre", "gone home"]);
    (aims, drivers, reasons, remarks()).prop_map(|(aim, driver, reason, remarks)| Wish {
        aim,
        driver,
        reason: Reason::parse(reason).unwrap(),
        remarks,
    })
}

fn remarks() -> impl Strategy<Value = Remarks> {
    let notes = option::of(Just("he was rude").prop_map(|text| Note::parse(text).unwrap()));
    let messages = option::of(Just("on my way").prop_map(|text| Message::parse(text).unwrap()));
    (notes, messages, metadata()).prop_map(|(note, message, metadata)| Remarks {
        note,
        message,
        metadata,
    })
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let pair = ("[a-c]", "[x-z]{0,2}");
    proptest::collection::btree_map(pair.0, pair.1, 0..3)
        .prop_map(|pairs| Metadata::parse(pairs).unwrap())
}
