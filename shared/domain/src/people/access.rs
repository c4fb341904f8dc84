//! Decides who may access a merchant's resources, such as its settings.

use super::{Party, Principal, Role};
use crate::{MerchantId, StoreId};

/// The reason why a principal may not access a merchant's resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The principal must not learn that the resource exists: it belongs to another merchant, or
    /// the role has no access.
    NotFound,
    /// The principal is bound to one store, but the access requires the whole merchant.
    WholeMerchantOnly,
    /// The role may read the resource, but not change it.
    ReadOnly(Role),
}

impl Principal {
    /// Checks that the principal may read the merchant's resources. Operations, support, and the
    /// merchant and its stores may.
    pub fn may_read(&self, merchant: &MerchantId) -> Result<(), Denied> {
        match self.may_manage(merchant) {
            Err(Denied::NotFound) => Err(Denied::NotFound),
            Ok(()) | Err(Denied::WholeMerchantOnly | Denied::ReadOnly(_)) => Ok(()),
        }
    }

    /// Checks that the principal may read what the merchant has of one store, as
    /// [`may_read`](Self::may_read) does; a store may read only its own.
    pub fn may_read_store(&self, merchant: &MerchantId, store: &StoreId) -> Result<(), Denied> {
        self.may_read(merchant)?;
        let is_of_others = self.store().is_some_and(|own| own != store);
        if is_of_others { Err(Denied::NotFound) } else { Ok(()) }
    }

    /// Checks that the principal may change the merchant's resources. Operations and the whole
    /// merchant may.
    pub fn may_manage(&self, merchant: &MerchantId) -> Result<(), Denied> {
        match &self.party {
            Party::Support => Err(Denied::ReadOnly(Role::Support)),
            Party::Merchant { merchant: own, .. } if own != merchant => Err(Denied::NotFound),
            Party::Merchant { store: Some(_), .. } => Err(Denied::WholeMerchantOnly),
            Party::Ops | Party::Merchant { store: None, .. } => Ok(()),
            Party::Driver | Party::Customer { .. } | Party::System => Err(Denied::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use Denied::{NotFound, ReadOnly, WholeMerchantOnly};

    use super::*;
    use crate::samples::{
        clerk, customer, driver, merchant, merchant_id, ops, store_id, support, system,
    };

    #[test]
    fn a_merchants_own_is_for_operations_and_the_whole_merchant() {
        for (principal, reads, manages) in [
            (ops(), Ok(()), Ok(())),
            (support(), Ok(()), Err(ReadOnly(Role::Support))),
            (merchant("m1"), Ok(()), Ok(())),
            (clerk("m1", "s1"), Ok(()), Err(WholeMerchantOnly)),
            (merchant("m2"), Err(NotFound), Err(NotFound)),
            (clerk("m2", "s1"), Err(NotFound), Err(NotFound)),
            (customer("m1", "c1"), Err(NotFound), Err(NotFound)),
            (driver("m1"), Err(NotFound), Err(NotFound)),
            (system(), Err(NotFound), Err(NotFound)),
        ] {
            let found =
                (principal.may_read(&merchant_id("m1")), principal.may_manage(&merchant_id("m1")));
            assert_eq!(found, (reads, manages), "{principal:?}");
            let store = principal.may_read_store(&merchant_id("m1"), &store_id("s1"));
            assert_eq!(store, reads, "{principal:?}");
        }
        let other = clerk("m1", "s2").may_read_store(&merchant_id("m1"), &store_id("s1"));
        assert_eq!(other, Err(NotFound), "a clerk of another store");
    }
}
