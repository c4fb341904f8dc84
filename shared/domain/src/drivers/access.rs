//! Decides who may access the record of a driver.

use super::{Fleet, Roster};
use crate::{Denied, Party, Principal, Role};

/// The changes that a principal may make of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriverRights {
    /// Everything.
    All,
    /// The driver's own duty and vehicle.
    Own,
}

impl Fleet {
    /// Checks that the principal may read the fleet's drivers. Operations and support read all, a
    /// merchant and its stores those of the merchant's own fleet.
    pub fn may_read(&self, principal: &Principal) -> Result<(), Denied> {
        match (&principal.party, self) {
            (Party::Ops | Party::Support, _) => Ok(()),
            (Party::Merchant { .. }, Self::Merchant(merchant)) => principal.may_read(merchant),
            (
                Party::Merchant { .. } | Party::Driver | Party::Customer { .. } | Party::System,
                _,
            ) => Err(Denied::NotFound),
        }
    }

    /// Checks that the principal may manage the fleet's drivers. Operations manage all, and the
    /// whole merchant its own fleet.
    pub fn may_manage(&self, principal: &Principal) -> Result<(), Denied> {
        self.may_read(principal)?;
        match self {
            Self::Platform if principal.role() == Role::Ops => Ok(()),
            Self::Platform => Err(Denied::ReadOnly(principal.role())),
            Self::Merchant(merchant) => principal.may_manage(merchant),
        }
    }
}

impl Roster {
    fn is_of(&self, principal: &Principal) -> bool {
        principal.party == Party::Driver && principal.id.as_str() == self.driver.as_str()
    }

    /// Checks that the principal may read the driver's record: a driver reads itself.
    pub fn may_read(&self, principal: &Principal) -> Result<(), Denied> {
        if self.is_of(principal) { Ok(()) } else { self.fleet.may_read(principal) }
    }

    /// Returns the principal's rights: a driver changes its own duty and vehicle.
    pub fn rights_of(&self, principal: &Principal) -> Result<DriverRights, Denied> {
        if self.is_of(principal) {
            return Ok(DriverRights::Own);
        }
        self.fleet.may_manage(principal).map(|()| DriverRights::All)
    }
}

#[cfg(test)]
mod tests {
    use Denied::{NotFound, ReadOnly, WholeMerchantOnly};

    use super::*;
    use crate::DriverId;
    use crate::samples::{clerk, customer, driver, merchant, merchant_id, ops, support, system};

    fn roster(fleet: Fleet) -> Roster {
        Roster::new(DriverId::parse("d1").unwrap(), fleet)
    }

    #[test]
    fn a_driver_is_its_own_and_its_fleets() {
        let (platform, own) = (roster(Fleet::Platform), roster(Fleet::Merchant(merchant_id("m1"))));
        let (whole, read_only) = (Ok(DriverRights::All), Err(ReadOnly(Role::Support)));
        for (principal, of_platform, of_own) in [
            (ops(), (Ok(()), whole), (Ok(()), whole)),
            (support(), (Ok(()), read_only), (Ok(()), read_only)),
            (merchant("m1"), (Err(NotFound), Err(NotFound)), (Ok(()), whole)),
            (clerk("m1", "s1"), (Err(NotFound), Err(NotFound)), (Ok(()), Err(WholeMerchantOnly))),
            (merchant("m2"), (Err(NotFound), Err(NotFound)), (Err(NotFound), Err(NotFound))),
            (clerk("m2", "s1"), (Err(NotFound), Err(NotFound)), (Err(NotFound), Err(NotFound))),
            (driver("d1"), (Ok(()), Ok(DriverRights::Own)), (Ok(()), Ok(DriverRights::Own))),
            (driver("d2"), (Err(NotFound), Err(NotFound)), (Err(NotFound), Err(NotFound))),
            (customer("m1", "d1"), (Err(NotFound), Err(NotFound)), (Err(NotFound), Err(NotFound))),
            (system(), (Err(NotFound), Err(NotFound)), (Err(NotFound), Err(NotFound))),
        ] {
            for (roster, expected) in [(&platform, of_platform), (&own, of_own)] {
                let found = (roster.may_read(&principal), roster.rights_of(&principal));
                assert_eq!(found, expected, "{principal:?} of {:?}", roster.fleet);
            }
        }
    }
}
