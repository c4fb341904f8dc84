//! Effects on rosters that are not as the decision knew them.

use std::sync::atomic::{AtomicUsize, Ordering};

use clock::{Clock, Timestamp};
use db::{ChangeError, Outcome};
use domain::{
    Context, DriverId, Known, Needs, Order, OrderEffect, OrderId, Party, Principal, PrincipalId,
    Step, decide,
};
use serde_json::json;

use super::{on_duty, orders_of, register};
use crate::harness::{App, stored};

/// The decision was made more often than it may be.
#[derive(Debug)]
struct TooOften;

/// Commits a decision with this effect, which knows nothing of the roster. Asked more often than
/// `most` times, it rejects. Returns true if the order was changed, and the number of decisions.
async fn committed(
    app: &App,
    effect: impl Fn(DriverId) -> OrderEffect,
    driver: &str,
    most: usize,
) -> (bool, usize) {
    let (db, id) = (stored::db(app), app.place_order().await);
    let driver = DriverId::parse(driver).expect("an id");
    let ops = Principal { id: PrincipalId::parse("olga").expect("an id"), party: Party::Ops };
    let head = db.head(OrderId::parse(&id).expect("an id")).await.expect("an answer");
    let decisions = AtomicUsize::new(0);
    let decided = |order: &Order, _: &Known| {
        if decisions.fetch_add(1, Ordering::SeqCst) == most {
            return Err(TooOften);
        }
        let assign = Step::Assign { driver: driver.clone(), replace: false };
        let context = Context::new(Clock::system().now(), &ops);
        let mut decision = decide(order, assign.into(), &context).expect("a decision");
        decision.effects.push(effect(driver.clone()));
        Ok(decision)
    };
    let changed = db.change(head.expect("a head"), None, |_| Needs::default(), decided).await;
    let is_changed = match changed {
        Ok(Outcome::Committed(_)) => true,
        Err(ChangeError::Rejected(TooOften)) => false,
        other => panic!("neither changed nor rejected: {other:?}"),
    };
    (is_changed, decisions.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_taken_only_by_a_driver_who_is_on_duty_and_has_room() {
    let app = App::start().await;
    let take = |is_forced| move |driver| OrderEffect::TakeLoad { driver, is_forced };
    on_duty(&app, "d1", 1).await;
    assert_eq!(committed(&app, take(false), "d1", 1).await, (true, 1));
    assert_eq!(committed(&app, take(false), "d1", 1).await, (false, 2), "full");
    assert_eq!(committed(&app, take(true), "d1", 1).await, (true, 1), "full, and forced");
    register(&app.ops().await, &json!({ "driver": "d2" })).await.expect(201);
    assert_eq!(committed(&app, take(false), "d2", 1).await, (false, 2), "off duty");
    assert_eq!(committed(&app, take(true), "d2", 1).await, (true, 1), "off duty, and forced");
    assert_eq!((orders_of(&app, "d1").await.len(), orders_of(&app, "d2").await.len()), (2, 1));
    for is_forced in [false, true] {
        let outdated = committed(&app, take(is_forced), "nobody", 1).await;
        assert_eq!(outdated, (false, 2), "no roster");
    }
}

/// Nor does it make a roster.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_leaves_a_roster_that_is_gone() {
    let app = App::start().await;
    let release = |driver| OrderEffect::ReleaseLoad { driver, at: Timestamp::EPOCH };
    assert_eq!(committed(&app, release, "nobody", 2).await, (true, 2));
    assert!(stored::items(&app, "DriversTable").await.is_empty());
}
