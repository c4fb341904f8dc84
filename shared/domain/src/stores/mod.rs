//! The stores of merchants.

mod hours;

pub use hours::{MAX_OPENINGS, Opening, OpeningHours, TimeOfDay, TimeZone, Weekday};

use crate::{Address, MerchantId, Name, Phone, StoreId};

/// The record of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub merchant: MerchantId,
    pub id: StoreId,
    pub name: Name,
    /// The pickup of the store's orders.
    pub address: Address,
    pub phone: Option<Phone>,
    pub hours: Option<OpeningHours>,
}
