//! The roster of a driver.

use std::collections::BTreeSet;
use std::fmt;

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Capacity, Fleet, PhotoUrl, Vehicle};
use crate::values::name_enum;
use crate::{DriverId, Name, OrderId, Phone, Text, Version};

/// The data of a driver that assignments depend on. It contains nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    pub driver: DriverId,
    pub fleet: Fleet,
    /// The beginning of the driver's duty; `None` off duty.
    pub on_duty_since: Option<Timestamp>,
    /// The last duty that has ended.
    pub last_duty: Option<Duty>,
    pub vehicle: Vehicle,
    pub capacity: Capacity,
    /// The open orders that the driver has. Orders that were assigned before the driver had a
    /// roster are not among them.
    pub orders: BTreeSet<OrderId>,
    /// The time at which an order has last left the driver, delivered or not.
    pub order_left_at: Option<Timestamp>,
    /// The number of changes of the roster other than those of `orders`, from 1.
    pub version: Version,
}

/// A duty that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    pub since: Timestamp,
    pub until: Timestamp,
}

/// The personal data of a driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The vehicle's registration plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<Text<20>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<PhotoUrl>,
}

name_enum! {
    /// The reason why a driver can be given no order, unless operations insist.
    pub enum Unavailable as _: "The reason why the driver was not available." {
        OffDuty = "off_duty",
        /// The driver has as many orders as the capacity allows.
        Full = "full",
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OffDuty => "the driver is off duty",
            Self::Full => "the driver has as many orders as the capacity allows",
        })
    }
}

name_enum! {
    /// The drivers who can carry a merchant's orders.
    #[derive(Default)]
    pub enum Drivers as _: "`any` driver can carry the merchant's orders, or only `registered` ones; \
        `any` by default." {
        #[default]
        Any = "any",
        /// Only drivers who have a roster.
        Registered = "registered",
    }
}

impl Roster {
    /// Returns the first version of the roster of a driver, who is off duty.
    pub fn new(driver: DriverId, fleet: Fleet) -> Self {
        Self {
            driver,
            fleet,
            on_duty_since: None,
            last_duty: None,
            vehicle: Vehicle::default(),
            capacity: Capacity::default(),
            orders: BTreeSet::new(),
            order_left_at: None,
            version: Version::FIRST,
        }
    }

    /// Begins a duty, or ends the one that lasts.
    pub fn set_duty(&mut self, is_on_duty: bool, now: Timestamp) {
        match self.on_duty_since {
            None if is_on_duty => self.on_duty_since = Some(now),
            Some(since) if !is_on_duty => {
                self.on_duty_since = None;
                self.last_duty = Some(Duty { since, until: now });
            }
            _ => {}
        }
    }

    /// True if the driver was on duty at this time: in the duty that lasts, or in the one before.
    pub fn was_on_duty(&self, at: Timestamp) -> bool {
        let in_last = |duty: Duty| (duty.since..duty.until).contains(&at);
        self.on_duty_since.is_some_and(|since| since <= at) || self.last_duty.is_some_and(in_last)
    }

    /// Checks that the driver can be given another order.
    pub fn check_available(&self) -> Result<(), Unavailable> {
        if self.on_duty_since.is_none() {
            return Err(Unavailable::OffDuty);
        }
        let is_full = self.orders.len() >= self.capacity.get().into();
        if is_full { Err(Unavailable::Full) } else { Ok(()) }
    }
}
