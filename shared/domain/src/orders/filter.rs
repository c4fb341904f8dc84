//! The filters of a list of orders.

use clock::Timestamp;

use crate::values::name_enum;
use crate::{
    CustomerReference, DriverId, ExternalId, MerchantId, Order, Party, Phase, Principal, StoreId,
    statuses,
};

/// The maximum number of days that a list of everybody's orders by creation can span.
pub const MAX_LISTED_DAYS: i64 = 366;

const DAY: i64 = 24 * 60 * 60;

/// The filters of a list of orders; an absent filter matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: OrderState,
    /// Matches orders in any of these statuses; empty matches every status.
    pub statuses: Vec<&'static str>,
    pub phase: Option<Phase>,
    pub merchant: Option<MerchantId>,
    pub store: Option<StoreId>,
    pub customer: Option<CustomerReference>,
    pub driver: Option<DriverId>,
    /// Matches the orders that are offered to the driver, instead of those that the driver has.
    pub offered: bool,
    pub external_id: Option<ExternalId>,
    /// Matches only orders that are beyond the time limit of their status.
    pub delayed: bool,
    /// Matches only orders with open issues.
    pub has_issues: bool,
    /// The lower bound of the time of creation, inclusive.
    pub from: Option<Timestamp>,
    /// The upper bound of the time of creation, exclusive.
    pub to: Option<Timestamp>,
    /// The lower bound of the time of closing, inclusive.
    pub closed_from: Option<Timestamp>,
    /// The upper bound of the time of closing, exclusive.
    pub closed_to: Option<Timestamp>,
}

name_enum! {
    /// The filter by open orders, closed orders, or both.
    #[derive(Default)]
    pub enum OrderState as _: "Filters by open or closed orders; `open` unless another filter implies `closed` or `all`." {
        #[default]
        Open = "open",
        Closed = "closed",
        All = "all",
    }
}

name_enum! {
    /// The sort order of a list.
    #[derive(Default)]
    pub enum Direction as _: "The sort order; `newest` first by default." {
        #[default]
        Newest = "newest",
        Oldest = "oldest",
    }
}

impl OrderState {
    const fn holds(self, is_open: bool) -> bool {
        match self {
            Self::Open => is_open,
            Self::Closed => !is_open,
            Self::All => true,
        }
    }
}

/// The error of a filter that names a merchant, store, customer or driver other than the
/// principal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("you can list only your own orders")]
pub struct ForAnother;

