//! Issues: the parties who may resolve them, and the room that each author has.

use crate::samples::{account, at, clerk, customer, driver, events_of, merchant, ops, order_in};
use crate::samples::{driver_id, support};
use crate::{
    Author, Context, EventData, InPlace, Issue, IssueKind, Order, Principal, Rejection, Severity,
    Version,
};

/// Returns an order with driver d1 and these open issues, numbered from 1.
fn order(issues: impl IntoIterator<Item = (IssueKind, Option<Author>)>) -> Order {
    let issue = |(id, (kind, by))| Issue { id: Version(id), kind, severity: Severity::Low, by };
    let issues = (1..).zip(issues).map(issue).collect();
    Order { issues, ..order_in("in_transit", Some("d1")) }
}

fn decided(order: &Order, by: &Principal, action: InPlace) -> Result<EventData, Rejection> {
    events_of(order, action, &Context::new(at(60), by)).map(|events| events[0].data.clone())
}

fn resolve(id: u64) -> InPlace {
    InPlace::ResolveIssue { id: Version(id), resolution: account("all is well") }
}

fn open() -> InPlace {
    let (kind, severity) = (IssueKind::Other, Severity::Critical);
    InPlace::OpenIssue { kind, severity, description: account("no bell") }
}

#[test]
fn those_complained_of_do_not_close_the_complaint() {
    let people = [ops(), support(), merchant("m1"), clerk("m1", "s1"), driver("d1")];
    let people = [&people[..], &[customer("m1", "c1")]].concat();
    let earlier = || Some(Author::Driver(driver_id("d2")));
    let now = || Some(Author::Driver(driver_id("d1")));
    // The author, and who of the people above may resolve the issue: 1 for yes.
    let authors = [
        (None, [1, 1, 1, 1, 0, 0]),
        (Some(Author::Ops), [1, 1, 1, 1, 0, 0]),
        (Some(Author::Support), [1, 1, 1, 1, 0, 0]),
        (Some(Author::Merchant), [1, 1, 1, 1, 0, 0]),
        (earlier(), [1, 1, 1, 1, 0, 0]),
        (now(), [1, 1, 1, 1, 1, 0]),
        (Some(Author::Customer), [1, 1, 1, 1, 0, 1]),
    ];
    for (author, may) in authors {
        for kind in IssueKind::ALL {
            let may = match kind {
                IssueKind::Safety | IssueKind::Payment => [1, 1, 0, 0, 0, 0],
                _ => may,
            };
            for (person, may) in people.iter().zip(may) {
                let found = decided(&order([(kind, author.clone())]), person, resolve(1));
                let case = format!("{kind:?} of {author:?} by {person:?}: {found:?}");
                match found {
                    Ok(EventData::IssueResolved { id, .. }) => assert_eq!((id.0, may), (1, 1)),
                    Err(Rejection::NotYourIssue { kind: found, .. }) => {
                        assert_eq!((found, may), (kind, 0), "{case}");
                    }
                    _ => panic!("{case}"),
                }
            }
        }
    }
}

#[test]
fn an_issue_that_is_not_open_is_not_resolved_and_the_open_ones_are_named() {
    let order = order([(IssueKind::Delay, None), (IssueKind::Delay, None)]);
    let refusal =
        Rejection::NoSuchIssue { status: order.status, open: vec![Version(1), Version(2)] };
    for by in [ops(), customer("m1", "c1")] {
        assert_eq!(decided(&order, &by, resolve(3)), Err(refusal.clone()));
    }
    assert!(decided(&order, &ops(), resolve(2)).is_ok());
}

#[test]
fn each_author_has_room_for_five_and_nobody_takes_the_room_of_operations() {
    let of = |author: Author, count| vec![(IssueKind::Delay, Some(author)); count];
    let driver_named = |id| Author::Driver(driver_id(id));
    let full = |order: &Order, by: &Principal| match decided(order, by, open()) {
        Ok(EventData::IssueOpened { by, .. }) => {
            assert!(by.is_some());
            false
        }
        Err(Rejection::TooManyIssues { status }) => status == order.status,
        other => panic!("{other:?}"),
    };
    let customers = order(of(Author::Customer, 5));
    assert!(full(&customers, &customer("m1", "c1")));
    assert!(!full(&order(of(Author::Customer, 4)), &customer("m1", "c1")));
    for by in [ops(), support(), merchant("m1"), driver("d1")] {
        assert!(!full(&customers, &by), "{by:?}");
    }
    // Another driver has room of their own.
    assert!(full(&order(of(driver_named("d1"), 5)), &driver("d1")));
    assert!(!full(&order(of(driver_named("d2"), 5)), &driver("d1")));
    // Twenty of parties, some of them from before authors were recorded.
    let parties = || [of(driver_named("d2"), 5), of(Author::Merchant, 5)].concat();
    let unknown = vec![(IssueKind::Delay, None); 10];
    let parties = order([parties(), unknown].concat());
    for by in [driver("d1"), customer("m1", "c1"), clerk("m1", "s1")] {
        assert!(full(&parties, &by), "{by:?}");
    }
    assert!(!full(&parties, &ops()) && !full(&parties, &support()));
    let internal = order([of(Author::Ops, 5), of(Author::Support, 5)].concat());
    assert!(full(&internal, &ops()) && full(&internal, &support()));
    assert!(!full(&internal, &customer("m1", "c1")));
}
