//! The endpoints of a merchant.

use std::collections::BTreeSet;

use clock::Timestamp;

use super::{EventType, WebhookUrl};
use crate::values::name_enum;
use crate::visibility::sees;
use crate::{
    Denied, MerchantId, Name, Order, Party, Principal, PrincipalId, Role, StoreId, WebhookId,
};

/// An endpoint: a URL to which the changes of a merchant's orders are posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub merchant: MerchantId,
    pub id: WebhookId,
    pub url: WebhookUrl,
    /// The store whose orders it is told of; `None` for all of the merchant's.
    pub store: Option<StoreId>,
    /// The types of its messages; empty for all, including those that come later.
    pub events: BTreeSet<EventType>,
    pub description: Option<Name>,
    pub created_at: Timestamp,
    /// `None` if messages are sent.
    pub disabled: Option<Disabled>,
}

/// An endpoint that gets no messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disabled {
    pub at: Timestamp,
    pub reason: DisabledReason,
}

name_enum! {
    /// The reason why an endpoint gets no messages.
    pub enum DisabledReason as _: "The reason why the endpoint gets no messages." {
        /// A person disabled it.
        Requested = "requested",
        /// It responded with 410 Gone.
        Gone = "gone",
        /// It failed for [`FAILING_FOR`](super::FAILING_FOR).
        Failing = "failing",
    }
}

impl Endpoint {
    /// Returns the principal whose sight of orders the endpoint has: the merchant's, or that of a
    /// clerk of its store.
    pub fn principal(&self) -> Principal {
        let (merchant, store) = (self.merchant.clone(), self.store.clone());
        let id = PrincipalId::of_system("webhooks");
        Principal { id, party: Party::Merchant { merchant, store } }
    }

    /// True if the endpoint asks for events of this type.
    pub fn asks_for(&self, event: EventType) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }

    /// True if the endpoint is told of events of this type of an order in this state.
    pub fn wants(&self, order: &Order, event: EventType) -> bool {
        self.disabled.is_none() && self.asks_for(event) && sees(&self.principal(), order)
    }
}

/// The endpoints of a merchant that a principal manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The one store; `None` for all endpoints of the merchant.
    pub store: Option<StoreId>,
    /// The role, if it only reads.
    reader: Option<Role>,
}

impl Scope {
    /// Returns the endpoints of `merchant` that `principal` reads: operations, support and the
    /// merchant read all, and a clerk those of its store.
    pub fn of(principal: &Principal, merchant: &MerchantId) -> Result<Self, Denied> {
        principal.may_read(merchant)?;
        let store = principal.store().cloned();
        let reader = Some(principal.role()).filter(|role| *role == Role::Support);
        Ok(Self { store, reader })
    }

    /// Checks that the principal may change these endpoints: all who read them but support.
    pub fn may_change(&self) -> Result<(), Denied> {
        self.reader.map_or(Ok(()), |role| Err(Denied::ReadOnly(role)))
    }

    /// True if an endpoint with this store is one of them.
    pub fn has(&self, store: Option<&StoreId>) -> bool {
        self.store.is_none() || self.store.as_ref() == store
    }
}
