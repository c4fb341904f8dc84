//! A fourth workflow, to show that a new one takes no more than a table with its own statuses;
//! its expected table; and the life of an order.

use serde_json::json;

use super::table::Source;
use crate::Role::{Customer, Merchant, Ops};
use crate::samples::{
    ORDER_ID, account, at, basket, code, created, customer, events_of, knowing, merchant, ops,
    placed, proposal, store_id,
};
use crate::{
    Action, Answer, Answers, Context, Created, Event, InPlace, IssueKind, Metadata, NewOrder,
    Operation, Order, Phase, Principal, Severity, Stamp, Status, Step, SubstitutionId, Transition,
    Workflow, evolve, fold, visibility,
};

const BOOKED: Status = Status::new("booked", Phase::Placed);
const COLLECTED: Status = Status::new("collected", Phase::Preparing);
const WASHING: Status = Status::new("washing", Phase::Preparing);
const ASKING: Status = Status::new("asking", Phase::Preparing);
const CLEAN: Status = Status::new("clean", Phase::Ready);
const BACK: Status = Status::new("back", Phase::Delivered);
const BACK_UNWASHED: Status = Status::new("back_unwashed", Phase::Returned);
const CALLED_OFF: Status = Status::new("called_off", Phase::Cancelled);

/// A shop washes the items that it collects, and asks the customer about items that can only be
/// dry-cleaned.
pub(super) static LAUNDRY: Workflow = Workflow {
    name: "laundry",
    initial: BOOKED,
    automatic: &[],
    prepared_by_store: true,
    statuses: &[BOOKED, COLLECTED, WASHING, ASKING, CLEAN, BACK, BACK_UNWASHED, CALLED_OFF],
    transitions: &[
        Transition::new(&[BOOKED], COLLECTED, &[Ops, Merchant])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Transition::new(&[COLLECTED], WASHING, &[Ops, Merchant]),
        Transition::new(&[WASHING, ASKING], ASKING, &[Ops, Merchant])
            .with(Operation::ProposeSubstitutions),
        Transition::new(&[ASKING], ASKING, &[Ops, Customer])
            .with(Operation::ApproveSubstitution)
            .when(Answers::Missing),
        Transition::new(&[ASKING], WASHING, &[Ops, Customer])
            .with(Operation::ApproveSubstitution)
            .when(Answers::NoneRejected),
        Transition::new(&[ASKING], WASHING, &[Ops, Customer])
            .with(Operation::ApproveSubstitution)
            .when(Answers::SomeRejected),
        Transition::new(&[ASKING], ASKING, &[Ops, Customer])
            .with(Operation::RejectSubstitution)
            .when(Answers::Missing),
        Transition::new(&[ASKING], WASHING, &[Ops, Customer])
            .with(Operation::RejectSubstitution)
            .when(Answers::SomeRejected),
        Transition::new(&[ASKING], BACK_UNWASHED, &[Ops, Customer])
            .with(Operation::RejectSubstitution)
            .when(Answers::NothingLeft)
            .stamped(Stamp::Returned),
        Transition::new(&[WASHING], CLEAN, &[Ops, Merchant])
            .with(Operation::Ready)
            .stamped(Stamp::PickingCompleted),
        Transition::new(&[CLEAN], BACK, &[Ops, Merchant])
            .with(Operation::Deliver)
            .stamped(Stamp::Delivered),
        Transition::new(&[BOOKED], CALLED_OFF, &[Ops, Merchant, Customer])
            .stamped(Stamp::Cancelled),
    ],
    clocks: &[],
    autopilot: &[],
};

pub(super) const EXPECTED: Source = Source {
    workflow: "laundry",
    begins: &["booked"],
    text: "
    booked        | placed    | nobody
      → collected     | pickup                     | ops merchant          | picked_up_at
      → called_off    |                            | ops merchant customer | cancelled_at

    collected     | preparing | nobody
      → washing       |                            | ops merchant          |

    washing       | preparing | nobody
      → asking        | propose!                   | ops merchant          |
      → clean         | ready                      | ops merchant          | picking_completed_at

    asking        | preparing | nobody
      → asking        | propose!                   | ops merchant          |
      → asking        | approve! if one is missing | ops customer          |
      → asking        | decline! if one is missing | ops customer          |
      → washing       | approve! if all approved   | ops customer          |
      → washing       | approve! if some rejected  | ops customer          |
      → washing       | decline! if some rejected  | ops customer          |
      → back_unwashed | decline! if nothing left   | ops customer          | returned_at

    clean         | ready     | nobody
      → back          | deliver?                   | ops merchant          | delivered_at

    back          | delivered | nobody
    back_unwashed | returned  | nobody
    called_off    | cancelled | nobody
    ",
};

