use domain::samples::ORDER_ID;
use domain::{CustomerReference, DriverId, StoreId};

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T09:30:00Z").unwrap()
}

/// Parses a filter in words: `state=all merchant=m1 status=delivered …`.
fn filter(words: &str) -> Filter {
    let mut filter = Filter::default();
    for (name, value) in words.split_whitespace().map(|word| word.split_once('=').unwrap()) {
        match name {
            "state" if value == "all" => filter.state = OrderState::All,
            "state" => filter.state = OrderState::Closed,
            "status" => filter
                .statuses
                .extend(statuses().map(|(name, _)| name).filter(|name| *name == value)),
            "phase" => filter.phase = Phase::ALL.into_iter().find(|it| it.name() == value),
            "delayed" => filter.delayed = value == "true",
            "issues" => filter.has_issues = value == "open",
            "merchant" => filter.merchant = MerchantId::parse(value).ok(),
            "store" => filter.store = StoreId::parse(value).ok(),
            "customer" => filter.customer = CustomerReference::parse(value).ok(),
            "driver" => filter.driver = DriverId::parse(value).ok(),
            "offered" => filter.offered = value == "true",
            "external_id" => filter.external_id = ExternalId::parse(value).ok(),
            "from" => filter.from = Timestamp::parse(&format!("{value}T00:00:00Z")),
            "to" => filter.to = Timestamp::parse(&format!("{value}T00:00:00Z")),
            "closed_from" => filter.closed_from = Timestamp::parse(&format!("{value}T00:00:00Z")),
            "closed_to" => filter.closed_to = Timestamp::parse(&format!("{value}T00:00:00Z")),
            other => panic!("no parameter {other}"),
        }
    }
    filter
}

/// Returns the index and its partitions, group by group; or the parameter that is rejected.
fn planned(words: &str) -> String {
    match Plan::of(&filter(words), 2, now()) {
        Err(Unplannable { parameter, .. }) => format!("422 {parameter}"),
        Ok(Plan::Nothing) => "nothing".to_owned(),
        Ok(Plan::Named(merchant, id)) => format!("named {merchant} {id}"),
        Ok(Plan::Offered(driver)) => format!("offered {driver}"),
        Ok(Plan::Index(Scan { index, groups, .. })) => {
            let groups: Vec<_> = groups.iter().map(|it| it.partitions.join("+")).collect();
            format!("{} {}", index.name, groups.join(" "))
        }
    }
}

#[test]
fn the_narrowest_index_that_holds_it_all_answers() {
    for (words, expected) in [
        ("", "open 0+1"),
        ("from=2026-11-01", "open 0+1"),
        ("merchant=m1", "open-merchant m1"),
        ("merchant=m1 status=created", "open-merchant m1"),
        ("merchant=m1 store=s1", "open-store m1#s1"),
        ("merchant=m1 customer=c1", "open-customer m1#c1"),
        ("merchant=m1 store=s1 customer=c1", "open-customer m1#c1"),
        ("driver=d1", "open-driver d1"),
        ("merchant=m1 driver=d1", "open-driver d1"),
        ("merchant=m1 driver=d1 offered=true", "offered d1"),
        ("merchant=m1 driver=d1 external_id=e1 offered=true", "offered d1"),
        ("offered=true", "422 offered"),
        ("merchant=m1 store=s1 driver=d1", "open-driver d1"),
        ("status=created", "by-status created#0+created#1"),
        ("status=created status=created", "by-status created#0+created#1"),
        ("status=created status=in_transit", "open 0+1"),
        ("phase=ready", "open 0+1"),
        ("phase=returning", "by-status returning#0+returning#1"),
        ("phase=ready status=in_transit", "nothing"),
        ("merchant=m1 external_id=e1", "named m1 e1"),
        ("state=all merchant=m1", "by-merchant m1"),
        ("state=all merchant=m1 store=s1 driver=d1", "by-merchant m1"),
        ("state=closed merchant=m1 customer=c1", "by-customer m1#c1"),
        ("state=closed status=delivered", "by-status delivered#0+delivered#1"),
        ("state=all phase=delivered", "by-status delivered#0+delivered#1"),
        (
            "state=closed status=failed status=returned",
            "by-status failed#0+failed#1+returned#0+returned#1",
        ),
        ("state=closed status=created", "nothing"),
        ("state=all status=created", "by-status created#0+created#1"),
        (
            "state=all from=2026-11-20",
            "by-day 2026-11-20#0+2026-11-20#1 2026-11-21#0+2026-11-21#1 2026-11-22#0+2026-11-22#1",
        ),
        ("state=all from=2026-11-20 to=2026-11-21 driver=d1", "by-day 2026-11-20#0+2026-11-20#1"),
        (
            "state=closed closed_from=2026-11-20",
            "by-status cancelled#0+cancelled#1+delivered#0+delivered#1+failed#0+failed#1+returned#0\
             +returned#1",
        ),
        (
            "state=closed closed_from=2026-11-20 status=delivered driver=d1",
            "by-status delivered#0+delivered#1",
        ),
        ("state=all closed_to=2026-11-20 phase=failed", "by-status failed#0+failed#1"),
        ("state=closed closed_from=2026-11-20 merchant=m1", "closed-merchant m1"),
        ("state=closed closed_to=2026-11-20 merchant=m1 store=s1", "closed-merchant m1"),
        ("state=all closed_from=2026-11-20 merchant=m1 driver=d1", "closed-merchant m1"),
        ("state=closed closed_from=2026-11-20 merchant=m1 customer=c1", "by-customer m1#c1"),
        ("state=closed closed_from=2026-11-20 merchant=m1 external_id=e1", "named m1 e1"),
        ("state=closed closed_from=2026-11-20 status=created", "nothing"),
        ("state=closed closed_from=2026-11-20 closed_to=2026-11-20", "nothing"),
        ("state=all closed_from=2026-11-20 delayed=true", "nothing"),
        ("from=2026-11-21 to=2026-11-21", "nothing"),
        ("delayed=true", "delayed 0+1"),
        ("delayed=true status=created", "delayed 0+1"),
        ("delayed=true state=all", "delayed 0+1"),
        ("delayed=true state=all from=2026-11-20", "delayed 0+1"),
        ("delayed=true state=closed", "nothing"),
        ("delayed=true state=closed status=delivered", "nothing"),
        ("delayed=true merchant=m1", "open-merchant m1"),
        ("delayed=true state=all merchant=m1 store=s1", "open-store m1#s1"),
        ("delayed=true merchant=m1 customer=c1", "open-customer m1#c1"),
        ("delayed=true driver=d1", "open-driver d1"),
        ("issues=open", "open-issues 0+1"),
        ("issues=open state=all merchant=m1", "open-issues 0+1"),
        ("issues=open state=closed status=delivered", "open-issues 0+1"),
        ("issues=open state=all closed_from=2026-11-20", "open-issues 0+1"),
        ("issues=open delayed=true", "open-issues 0+1"),
        ("issues=open merchant=m1 external_id=e1", "named m1 e1"),
    ] {
        assert_eq!(planned(words), expected, "{words}");
    }
}

