//! Which index answers a list, and in which order.

use super::keys;
use crate::domain::time::Timestamp;
use crate::domain::{ExternalId, Filter, MerchantId, Order, OrderState, Phase, statuses};

/// The most days that one list may span.
const MAX_DAYS: i64 = 366;

/// Seconds.
const DAY: i64 = 24 * 60 * 60;

/// How a list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing can match.
    Nothing,
    /// The one order that a merchant calls so.
    Named(MerchantId, ExternalId),
    /// What an index has.
    Index(Scan),
}

/// A walk over partitions of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) index: Index,
    /// Partitions that are merged; one group comes after the other.
    pub(super) groups: Vec<Group>,
    /// What sort keys lie between, both of them too.
    pub(super) between: (String, String),
}

/// Partitions that are merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) partitions: Vec<String>,
    /// The day that all of it was created on.
    pub(super) day: Option<String>,
}

/// An index of `orders`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: &'static str,
    pub(super) partition_key: &'static str,
    pub(super) sort_key: &'static str,
}

const fn by_creation(name: &'static str, partition_key: &'static str) -> Index {
    Index { name, partition_key, sort_key: "created" }
}

impl Index {
    /// Whether an order can be what the index had at `sort`, for a list with this
    /// filter; if not, one of the two is behind the other.
    pub(super) fn agrees(self, sort: &str, order: &Order, filter: &Filter) -> bool {
        match self {
            BY_STATUS => sort == keys::at(order.status_since, order.id),
            OPEN_DRIVER => order.is_open() && order.driver == filter.driver,
            OPEN_STORE => order.is_open() && order.store == filter.store,
            OPEN | OPEN_MERCHANT | OPEN_CUSTOMER => order.is_open(),
            _ => true,
        }
    }
}

const OPEN: Index = by_creation("open", "open");
const OPEN_MERCHANT: Index = by_creation("open-merchant", "open_merchant");
const OPEN_CUSTOMER: Index = by_creation("open-customer", "open_customer");
const OPEN_STORE: Index = by_creation("open-store", "open_store");
const OPEN_DRIVER: Index = by_creation("open-driver", "open_driver");
const BY_MERCHANT: Index = by_creation("by-merchant", "merchant");
const BY_CUSTOMER: Index = by_creation("by-customer", "merchant_customer");
const BY_DAY: Index = by_creation("by-day", "day");
const BY_STATUS: Index =
    Index { name: "by-status", partition_key: "status_shard", sort_key: "since" };

/// Why no index answers a list: the parameter, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} {detail}")]
pub struct Unplannable {
    /// Which parameter.
    pub parameter: &'static str,
    /// What it must be.
    pub detail: &'static str,
}

const fn unplannable(parameter: &'static str, detail: &'static str) -> Unplannable {
    Unplannable { parameter, detail }
}

impl Plan {
    /// The narrowest index that holds everything the filter asks for.
    pub(super) fn of(filter: &Filter, shards: u16, now: Timestamp) -> Result<Self, Unplannable> {
        if filter.merchant.is_none() {
            let needs_merchant = [
                ("customer", filter.customer.is_some()),
                ("store", filter.store.is_some()),
                ("external_id", filter.external_id.is_some()),
            ];
            if let Some((parameter, _)) = needs_merchant.into_iter().find(|(_, given)| *given) {
                return Err(unplannable(parameter, "is a merchant's: name the merchant too"));
            }
        }
        let named = named(filter)?;
        if named.as_ref().is_some_and(Vec::is_empty)
            || filter.from.zip(filter.to).is_some_and(|(from, to)| from >= to)
        {
            return Ok(Self::Nothing);
        }
        if let (Some(merchant), Some(id)) = (&filter.merchant, &filter.external_id) {
            return Ok(Self::Named(merchant.clone(), id.clone()));
        }
        let scan = match (filter.state, named.as_deref()) {
            (OrderState::Open, named) => open(filter, named, shards),
            (_, named) => any(filter, named, shards, now)?,
        };
        Ok(Self::Index(scan))
    }
}

/// The statuses that the filter names, if it names any; none that its state rules out.
fn named(filter: &Filter) -> Result<Option<Vec<&'static str>>, Unplannable> {
    let Some(named) = filter.named_statuses() else { return Ok(None) };
    let wants_closed = named.iter().any(|name| !is_open(name));
    if filter.state == OrderState::Open && wants_closed {
        let parameter = if filter.phase.is_some() { "phase" } else { "status" };
        return Err(unplannable(parameter, "is of closed orders: add state=closed or state=all"));
    }
    let fits = |name: &&str| filter.state != OrderState::Closed || !is_open(name);
    Ok(Some(named.into_iter().filter(fits).collect()))
}

fn is_open(name: &str) -> bool {
    statuses().any(|(other, phase)| other == name && Phase::is_open(phase))
}

