//! Principals and their roles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::name_enum;
use crate::{CustomerReference, DriverId, MerchantId, PrincipalId, StoreId};

name_enum! {
    /// The role of a principal.
    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Role {
        /// Runs the operation; sees every order, and may make every transition that allows
        /// operations.
        Ops = "ops",
        /// Supports customers; sees every order with contacts masked, and changes only issues.
        Support = "support",
        /// Sells; sees its own orders.
        Merchant = "merchant",
        /// Delivers; sees the orders assigned to it.
        Driver = "driver",
        /// Orders; sees the orders under its own reference.
        Customer = "customer",
        /// Waybill itself; no token carries this role.
        System = "system",
    }
}

impl Role {
    /// The roles that a token can carry.
    pub const OF_TOKENS: [Self; 5] =
        [Self::Ops, Self::Support, Self::Merchant, Self::Driver, Self::Customer];
}

/// A role with the ids that it is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Ops,
    Support,
    /// Bound to a merchant, and optionally to one of its stores.
    Merchant {
        merchant: MerchantId,
        /// The one store whose orders the principal sees; `None` for all of the merchant's
        /// orders.
        store: Option<StoreId>,
    },
    /// Bound to the orders assigned to it.
    Driver,
    /// Bound to a reference within a merchant: the `c1` of two merchants are two people.
    Customer {
        merchant: MerchantId,
        reference: CustomerReference,
    },
    System,
}

/// The person that a verified token identifies, or a component of Waybill. As JSON:
/// `{"role", "id", "merchant"?, "store"?, "reference"?}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "PrincipalRecord", try_from = "PrincipalRecord")]
pub struct Principal {
    /// The token's `sub`, or the name of the component.
    pub id: PrincipalId,
    pub party: Party,
}

/// A binding that a role requires and the token lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingBinding {
    #[error("the role needs a merchant")]
    Merchant,
    #[error("the role needs a reference")]
    Reference,
}

impl Principal {
    /// Creates the principal of a role. Ids that the role is not bound to are ignored.
    pub fn bound(
        role: Role,
        id: PrincipalId,
        merchant: Option<MerchantId>,
        store: Option<StoreId>,
        reference: Option<CustomerReference>,
    ) -> Result<Self, MissingBinding> {
        let party = match role {
            Role::Ops => Party::Ops,
            Role::Support => Party::Support,
            Role::Driver => Party::Driver,
            Role::System => Party::System,
            Role::Merchant => {
                Party::Merchant { merchant: merchant.ok_or(MissingBinding::Merchant)?, store }
            }
            Role::Customer => Party::Customer {
                merchant: merchant.ok_or(MissingBinding::Merchant)?,
                reference: reference.ok_or(MissingBinding::Reference)?,
            },
        };
        Ok(Self { id, party })
    }

    /// Returns the component of Waybill with the name `part`, which must be an identifier.
    pub(crate) fn system(part: &'static str) -> Self {
        Self { id: PrincipalId::of_system(part), party: Party::System }
    }

    /// Returns the merchant that the principal is bound to.
    pub const fn merchant(&self) -> Option<&MerchantId> {
        match &self.party {
            Party::Merchant { merchant, .. } | Party::Customer { merchant, .. } => Some(merchant),
            Party::Ops | Party::Support | Party::Driver | Party::System => None,
        }
    }

    /// Returns the one store that the principal is bound to.
    pub const fn store(&self) -> Option<&StoreId> {
        match &self.party {
            Party::Merchant { store, .. } => store.as_ref(),
            Party::Ops
            | Party::Support
            | Party::Driver
            | Party::Customer { .. }
            | Party::System => None,
        }
    }

    /// Returns the principal's role.
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

