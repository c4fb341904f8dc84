//! Which orders somebody asks for.

use super::time::Timestamp;
use super::{
    Bounds, CustomerReference, DriverId, ExternalId, MerchantId, Order, Party, Phase, Principal,
    Shape, Shaped, StoreId, Workflow,
};

/// Which orders somebody asks for; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whether they can still move.
    pub state: OrderState,
    /// Where they stand: in one of these.
    pub statuses: Vec<&'static str>,
    /// In which phase.
    pub phase: Option<Phase>,
    /// Whose they are.
    pub merchant: Option<MerchantId>,
    /// Which of the merchant's stores prepares them.
    pub store: Option<StoreId>,
    /// For whom, as the merchant calls them.
    pub customer: Option<CustomerReference>,
    /// Who carries them.
    pub driver: Option<DriverId>,
    /// What the merchant calls them.
    pub external_id: Option<ExternalId>,
    /// They stand for too long where they stand.
    pub delayed: bool,
    /// They were created then or later.
    pub from: Option<Timestamp>,
    /// They were created before.
    pub to: Option<Timestamp>,
}

/// Whether orders can still move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderState {
    /// They can.
    #[default]
    Open,
    /// They cannot.
    Closed,
    /// Either.
    All,
}

impl OrderState {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::All];

    /// Its name in queries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::All => "all",
        }
    }

    const fn holds(self, is_open: bool) -> bool {
        match self {
            Self::Open => is_open,
            Self::Closed => !is_open,
            Self::All => true,
        }
    }
}

impl Shaped for OrderState {
    const SHAPE: Shape = Shape {
        name: None,
        about: "Whether the orders can still move; `open` if it is not said.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}

/// The filter asks for what is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("you can list your own orders only")]
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
            && fits(self.merchant.as_ref(), Some(&order.merchant))
            && fits(self.store.as_ref(), order.store.as_ref())
            && fits(self.customer.as_ref(), order.customer.as_ref())
            && fits(self.driver.as_ref(), order.driver.as_ref())
            && fits(self.external_id.as_ref(), order.external_id.as_ref())
            && (!self.delayed || order.delayed_since.is_some())
            && self.from.is_none_or(|from| from <= order.created_at)
            && self.to.is_none_or(|to| order.created_at < to)
    }

    /// What is left of the filter for `principal`, whose own is filled in.
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

/// Every status that an order of any workflow can stand in, once by name.
pub fn statuses() -> impl Iterator<Item = (&'static str, Phase)> {
    let all: std::collections::BTreeMap<_, _> = Workflow::ALL
        .iter()
        .flat_map(|workflow| workflow.statuses)
        .map(|status| (status.name(), status.phase()))
        .collect();
    all.into_iter()
}