fn open(filter: &Filter, named: Option<&[&'static str]>, shards: u16) -> Scan {
    let whose = match (&filter.merchant, &filter.customer, &filter.store, &filter.driver) {
        (Some(merchant), Some(reference), ..) => {
            Some((OPEN_CUSTOMER, keys::customer(merchant, reference)))
        }
        (.., Some(driver)) => Some((OPEN_DRIVER, driver.to_string())),
        (Some(merchant), None, Some(store), None) => {
            Some((OPEN_STORE, keys::store(merchant, store)))
        }
        (Some(merchant), ..) => Some((OPEN_MERCHANT, merchant.to_string())),
        (None, ..) => None,
    };
    match (whose, named) {
        (Some((index, partition)), _) => Scan::over(index, vec![partition]).created(filter),
        // Where an order stands changes, and with it its place among several statuses;
        // its creation does not.
        (None, Some([status])) => {
            Scan::over(BY_STATUS, keys::status_shards(status, shards)).since(filter)
        }
        (None, _) => Scan::over(OPEN, keys::open_shards(shards)).created(filter),
    }
}

fn any(
    filter: &Filter,
    named: Option<&[&'static str]>,
    shards: u16,
    now: Timestamp,
) -> Result<Scan, Unplannable> {
    match (&filter.merchant, &filter.customer, named) {
        (Some(merchant), Some(reference), _) => {
            let partition = keys::customer(merchant, reference);
            Ok(Scan::over(BY_CUSTOMER, vec![partition]).created(filter))
        }
        (Some(merchant), None, _) => {
            Ok(Scan::over(BY_MERCHANT, vec![merchant.to_string()]).created(filter))
        }
        // What is closed stays where it is.
        (None, _, Some(named)) if named.len() == 1 || !named.iter().any(|name| is_open(name)) => {
            let of_status = |name: &&str| keys::status_shards(name, shards);
            let partitions = named.iter().flat_map(of_status).collect();
            Ok(Scan::over(BY_STATUS, partitions).since(filter))
        }
        (None, ..) => days(filter, shards, now),
    }
}

/// Everybody's orders, day by day.
fn days(filter: &Filter, shards: u16, now: Timestamp) -> Result<Scan, Unplannable> {
    let Some(from) = filter.from else {
        let detail = "closed orders are listed for a merchant, by closed statuses, or from a day on: \
                      give merchant, status or from";
        return Err(unplannable("state", detail));
    };
    if from.plus_seconds(MAX_DAYS * DAY) < filter.to.unwrap_or(now) {
        return Err(unplannable("from", "must be at most 366 days before to, or before now"));
    }
    // Clocks disagree: an order may be of tomorrow.
    let days = from.days_until(filter.to.unwrap_or_else(|| now.plus_seconds(DAY)));
    let groups =
        days.map(|day| Group { partitions: keys::day_shards(&day, shards), day: Some(day) });
    let scan = Scan { groups: groups.collect(), ..Scan::over(BY_DAY, Vec::new()) };
    Ok(scan.created(filter))
}

impl Scan {
    fn over(index: Index, partitions: Vec<String>) -> Self {
        let groups = vec![Group { partitions, day: None }];
        Self { index, groups, between: (keys::LEAST.to_owned(), keys::GREATEST.to_owned()) }
    }

    /// Within the filter's times of creation.
    fn created(self, filter: &Filter) -> Self {
        let (least, greatest) = self.between;
        // A sort key is a time and more: it lies after its own time.
        let least = filter.from.map_or(least, |from| from.to_string());
        let greatest = filter.to.map_or(greatest, |to| to.to_string());
        Self { between: (least, greatest), ..self }
    }

    /// Within the times of coming to a status that the filter's times of creation
    /// leave: no order came there before it was created.
    fn since(self, filter: &Filter) -> Self {
        let (least, greatest) = self.between;
        let least = filter.from.map_or(least, |from| from.to_string());
        Self { between: (least, greatest), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CustomerReference, DriverId, StoreId};

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T09:30:00Z").unwrap()
    }

    /// A filter in words: `state=all merchant=m1 status=delivered …`.
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
                "merchant" => filter.merchant = MerchantId::parse(value).ok(),
                "store" => filter.store = StoreId::parse(value).ok(),
                "customer" => filter.customer = CustomerReference::parse(value).ok(),
                "driver" => filter.driver = DriverId::parse(value).ok(),
                "external_id" => filter.external_id = ExternalId::parse(value).ok(),
                "from" => filter.from = Timestamp::parse(&format!("{value}T00:00:00Z")),
                "to" => filter.to = Timestamp::parse(&format!("{value}T00:00:00Z")),
                other => panic!("no parameter {other}"),
            }
        }
        filter
    }

    /// The index and its partitions, group by group; or the parameter that is wrong.
    fn planned(words: &str) -> String {
        match Plan::of(&filter(words), 2, now()) {
            Err(Unplannable { parameter, .. }) => format!("422 {parameter}"),
            Ok(Plan::Nothing) => "nothing".to_owned(),
            Ok(Plan::Named(merchant, id)) => format!("named {merchant} {id}"),
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
            (
                "state=all from=2026-11-20 to=2026-11-21 driver=d1",
                "by-day 2026-11-20#0+2026-11-20#1",
            ),
            ("from=2026-11-21 to=2026-11-21", "nothing"),
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
            ("state=all", "422 state"),
            ("state=closed", "422 state"),
            ("state=closed driver=d1", "422 state"),
            ("state=all status=created status=delivered", "422 state"),
            ("state=all from=2025-11-20", "422 from"),
            ("state=all from=2025-01-01 to=2026-01-03", "422 from"),
            ("state=all from=0000-01-01 to=9999-12-31", "422 from"),
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
    }

    #[test]
    fn no_order_came_to_a_status_before_it_was_created() {
        assert_bounds("status=created from=2026-11-20 to=2026-11-21", [false, true, true, true]);
    }

    /// Whether times around one day lie within the bounds of the sort key.
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
}