#[test]
fn what_no_index_answers_is_refused_by_its_parameter() {
    for (words, expected) in [
        ("customer=c1", "422 customer"),
        ("store=s1", "422 store"),
        ("external_id=e1", "422 external_id"),
        ("status=delivered", "422 status"),
        ("merchant=m1 status=delivered", "422 status"),
        ("phase=cancelled", "422 phase"),
        ("delayed=true status=delivered", "422 status"),
        ("delayed=true customer=c1", "422 customer"),
        ("state=all", "422 state"),
        ("state=closed", "422 state"),
        ("state=closed driver=d1", "422 state"),
        ("state=all status=created status=delivered", "422 state"),
        ("state=all from=2025-11-20", "422 from"),
        ("state=all from=2025-01-01 to=2026-01-03", "422 from"),
        ("state=all from=0000-01-01 to=9999-12-31", "422 from"),
        ("closed_from=2026-11-20", "422 closed_from"),
        ("closed_to=2026-11-20 merchant=m1", "422 closed_to"),
        ("state=closed closed_from=2026-11-20 customer=c1", "422 customer"),
    ] {
        assert_eq!(planned(words), expected, "{words}");
    }
}

#[test]
fn times_of_creation_bound_the_sort_keys() {
    assert_bounds("from=2026-11-20 to=2026-11-21", [false, true, true, false]);
    assert_bounds("from=2026-11-20", [false, true, true, true]);
    assert_bounds("to=2026-11-21", [true, true, true, false]);
    assert_bounds("", [true; 4]);
    assert_bounds("delayed=true from=2026-11-20 to=2026-11-21", [false, true, true, false]);
}

#[test]
fn no_order_came_to_a_status_before_it_was_created() {
    assert_bounds("status=created from=2026-11-20 to=2026-11-21", [false, true, true, true]);
}

#[test]
fn times_of_closing_bound_the_sort_keys() {
    let period = "state=closed closed_from=2026-11-20 closed_to=2026-11-21";
    assert_bounds(period, [false, true, true, false]);
    assert_bounds(&format!("{period} merchant=m1"), [false, true, true, false]);
    assert_bounds("state=closed closed_to=2026-11-21", [true, true, true, false]);
    assert_bounds("state=closed closed_to=2026-11-21 from=2026-11-20", [false, true, true, false]);
    // Orders that were closed before a time were also created before it.
    let customers = format!("{period} merchant=m1 customer=c1");
    assert_bounds(&customers, [true, true, true, false]);
}

/// A deadline has passed at its own time, and not a millisecond earlier.
#[test]
fn what_is_due_lies_up_to_now() {
    let Scan { index, groups, between: (least, greatest) } = Scan::due(2, now());
    assert_eq!(
        (index.name, index.partition_key, index.sort_key),
        ("by-deadline", "deadline_shard", "due")
    );
    assert_eq!(groups, [Group { partitions: vec!["0".to_owned(), "1".to_owned()], day: None }]);
    for (time, is_due) in [
        ("0000-01-01T00:00:00.000Z", true),
        ("2026-11-21T09:29:59.999Z", true),
        ("2026-11-21T09:30:00.000Z", true),
        ("2026-11-21T09:30:00.001Z", false),
    ] {
        let key = keys::at(Timestamp::parse(time).unwrap(), ORDER_ID);
        assert_eq!((&least..=&greatest).contains(&&key), is_due, "{time}");
    }
}

/// Checks which of several times around one day lie within the bounds of the sort key.
#[track_caller]
fn assert_bounds(words: &str, expected: [bool; 4]) {
    let Ok(Plan::Index(scan)) = Plan::of(&filter(words), 1, now()) else { panic!("no index") };
    let (least, greatest) = &scan.between;
    let times = [
        "2026-11-19T23:59:59.999Z",
        "2026-11-20T00:00:00.000Z",
        "2026-11-20T23:59:59.999Z",
        "2026-11-21T00:00:00.000Z",
    ];
    let key = |time: &str| format!("{time}#0195b3c0-7b1e-7000-8000-0123456789ab");
    let found = times.map(|time| (least..=greatest).contains(&&key(time)));
    assert_eq!(found, expected, "{words}");
}
