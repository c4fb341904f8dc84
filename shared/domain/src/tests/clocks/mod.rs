//! The actions on orders that stay in a status for too long, and their times.

mod answers;
mod autopilot;
mod expectation;
mod ladders;
mod lives;
mod stays;
mod stores;

use clock::Timestamp;

use super::workflows::table_of;
use crate::samples::life::due_seconds as due_at;
use crate::samples::{at, events_due, events_of, order_of, proposal};
use crate::{
    Actor, Command, Context, Event, EventData, Limit, Limits, Order, Principal, Step, Terms,
    Workflow, evolve,
};

fn workflow(name: &str) -> &'static Workflow {
    Workflow::named(name).unwrap()
}

/// Returns terms with a single time limit, in seconds.
fn limited(workflow: &Workflow, status: &str, seconds: u64) -> Terms {
    let limit = Limit::try_from(seconds).unwrap();
    let limits = Limits::new([(workflow.status(status).unwrap(), limit)]);
    Terms { limits, ..Terms::default() }
}

/// Returns an order of store s1 that entered a status at 09:30. If customers are asked about
/// substitutes there, its customer is asked about lines 1 and 2 of three.
fn come_to(workflow: &'static Workflow, status: &str, terms: Terms) -> Order {
    let elsewhere = workflow.statuses.iter().find(|other| other.name() != status).unwrap();
    let mut order = order_of(workflow, elsewhere.name(), None);
    order.placed.terms = terms;
    let asked = [proposal(1, 30), proposal(2, 20)];
    let asks = table_of(workflow).asks_at(status);
    let basket = order.basket.clone();
    let basket = basket.map(|basket| if asks { basket.proposed(&asked) } else { basket });
    moved(&Order { basket, ..order }, status, 0)
}

/// Returns the order after it moved to a status, `seconds` after 09:30.
fn moved(order: &Order, status: &str, seconds: i64) -> Order {
    let event = Event {
        version: order.version.next(),
        status: order.placed.workflow.status(status).unwrap(),
        previous_status: Some(order.status),
        at: at(seconds),
        actor: Actor::system("workflow"),
        note: None,
        message: None,
        metadata: order.metadata.clone(),
        data: EventData::StatusChanged,
    };
    evolve(order.clone(), &event)
}

/// Returns the order after a command by `by`, `seconds` after 09:30.
fn done(order: &Order, by: &Principal, command: impl Into<Command>, seconds: i64) -> Order {
    let events = events_of(order, command, &Context::new(at(seconds), by)).unwrap();
    assert!(!events.is_empty(), "nothing was done");
    events.iter().fold(order.clone(), evolve)
}

/// Returns the events of a sweep `late` seconds after the deadline, and the order after them.
/// Asserts that nothing is due a millisecond before the deadline, nor after the sweep.
fn swept(order: &Order, late: i64) -> (Vec<Event>, Order) {
    let deadline = order.deadline.unwrap().at;
    let before = Timestamp::from_epoch_millis(deadline.epoch_millis() - 1).unwrap();
    assert_eq!(events_due(order, before), Ok(vec![]), "a millisecond before");
    let now = deadline.plus_seconds(late);
    let events = events_due(order, now).unwrap();
    assert!(!events.is_empty(), "nothing at {}", order.status);
    assert!(events.iter().all(|event| event.at == now));
    let then = events.iter().fold(order.clone(), evolve);
    assert_eq!(events_due(&then, now), Ok(vec![]), "at the same instant again");
    (events, then)
}

/// Describes the events: alerts, reassignments and answers, and the new status.
fn words(events: &[Event]) -> String {
    let reported = events.iter().filter_map(|event| match &event.data {
        EventData::AlertRaised(alert) => {
            Some(format!("{} {}", alert.kind.name(), alert.severity.name()))
        }
        EventData::StoreReassigned { store } => Some(format!("asks {store}")),
        EventData::SubstitutionAnswered { answer, .. } => Some(answer.name().to_owned()),
        _ => None,
    });
    let (first, last) = (&events[0], &events[events.len() - 1]);
    let led = (first.previous_status != Some(last.status)).then(|| format!("→ {}", last.status));
    reported.chain(led).collect::<Vec<_>>().join(" ")
}

/// Returns the step that leads to a status, for tests of the clock's reset.
fn to(order: &Order, status: &str) -> Step {
    Step::ChangeStatus { to: order.placed.workflow.status(status).unwrap() }
}
