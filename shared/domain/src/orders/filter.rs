//! The filters of a list of orders.

use clock::Timestamp;

use crate::values::name_enum;
use crate::{
    CustomerReference, DriverId, ExternalId, MerchantId, Order, Party, Phase, Principal, StoreId,
    statuses,
};

/// The filters of a list of orders; an absent filter matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whether they can still move.
    pub state: OrderState,
    /// Where they stand: in one of these.
    pub statuses: Vec<&'static str>,
    /// In which phase.
    pub phase: Option<Phase>,
    pub merchant: Option<MerchantId>,
    pub store: Option<StoreId>,
    /// For whom, as the merchant calls them.
    pub customer: Option<CustomerReference>,
    pub driver: Option<DriverId>,
    pub external_id: Option<ExternalId>,
    /// They stand for too long where they stand.
    pub delayed: bool,
    /// They were created then or later.
    pub from: Option<Timestamp>,
    /// They were created before.
    pub to: Option<Timestamp>,
}

name_enum! {
    /// Whether orders can still move.
    #[derive(Default)]
    pub enum OrderState as _: "Filters by open or closed orders; `open` by default." {
        /// They can.
        #[default]
        Open = "open",
        /// They cannot.
        Closed = "closed",
        /// Either.
        All = "all",
    }
}

name_enum! {
    /// The sort order of a list.
    #[derive(Default)]
    pub enum Direction as _: "The sort order; `newest` first by default." {
        /// Newest first.
        #[default]
        Newest = "newest",
        /// Oldest first.
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

/// The filter asks for what is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("you can list only your own orders")]
pub struct ForAnother;

impl Filter {
    /// Whether this is one of the orders.
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
            && fits(self.driver.as_ref(), order.driver.as_ref())
            && fits(self.external_id.as_ref(), order.placed.external_id.as_ref())
            && (!self.delayed || order.delayed_since.is_some())
            && self.from.is_none_or(|from| from <= order.created_at)
            && self.to.is_none_or(|to| order.created_at < to)
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

    /// The statuses that the filter names, by name or by phase, each once; none if it
    /// names neither.
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