#[test]
fn its_table_is_sound() {
    crate::workflow::tests::assert_sound(&LAUNDRY);
}

fn new_order() -> NewOrder {
    let created = Created {
        placed: placed(&LAUNDRY),
        store: Some(store_id("s1")),
        basket: Some(basket(&[Some(900), Some(400), Some(250)])),
        has_handover_code: true,
    };
    NewOrder { created, metadata: Metadata::default() }
}

fn answer(id: usize, answer: Answer) -> Step {
    Step::AnswerSubstitution { id: SubstitutionId::new(id), answer }
}

fn deliver(digits: &str) -> Step {
    Step::Deliver { code: Some(code(digits)), note: None }
}

/// Returns the steps, one minute apart, with their principals and resulting statuses.
fn life() -> Vec<(Principal, Action, &'static str)> {
    let (shop, customer) = (|| merchant("m1"), || customer("m1", "c1"));
    let to_the_shirt_and_the_coat = vec![proposal(1, 500), proposal(3, 300)];
    let complaint = InPlace::OpenIssue {
        kind: IssueKind::Damaged,
        severity: Severity::Low,
        description: account("a button is off"),
    };
    vec![
        (shop(), Step::Plain(Operation::Pickup).into(), "collected"),
        (shop(), Step::ChangeStatus { to: WASHING }.into(), "washing"),
        (shop(), Step::ProposeSubstitutions(to_the_shirt_and_the_coat).into(), "asking"),
        (customer(), answer(1, Answer::Approved).into(), "asking"),
        (customer(), answer(2, Answer::Rejected).into(), "washing"),
        (shop(), Step::Plain(Operation::Ready).into(), "clean"),
        (shop(), deliver("0000").into(), "clean"),
        (shop(), deliver("1234").into(), "back"),
        (customer(), complaint.into(), "back"),
        (ops(), InPlace::EraseDetails.into(), "back"),
    ]
}

fn lived() -> (Order, Vec<Event>) {
    let mut events = created(new_order(), &customer("m1", "c1")).unwrap();
    let mut order = fold(ORDER_ID, &events).unwrap();
    let known = knowing("1234");
    for ((principal, action, status), minute) in life().into_iter().zip(1..) {
        let context = Context::new(at(60 * minute), &principal).knowing(&known);
        let decided = events_of(&order, action, &context).unwrap();
        order = decided.iter().fold(order, evolve);
        assert_eq!(order.status.name(), status, "after {minute} minutes");
        events.extend(decided);
    }
    (order, events)
}

#[test]
fn an_order_lives_by_it_as_by_any_other() {
    let (order, events) = lived();
    assert_eq!(fold(ORDER_ID, &events).as_ref(), Ok(&order));
    let view = json!(visibility::order(&customer("m1", "c1"), &order, None));
    let expected = json!({
        "id": "0195b3c0-7b1e-7000-8000-0123456789ab",
        "merchant": "m1",
        "customer": { "reference": "c1" },
        "workflow": "laundry",
        "status": "back",
        "phase": "delivered",
        "version": 11,
        "created_at": "2026-11-21T09:30:00.000Z",
        "updated_at": "2026-11-21T09:40:00.000Z",
        "status_since": "2026-11-21T09:38:00.000Z",
        "metadata": {},
        "store": "s1",
        "picked_up_at": "2026-11-21T09:31:00.000Z",
        "picking_completed_at": "2026-11-21T09:36:00.000Z",
        "delivered_at": "2026-11-21T09:38:00.000Z",
        "handover": { "tries_left": 4 },
        "currency": "GBP",
        "total": 900 + 500 + 400,
        "substitutions": [
            {
                "id": 1,
                "line": 1,
                "substitute": { "sku": "B3", "name": "Oat milk" },
                "price_difference": 500,
                "answer": "approved",
            },
            {
                "id": 2,
                "line": 3,
                "substitute": { "sku": "B3", "name": "Oat milk" },
                "price_difference": 300,
                "answer": "rejected",
            },
        ],
        "issues": [{ "id": 10, "type": "damaged", "severity": "low" }],
    });
    assert_eq!(view, expected);
}
