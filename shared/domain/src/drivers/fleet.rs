//! The fleets that drivers belong to.

use std::fmt;

use crate::values::text_form;
use crate::{Invalid, MerchantId};

/// The fleet of a driver: the platform's, which serves every merchant, or a merchant's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fleet {
    Platform,
    Merchant(MerchantId),
}

impl Fleet {
    /// The beginning of the text of a merchant's fleet.
    const OF: &str = "merchant#";

    /// Returns the fleet with the text that `Display` writes.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text.strip_prefix(Self::OF) {
            Some(merchant) => MerchantId::parse(merchant).map(Self::Merchant),
            None if text == "platform" => Ok(Self::Platform),
            None => Err(Invalid::new("is not a fleet")),
        }
    }

    /// Returns the fleet of a merchant's own drivers, or the platform's.
    pub fn of(merchant: Option<MerchantId>) -> Self {
        merchant.map_or(Self::Platform, Self::Merchant)
    }

    /// Returns the merchant whose own fleet it is.
    pub const fn merchant(&self) -> Option<&MerchantId> {
        match self {
            Self::Platform => None,
            Self::Merchant(merchant) => Some(merchant),
        }
    }

    /// True if drivers of the fleet carry the merchant's orders.
    pub fn serves(&self, merchant: &MerchantId) -> bool {
        self.merchant().is_none_or(|own| own == merchant)
    }
}

impl fmt::Display for Fleet {
    /// Writes the text of keys: `platform` or `merchant#ID`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("platform"),
            Self::Merchant(merchant) => write!(f, "{}{merchant}", Self::OF),
        }
    }
}

text_form!(Fleet);
