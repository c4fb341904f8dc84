//! Who acts and who looks on.

use serde::{Deserialize, Serialize};

use super::{CustomerReference, DriverId, MerchantId, PrincipalId, StoreId};

/// What somebody is to Waybill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the operation; sees and may do everything that an edge allows.
    Ops,
    /// Helps; sees all, contacts masked, changes nothing.
    Support,
    /// Sells.
    Merchant,
    /// Carries.
    Driver,
    /// Waits.
    Customer,
    /// Waybill itself; no token carries it.
    System,
}

impl Role {
    /// The roles that a token can carry.
    pub const OF_TOKENS: [Self; 5] =
        [Self::Ops, Self::Support, Self::Merchant, Self::Driver, Self::Customer];

    /// The role's name in tokens, bodies and storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::Support => "support",
            Self::Merchant => "merchant",
            Self::Driver => "driver",
            Self::Customer => "customer",
            Self::System => "system",
        }
    }
}

/// A role with what binds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// Bound to nothing.
    Ops,
    /// Bound to nothing.
    Support,
    /// Bound to a merchant, and perhaps to one store of it.
    Merchant {
        /// The merchant.
        merchant: MerchantId,
        /// The one store whose orders it may see; all of the merchant's without.
        store: Option<StoreId>,
    },
    /// Bound to the orders assigned to it.
    Driver,
    /// Bound to a reference within a merchant: two merchants' `c1` are two people.
    Customer {
        /// The merchant.
        merchant: MerchantId,
        /// The customer's reference there.
        reference: CustomerReference,
    },
    /// Waybill itself.
    System,
}

/// Somebody whom a verified token names, or Waybill itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The person: the token's `sub`.
    pub id: PrincipalId,
    /// What they are.
    pub party: Party,
}

/// What a role is bound by, and was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbound {
    /// A merchant's or a customer's merchant.
    #[error("the role needs a merchant")]
    Merchant,
    /// A customer's reference.
    #[error("the role needs a reference")]
    Reference,
}

impl Principal {
    /// The principal of a role, from what may bind it; what does not bind the
    /// role is left aside.
    pub fn bound(
        role: Role,
        id: PrincipalId,
        merchant: Option<MerchantId>,
        store: Option<StoreId>,
        reference: Option<CustomerReference>,
    ) -> Result<Self, Unbound> {
        let party = match role {
            Role::Ops => Party::Ops,
            Role::Support => Party::Support,
            Role::Driver => Party::Driver,
            Role::System => Party::System,
            Role::Merchant => {
                Party::Merchant { merchant: merchant.ok_or(Unbound::Merchant)?, store }
            }
            Role::Customer => Party::Customer {
                merchant: merchant.ok_or(Unbound::Merchant)?,
                reference: reference.ok_or(Unbound::Reference)?,
            },
        };
        Ok(Self { id, party })
    }

    /// The merchant that binds the principal.
    pub const fn merchant(&self) -> Option<&MerchantId> {
        match &self.party {
            Party::Merchant { merchant, .. } | Party::Customer { merchant, .. } => Some(merchant),
            Party::Ops | Party::Support | Party::Driver | Party::System => None,
        }
    }

    /// The principal's role.
    pub const fn role(&self) -> Role {
        match self.party {
            Party::Ops => Role::Ops,
            Party::Support => Role::Support,
            Party::Merchant { .. } => Role::Merchant,
            Party::Driver => Role::Driver,
            Party::Customer { .. } => Role::Customer,
            Party::System => Role::System,
        }
    }

    /// How the principal stands in an event.
    pub fn actor(&self) -> Actor {
        Actor { role: self.role(), id: self.id.clone() }
    }

    /// Whether this is the driver called `driver`.
    pub fn is_driver(&self, driver: &DriverId) -> bool {
        self.party == Party::Driver && self.id.as_str() == driver.as_str()
    }
}

/// By whose hand an event happened: a person, not only a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The role that they acted in.
    pub role: Role,
    /// The person.
    pub id: PrincipalId,
}

impl Actor {
    /// The part of Waybill itself that is called `part`, an identifier.
    pub fn system(part: &'static str) -> Self {
        Self { role: Role::System, id: PrincipalId::of_system(part) }
    }
}
