//! Orders that move by themselves.

use super::{come_to, done, due_at, limited, moved, swept, words, workflow};
use crate::samples::{at, events_due, merchant, ops, reason};
use crate::{Actor, Autopilot, CodeCheck, EventData, Operation, Order, Step, Terms};

const STEP: i64 = 120;

fn terms() -> Terms {
    let autopilot = Autopilot::try_from(STEP.unsigned_abs()).ok();
    Terms { autopilot, ..Terms::default() }
}

fn parcel(status: &str) -> Order {
    come_to(workflow("parcel"), status, terms())
}

/// Checks the whole path, with each step `late` seconds late.
fn assert_walks(late: i64) {
    let mut order = parcel("pending");
    let mut came = 0;
    for to in ["processing", "shipped", "delivered"] {
        assert_eq!(due_at(&order), Some(came + STEP));
        let (events, then) = swept(&order, late);
        came += STEP + late;
        assert_eq!(words(&events), format!("→ {to}"));
        assert_eq!((events.len(), &events[0].actor), (1, &Actor::system("autopilot")));
        assert_eq!((then.status_since, then.delayed_since), (at(came), None));
        order = then;
    }
    assert_eq!(order.deadline, None);
    let stamps = order.stamps.iter().map(|(stamp, time)| (stamp.name(), *time));
    let expected = [("picked_up_at", at(2 * (STEP + late))), ("delivered_at", at(came))];
    assert_eq!(stamps.collect::<Vec<_>>(), expected);
}

#[test]
fn a_parcel_takes_its_path_a_step_at_a_time() {
    assert_walks(0);
}

/// The order does not catch up on steps that were missed without a sweep.
#[test]
fn a_parcel_takes_one_step_after_a_day_without_a_sweep() {
    assert_walks(24 * 60 * 60);
}

#[test]
fn it_is_handed_over_without_a_code() {
    let (events, _) = swept(&parcel("shipped"), 0);
    assert_eq!(events[0].data, EventData::Delivered { code: None::<CodeCheck>, note: None });
}

#[test]
fn who_takes_a_step_themselves_only_restarts_the_clock() {
    let shipped = done(&parcel("processing"), &merchant("m1"), Step::Plain(Operation::Pickup), 50);
    assert_eq!(due_at(&shipped), Some(50 + STEP));
}

/// Off its path the order waits for a person; back on its path it moves by itself again.
#[test]
fn off_its_path_the_limits_hold() {
    let failed = Step::DeliveryFailed { reason: reason("nobody home") };
    let failed = done(&parcel("shipped"), &ops(), failed, 60);
    assert_eq!(due_at(&failed), Some(60 + 172_800));
    let (events, delayed) = swept(&failed, 0);
    assert_eq!(words(&events), "delayed medium");
    assert_eq!(events[0].actor, Actor::system("sweep"));
    let again = done(&delayed, &ops(), Step::Plain(Operation::Retry), 200_000);
    assert_eq!((due_at(&again), again.delayed_since), (Some(200_000 + STEP), None));
    let returning = moved(&again, "returning", 200_060);
    assert_eq!(due_at(&returning), Some(200_060 + 1_209_600));
    let cancelled = done(&returning, &ops(), super::to(&returning, "cancelled"), 200_070);
    assert_eq!((cancelled.deadline, events_due(&cancelled, at(9_999_999))), (None, Ok(vec![])));
}

#[test]
fn on_its_path_no_limit_holds() {
    let parcel = workflow("parcel");
    for seconds in [0, 60] {
        let terms = Terms { limits: limited(parcel, "processing", seconds).limits, ..terms() };
        assert_eq!(due_at(&come_to(parcel, "processing", terms)), Some(STEP));
    }
}