    /// Returns the ids that the role is bound to: the merchant, and the store or the reference,
    /// empty if the principal has none. Together with role and id, they tell a principal from all
    /// others.
    pub fn binding(&self) -> Option<[&str; 2]> {
        match &self.party {
            Party::Merchant { merchant, store } => {
                Some([merchant.as_str(), store.as_ref().map_or("", StoreId::as_str)])
            }
            Party::Customer { merchant, reference } => {
                Some([merchant.as_str(), reference.as_str()])
            }
            Party::Ops | Party::Support | Party::Driver | Party::System => None,
        }
    }

    /// Returns the principal as events record it.
    pub fn actor(&self) -> Actor {
        Actor { role: self.role(), id: self.id.clone() }
    }

    /// True if the principal is the driver with this id.
    pub fn is_driver(&self, driver: &DriverId) -> bool {
        self.party == Party::Driver && self.id.as_str() == driver.as_str()
    }
}

#[derive(Serialize, Deserialize)]
struct PrincipalRecord {
    role: Role,
    id: PrincipalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merchant: Option<MerchantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<CustomerReference>,
}

impl From<Principal> for PrincipalRecord {
    fn from(principal: Principal) -> Self {
        let role = principal.role();
        let (merchant, store, reference) = match principal.party {
            Party::Merchant { merchant, store } => (Some(merchant), store, None),
            Party::Customer { merchant, reference } => (Some(merchant), None, Some(reference)),
            Party::Ops | Party::Support | Party::Driver | Party::System => (None, None, None),
        };
        Self { role, id: principal.id, merchant, store, reference }
    }
}

impl TryFrom<PrincipalRecord> for Principal {
    type Error = MissingBinding;

    fn try_from(record: PrincipalRecord) -> Result<Self, MissingBinding> {
        Self::bound(record.role, record.id, record.merchant, record.store, record.reference)
    }
}

/// The person who caused an event, or a component of Waybill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Hash)]
pub struct Actor {
    /// The role in which the actor acted.
    pub role: Role,
    /// The id of the person or component.
    pub id: PrincipalId,
}

impl Actor {
    /// Returns the component of Waybill with the name `part`, which must be an identifier.
    pub fn system(part: &'static str) -> Self {
        Self { role: Role::System, id: PrincipalId::of_system(part) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{
        clerk, customer, customer_reference, driver, driver_id, merchant, merchant_id, ops,
        store_id, support, system,
    };

    fn id() -> PrincipalId {
        PrincipalId::parse("d1").unwrap()
    }

    #[test]
    fn a_driver_is_one_by_role_and_by_name() {
        assert!(driver("d1").is_driver(&driver_id("d1")));
        assert!(!driver("d2").is_driver(&driver_id("d1")));
        let namesakes =
            [ops(), support(), system(), merchant("m1"), clerk("m1", "s1"), customer("m1", "c1")];
        for namesake in namesakes {
            assert_eq!(namesake.id, id());
            assert!(!namesake.is_driver(&driver_id("d1")), "{namesake:?}");
        }
    }

    #[test]
    fn a_role_takes_what_binds_it_and_leaves_the_rest() {
        for expected in
            [ops(), support(), system(), driver("d1"), clerk("m1", "s1"), customer("m1", "c1")]
        {
            let (merchant, store) = (Some(merchant_id("m1")), Some(store_id("s1")));
            let reference = Some(customer_reference("c1"));
            let found = Principal::bound(expected.role(), id(), merchant, store, reference);
            assert_eq!(found, Ok(expected));
        }
    }

    #[test]
    fn a_role_is_not_without_what_binds_it() {
        let bound = |role, merchant: Option<&str>, reference: Option<&str>| {
            let reference = reference.map(customer_reference);
            Principal::bound(role, id(), merchant.map(merchant_id), None, reference)
        };
        assert_eq!(bound(Role::Merchant, Some("m1"), None), Ok(merchant("m1")));
        assert_eq!(bound(Role::Merchant, None, Some("c1")), Err(MissingBinding::Merchant));
        assert_eq!(bound(Role::Customer, None, Some("c1")), Err(MissingBinding::Merchant));
        assert_eq!(bound(Role::Customer, Some("m1"), None), Err(MissingBinding::Reference));
    }
}
