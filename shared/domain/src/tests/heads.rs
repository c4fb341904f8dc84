//! The orders that histories fold to, and sequences that are not histories.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::samples::ORDER_ID;
use crate::samples::life::lives;
use crate::{Event, EventData, FoldError, Issue, Order, Version, fold};

proptest! {
    #[test]
    fn the_fold_of_a_history_is_the_head_at_every_version(life in lives()) {
        for (head, version) in life.heads.iter().zip(1..) {
            prop_assert_eq!(&fold(ORDER_ID, &life.events[..version]).unwrap(), head);
        }
    }

    #[test]
    fn a_head_tells_its_times(life in lives()) {
        for (head, version) in life.heads.iter().zip(1..) {
            let events = &life.events[..version];
            let is_move = |event: &&Event| event.previous_status != Some(event.status);
            let mut moves = events.iter().filter(is_move);
            prop_assert_eq!(head.created_at, events[0].at);
            prop_assert_eq!(head.updated_at, events[version - 1].at);
            prop_assert_eq!(Some(head.status_since), moves.next_back().map(|event| event.at));
        }
    }

    #[test]
    fn an_order_is_with_the_driver_of_the_last_assignment_not_undone(life in lives()) {
        let mut driver = None;
        for (event, head) in life.events.iter().zip(&life.heads) {
            match &event.data {
                EventData::DriverAssigned { driver: assigned, .. } => driver = Some(assigned),
                EventData::DriverUnassigned { driver: left, .. } => {
                    prop_assert_eq!(driver.take(), Some(left));
                }
                _ => {}
            }
            prop_assert_eq!(head.driver.as_ref(), driver);
        }
    }

    #[test]
    fn an_order_is_with_the_store_that_was_asked_last(life in lives()) {
        let mut store = life.heads[0].store.clone();
        for (event, head) in life.events.iter().zip(&life.heads) {
            match &event.data {
                EventData::StoreReassigned { store: asked } => store = Some(asked.clone()),
                EventData::StoreRejected { store: rejecting, .. } => {
                    prop_assert_eq!(rejecting, &store);
                }
                _ => {}
            }
            prop_assert_eq!(&head.store, &store);
        }
    }

    #[test]
    fn an_issue_is_open_until_it_is_resolved(life in lives()) {
        let mut open = vec![];
        for (event, head) in life.events.iter().zip(&life.heads) {
            match &event.data {
                EventData::IssueOpened { kind, severity, by, .. } => {
                    let (id, kind, severity) = (event.version, *kind, *severity);
                    open.push(Issue { id, kind, severity, by: by.clone() });
                }
                EventData::IssueResolved { id, .. } => {
                    let place = open.iter().position(|issue| issue.id == *id);
                    open.remove(place.unwrap());
                }
                _ => {}
            }
            prop_assert_eq!(&head.issues, &open);
        }
    }

    #[test]
    fn details_are_erased_once(life in lives()) {
        let erasures = |events: &[Event]| {
            events.iter().filter(|event| event.data == EventData::DetailsErased).count()
        };
        for (head, version) in life.heads.iter().zip(1..) {
            prop_assert_eq!(erasures(&life.events[..version]), usize::from(head.is_erased));
        }
    }

    #[test]
    fn what_an_order_was_created_as_it_stays(life in lives()) {
        let as_created = |order: &Order| {
            let Order { id, placed, created_at, basket, handover, metadata, .. } = order.clone();
            // The prices of lines can be corrected, but there are no more and no fewer lines.
            let goods = basket.map(|basket| (basket.currency, basket.lines.len()));
            (id, placed, created_at, goods, handover.is_some(), metadata)
        };
        prop_assert_eq!(as_created(life.head()), as_created(&life.heads[0]));
    }

    #[test]
    fn a_history_with_a_hole_does_not_fold(life in lives(), hole in any::<Index>()) {
        let hole = hole.index(life.events.len());
        let mut events = life.events.clone();
        events.remove(hole);
        let (expected, found) = (Version(hole as u64 + 1), Version(hole as u64 + 2));
        let expected = match hole {
            0 => Err(FoldError::NotCreated),
            _ if hole == events.len() => Ok(life.heads[hole - 1].clone()),
            _ => Err(FoldError::Gap { expected, found }),
        };
        prop_assert_eq!(fold(ORDER_ID, &events), expected);
    }

    #[test]
    fn a_history_that_tells_an_event_twice_does_not_fold(
        life in lives(),
        twice in any::<Index>(),
    ) {
        let twice = twice.index(life.events.len());
        let mut events = life.events.clone();
        events.insert(twice, events[twice].clone());
        let found = Version(twice as u64 + 1);
        prop_assert_eq!(
            fold(ORDER_ID, &events),
            Err(FoldError::Gap { expected: found.next(), found })
        );
    }
}

#[test]
fn no_events_are_no_history() {
    assert_eq!(fold(ORDER_ID, &[]), Err(FoldError::NotCreated));
}