impl Filter {
    /// True if the order passes the filter.
    pub fn matches(&self, order: &Order) -> bool {
        fn fits<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted == found
        }
        self.state.holds(order.is_open())
            && (self.statuses.is_empty() || self.statuses.contains(&order.status.name()))
            && fits(self.phase.as_ref(), Some(&order.status.phase()))
            && fits(self.merchant.as_ref(), Some(&order.placed.merchant))
            && fits(self.store.as_ref(), order.store.as_ref())
            && fits(self.customer.as_ref(), order.placed.customer.as_ref())
            && self.fits_driver(order)
            && fits(self.external_id.as_ref(), order.placed.external_id.as_ref())
            && (!self.delayed || order.delayed_since.is_some())
            && (!self.has_issues || !order.issues.is_empty())
            && self.from.is_none_or(|from| from <= order.created_at)
            && self.to.is_none_or(|to| order.created_at < to)
            && (!self.is_by_closing() || !order.is_open())
            && self.closed_from.is_none_or(|from| from <= order.status_since)
            && self.closed_to.is_none_or(|to| order.status_since < to)
    }

    fn fits_driver(&self, order: &Order) -> bool {
        self.driver.as_ref().is_none_or(|driver| {
            let has = order.driver.as_ref() == Some(driver);
            if self.offered { !has && order.offered_to().any(|it| it == driver) } else { has }
        })
    }

    /// Returns the filter with a lower bound of creation, if it asks for everybody's open and
    /// closed orders, or closed ones, and for nothing narrower: the list then spans a year up to
    /// `to`, or to `now`.
    #[must_use]
    pub fn bounded(self, now: Timestamp) -> Self {
        let Self { state, merchant, driver, from, .. } = &self;
        let is_narrower = merchant.is_some() || driver.is_some() || from.is_some();
        let is_narrower = is_narrower || self.delayed || self.has_issues;
        let is_named = self.named_statuses().is_some() || self.is_by_closing();
        if *state == OrderState::Open || is_narrower || is_named {
            return self;
        }
        let year = self.to.unwrap_or(now).plus_seconds(-(MAX_LISTED_DAYS - 1) * DAY);
        let from = Timestamp::parse(&format!("{}T00:00:00Z", year.day()));
        // No day of four digits is a year before the first one.
        Self { from: from.or(self.to), ..self }
    }

    /// True if the filter asks for orders closed in some period.
    pub const fn is_by_closing(&self) -> bool {
        self.closed_from.is_some() || self.closed_to.is_some()
    }

    /// Returns the state that the other filters imply. An `external_id` names an order, whatever
    /// its state; and orders have open issues after they are closed, too.
    pub fn implied_state(&self) -> OrderState {
        if self.external_id.is_some() || self.has_issues {
            return OrderState::All;
        }
        let is_closed = |name: &&str| statuses().any(|(it, at)| it == *name && !at.is_open());
        let named = self.named_statuses().unwrap_or_default();
        let names_closed = !named.is_empty() && named.iter().all(is_closed);
        if self.is_by_closing() || names_closed { OrderState::Closed } else { OrderState::Open }
    }

    /// Returns the filter restricted to the orders of `principal`, with the principal's own ids
    /// filled in.
    pub fn within(self, principal: &Principal) -> Result<Self, ForAnother> {
        match &principal.party {
            Party::Ops | Party::Support | Party::System => Ok(self),
            Party::Merchant { merchant, store } => Ok(Self {
                merchant: own(self.merchant, Some(merchant))?,
                store: own(self.store, store.as_ref())?,
                ..self
            }),
            Party::Customer { merchant, reference } => Ok(Self {
                merchant: own(self.merchant, Some(merchant))?,
                customer: own(self.customer, Some(reference))?,
                ..self
            }),
            Party::Driver => {
                let driver = DriverId::parse(principal.id.as_str()).map_err(|_| ForAnother)?;
                Ok(Self { driver: own(self.driver, Some(&driver))?, ..self })
            }
        }
    }

    /// Returns the statuses that pass both the filter's statuses and its phase, each once; `None`
    /// if the filter has neither.
    pub fn named_statuses(&self) -> Option<Vec<&'static str>> {
        let names_none = self.statuses.is_empty() && self.phase.is_none();
        let is_named = |(name, phase): &(&'static str, Phase)| {
            (self.statuses.is_empty() || self.statuses.contains(name))
                && self.phase.is_none_or(|named| named == *phase)
        };
        (!names_none).then(|| statuses().filter(is_named).map(|(name, _)| name).collect())
    }
}

fn own<T: Clone + PartialEq>(wanted: Option<T>, own: Option<&T>) -> Result<Option<T>, ForAnother> {
    match (wanted, own) {
        (Some(wanted), Some(own)) if wanted != *own => Err(ForAnother),
        (None, Some(own)) => Ok(Some(own.clone())),
        (wanted, _) => Ok(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_statuses_and_times_of_closing_ask_for_closed_orders() {
        let of = |statuses: &[&'static str], phase, closed_from| Filter {
            statuses: statuses.to_vec(),
            phase,
            closed_from,
            ..Filter::default()
        };
        for (filter, expected) in [
            (of(&[], None, None), OrderState::Open),
            (of(&["created"], None, None), OrderState::Open),
            (of(&["delivered"], None, None), OrderState::Closed),
            (of(&["delivered", "failed"], None, None), OrderState::Closed),
            (of(&["delivered", "created"], None, None), OrderState::Open),
            (of(&[], Some(Phase::Returned), None), OrderState::Closed),
            (of(&[], Some(Phase::Returning), None), OrderState::Open),
            (of(&[], None, Some(Timestamp::EPOCH)), OrderState::Closed),
        ] {
            assert_eq!(filter.implied_state(), expected, "{filter:?}");
        }
        let external_id = ExternalId::parse("e1").ok();
        let named = Filter { external_id, ..of(&["delivered"], None, None) };
        assert_eq!(named.implied_state(), OrderState::All);
        let has_issues = Filter { has_issues: true, ..of(&["delivered"], None, None) };
        assert_eq!(has_issues.implied_state(), OrderState::All);
    }
}
