//! The choice of the index that answers a list, and of the order of its results.

use std::collections::BTreeSet;

use clock::Timestamp;
use domain::{
    DriverId, ExternalId, Filter, MAX_LISTED_DAYS, MerchantId, Operation, Order, OrderState, Phase,
    Workflow, statuses,
};

use crate::keys;

/// A day in seconds.
const DAY: i64 = 24 * 60 * 60;

/// A plan for reading a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// No order can match.
    Nothing,
    /// The order with this `external_id` of the merchant.
    Named(MerchantId, ExternalId),
    /// The orders that are offered to this driver.
    Offered(DriverId),
    Index(Scan),
}

/// A walk over partitions of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) index: Index,
    /// The groups, which are read one after the other.
    pub(super) groups: Vec<Group>,
    /// The bounds of the sort keys, both inclusive.
    pub(super) between: (String, String),
}

/// Partitions that are merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) partitions: Vec<String>,
    /// The day on which all orders of the group were created.
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
    /// True if an order can match the index entry at `sort`, for a list with this filter. If not,
    /// either the index or the order that was read is outdated.
    pub(super) fn agrees(self, sort: &str, order: &Order, filter: &Filter) -> bool {
        match self {
            BY_STATUS | CLOSED_MERCHANT => sort == keys::at(order.status_since, order.id),
            OPEN_DRIVER => order.is_open() && order.driver == filter.driver,
            OPEN_STORE => order.is_open() && order.store == filter.store,
            OPEN | OPEN_MERCHANT | OPEN_CUSTOMER => order.is_open(),
            DELAYED => order.delayed_since.is_some(),
            OPEN_ISSUES => !order.issues.is_empty(),
            _ => true,
        }
    }
}

const OPEN: Index = by_creation("open", "open");
const OPEN_MERCHANT: Index = by_creation("open-merchant", "open_merchant");
const OPEN_CUSTOMER: Index = by_creation("open-customer", "open_customer");
const OPEN_STORE: Index = by_creation("open-store", "open_store");
const OPEN_DRIVER: Index = by_creation("open-driver", "open_driver");
const DELAYED: Index = by_creation("delayed", "delayed");
const OPEN_ISSUES: Index = by_creation("open-issues", "open_issues");
const CLOSED_MERCHANT: Index =
    Index { name: "closed-merchant", partition_key: "closed_merchant", sort_key: "since" };
const BY_MERCHANT: Index = by_creation("by-merchant", "merchant");
const BY_CUSTOMER: Index = by_creation("by-customer", "merchant_customer");
const BY_DAY: Index = by_creation("by-day", "day");
const BY_STATUS: Index =
    Index { name: "by-status", partition_key: "status_shard", sort_key: "since" };
const BY_DEADLINE: Index =
    Index { name: "by-deadline", partition_key: "deadline_shard", sort_key: "due" };

/// The reason that no index answers a list: the parameter, and a fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} {detail}")]
pub struct Unplannable {
    pub parameter: &'static str,
    pub detail: &'static str,
}

const fn unplannable(parameter: &'static str, detail: &'static str) -> Unplannable {
    Unplannable { parameter, detail }
}

impl Plan {
    /// Chooses the narrowest index that contains everything the filter matches.
    pub(super) fn of(filter: &Filter, shards: u16, now: Timestamp) -> Result<Self, Unplannable> {
        if filter.merchant.is_none() {
            let needs_merchant = [
                ("customer", filter.customer.is_some()),
                ("store", filter.store.is_some()),
                ("external_id", filter.external_id.is_some()),
            ];
            if let Some((parameter, _)) = needs_merchant.into_iter().find(|(_, given)| *given) {
                return Err(unplannable(parameter, "requires merchant"));
            }
        }
        if filter.offered {
            let driver = filter.driver.clone().ok_or(unplannable("offered", "requires driver"))?;
            return Ok(Self::Offered(driver));
        }
        check_closing(filter)?;
        if filter.delayed && (filter.state == OrderState::Closed || filter.is_by_closing()) {
            return Ok(Self::Nothing);
        }
        let named = named(filter)?;
        let is_empty = |(from, to): (Option<Timestamp>, Option<Timestamp>)| {
            from.zip(to).is_some_and(|(from, to)| from >= to)
        };
        let periods = [(filter.from, filter.to), (filter.closed_from, filter.closed_to)];
        if named.as_ref().is_some_and(Vec::is_empty) || periods.into_iter().any(is_empty) {
            return Ok(Self::Nothing);
        }
        if let (Some(merchant), Some(id)) = (&filter.merchant, &filter.external_id) {
            return Ok(Self::Named(merchant.clone(), id.clone()));
        }
        let scan = match (filter.state, named.as_deref()) {
            // Few orders have open issues.
            _ if filter.has_issues => Scan::over(OPEN_ISSUES, keys::shards(shards)).created(filter),
            (OrderState::Open, named) => open(filter, named, shards),
            // A closed order is no longer delayed.
            (_, named) if filter.delayed => open(filter, named, shards),
            (_, named) if filter.is_by_closing() => by_closing(filter, named, shards),
            (OrderState::Closed | OrderState::All, named) => {
                closed_or_all(filter, named, shards, now)?
            }
        };
        Ok(Self::Index(scan))
    }
}

/// Rejects a period of closing for orders that are open.
fn check_closing(filter: &Filter) -> Result<(), Unplannable> {
    if filter.state == OrderState::Open && filter.is_by_closing() {
        let parameter = if filter.closed_from.is_some() { "closed_from" } else { "closed_to" };
        return Err(unplannable(parameter, "is only for closed orders: omit state=open"));
    }
    Ok(())
}

/// Returns the statuses that the filter names, if any, without those that its state excludes.
fn named(filter: &Filter) -> Result<Option<Vec<&'static str>>, Unplannable> {
    let Some(named) = filter.named_statuses() else { return Ok(None) };
    let wants_closed = named.iter().any(|name| !is_open(name));
    if filter.state == OrderState::Open && wants_closed {
        let parameter = if filter.phase.is_some() { "phase" } else { "status" };
        return Err(unplannable(
            parameter,
            "matches closed orders, which state=open leaves out: add state=all",
        ));
    }
    let is_for_closed = filter.state == OrderState::Closed || filter.is_by_closing();
    let fits = |name: &&str| !is_for_closed || !is_open(name);
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
        (None, _) if filter.delayed => Scan::over(DELAYED, keys::shards(shards)).created(filter),
        // An order's status changes, and with it the order's place in a list of several statuses;
        // its creation time does not change.
        (None, Some([status])) => {
            Scan::over(BY_STATUS, keys::status_shards(status, shards)).since(filter)
        }
        (None, _) => Scan::over(OPEN, keys::shards(shards)).created(filter),
    }
}

/// Scans the orders that were closed in a period, in the order of closing. A customer has few
/// orders, which have no index of their own by closing.
fn by_closing(filter: &Filter, named: Option<&[&'static str]>, shards: u16) -> Scan {
    match (&filter.merchant, &filter.customer) {
        (Some(merchant), Some(reference)) => {
            let partition = keys::customer(merchant, reference);
            Scan::over(BY_CUSTOMER, vec![partition]).created(filter)
        }
        (Some(merchant), None) => {
            Scan::over(CLOSED_MERCHANT, vec![merchant.to_string()]).since(filter)
        }
        (None, _) => {
            let closed = statuses().map(|(name, _)| name).filter(|name| !is_open(name));
            let closed = closed.filter(|name| named.is_none_or(|named| named.contains(name)));
            let partitions = closed.flat_map(|name| keys::status_shards(name, shards)).collect();
            Scan::over(BY_STATUS, partitions).since(filter)
        }
    }
}

fn closed_or_all(
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
        // Closed orders keep their status until they are reopened, so their partitions can be
        // merged.
        (None, _, Some(named)) if named.len() == 1 || !named.iter().any(|name| is_open(name)) => {
            let of_status = |name: &&str| keys::status_shards(name, shards);
            let partitions = named.iter().flat_map(of_status).collect();
            Ok(Scan::over(BY_STATUS, partitions).since(filter))
        }
        (None, ..) => days(filter, shards, now),
    }
}

/// Scans all orders, day by day.
fn days(filter: &Filter, shards: u16, now: Timestamp) -> Result<Scan, Unplannable> {
    let Some(from) = filter.from else {
        let detail =
            "a list of these orders requires merchant, a closed status, from, or closed_from";
        return Err(unplannable("state", detail));
    };
    if from.plus_seconds(MAX_LISTED_DAYS * DAY) < filter.to.unwrap_or(now) {
        return Err(unplannable(
            "from",
            "must be at most 366 days before `to`, or before now if `to` is absent",
        ));
    }
    // Clocks differ: an order may carry tomorrow's date.
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

    /// Scans the orders whose deadline has passed by `now`.
    pub(super) fn due(shards: u16, now: Timestamp) -> Self {
        let greatest = [&now.to_string(), keys::GREATEST].concat();
        let between = (keys::LEAST.to_owned(), greatest);
        Self { between, ..Self::over(BY_DEADLINE, keys::shards(shards)) }
    }

    /// Scans the orders that drivers bring to customers.
    pub(super) fn on_the_way(shards: u16) -> Self {
        let of_drivers = Workflow::ALL.iter().filter(|it| it.has(Operation::Assign));
        let statuses = of_drivers.flat_map(|workflow| {
            let statuses = workflow.statuses.iter();
            statuses.filter(|status| workflow.leads_to_customer(**status))
        });
        let names: BTreeSet<_> = statuses.map(|status| status.name()).collect();
        let partitions = names.iter().flat_map(|name| keys::status_shards(name, shards));
        Self::over(BY_STATUS, partitions.collect())
    }

    /// Limits the scan to the filter's creation times. An order is created before it is closed.
    fn created(self, filter: &Filter) -> Self {
        let to = filter.to.into_iter().chain(filter.closed_to).min();
        self.bounded(filter.from, to)
    }

    /// Limits the scan to the possible times of entering a status: no order entered it before the
    /// filter's earliest creation time, and a closed order entered it when it was closed.
    fn since(self, filter: &Filter) -> Self {
        self.bounded(filter.from.max(filter.closed_from), filter.closed_to)
    }

    fn bounded(self, from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        let (least, greatest) = self.between;
        // A sort key is a time with a suffix, so it sorts after the bare time.
        let least = from.map_or(least, |from| from.to_string());
        let greatest = to.map_or(greatest, |to| to.to_string());
        Self { between: (least, greatest), ..self }
    }
}

#[cfg(test)]
mod tests;
