//! Offers of an order to drivers.

use std::fmt;

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Bounds, DriverId, Invalid, Order, Party, Principal, Shape, Shaped};

/// The greatest number of drivers whom an order is offered to at once.
pub const MAX_OFFERED: usize = 16;

/// An offer of an order to several drivers at once, of whom the first to accept gets it. A head
/// stores this form of the last offer, even once it is over: a driver who answers too late is told
/// so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Counts the offers since the order entered its status, from 1, with the rounds of dispatch that
    /// found nobody.
    pub round: u32,
    /// The drivers whom the order was offered to.
    pub drivers: Vec<DriverId>,
    /// Those of them who declined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<DriverId>,
    /// The end of the offer; `None` once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The time since which the offer is over; `None` if it stands, and if the order has entered
    /// another status since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// An offer of an order that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    /// At least one.
    pub drivers: Vec<DriverId>,
    pub time: OfferTime,
    /// True if an offer that stands is replaced.
    pub replace: bool,
    /// The radius in which dispatch found the drivers, in metres.
    pub radius_m: Option<u32>,
}

/// The time that drivers have to answer an offer: from 10 to 900 seconds.
// A queue of SQS can delay a message by 900 seconds at most.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-timers.html
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferTime(u16);

/// The reason why a driver cannot answer an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferEnd {
    /// The order has a driver.
    Taken,
    /// The driver has declined the offer.
    Declined,
    /// The order is closed.
    Closed,
    /// The time is over, or everybody has declined.
    Expired,
    /// The driver is not, or no more, one who carries the merchant's orders.
    NotRegistered,
}

impl fmt::Display for OfferEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "the order already has a driver",
            Self::Declined => "you have declined the offer",
            Self::Closed => "the order is closed",
            Self::Expired => "the offer has expired",
            Self::NotRegistered => "you are not registered to carry the merchant's orders",
        })
    }
}

impl Offer {
    /// Returns the drivers who can still accept or decline.
    pub fn asked(&self) -> impl Iterator<Item = &DriverId> {
        let drivers = self.drivers.iter().filter(|_| self.expires_at.is_some());
        drivers.filter(|driver| !self.declined.contains(driver))
    }

    /// Returns the offer after a driver declined at this time. It is over once nobody is asked any
    /// more.
    pub(super) fn declined_by(mut self, driver: &DriverId, at: Timestamp) -> Self {
        self.declined.push(driver.clone());
        if self.asked().next().is_none() { self.over(at) } else { self }
    }

    /// Returns the offer once it is over.
    pub(super) fn over(self, at: Timestamp) -> Self {
        Self { expires_at: None, ended_at: Some(at), ..self }
    }

    /// Returns the offer once the order has entered another status: an offer is of an order as it
    /// was.
    pub(super) fn of_earlier_status(self) -> Self {
        Self { expires_at: None, ended_at: None, ..self }
    }

    /// True if the order has been in the same status since the offer.
    const fn is_of_status(&self) -> bool {
        self.expires_at.is_some() || self.ended_at.is_some()
    }
}

impl Order {
    /// Returns the drivers whom the order is offered to now. One who has declined is not among
    /// them.
    pub fn offered_to(&self) -> impl Iterator<Item = &DriverId> {
        self.offer.iter().flat_map(Offer::asked)
    }

    /// Returns the number of the next offer since the order entered its status.
    pub(super) fn next_round(&self) -> u32 {
        let offer = self.offer.as_ref().filter(|offer| offer.is_of_status());
        offer.map_or(0, |offer| offer.round) + 1
    }

    /// Returns the end of the offer that stands now.
    pub fn offer_ends(&self) -> Option<Timestamp> {
        self.offer.as_ref()?.expires_at
    }

    /// True if the order is offered to `principal` now.
    pub fn is_offered_to(&self, principal: &Principal) -> bool {
        self.offered_to().any(|driver| principal.is_driver(driver))
    }

    /// True if the last offer was made to `principal`, even if it is over.
    pub fn was_offered_to(&self, principal: &Principal) -> bool {
        let drivers = self.offer.iter().flat_map(|offer| &offer.drivers);
        principal.party == Party::Driver
            && drivers.into_iter().any(|driver| principal.is_driver(driver))
    }

    /// Returns the reason why a driver of the last offer cannot answer it at `now`.
    pub(super) fn offer_end(&self, driver: &DriverId, now: Timestamp) -> Option<OfferEnd> {
        let has_declined = self.offer.as_ref().is_some_and(|it| it.declined.contains(driver));
        match self.offer_ends() {
            Some(end) if now < end && self.offered_to().any(|it| it == driver) => None,
            _ if self.driver.is_some() => Some(OfferEnd::Taken),
            _ if !self.is_open() => Some(OfferEnd::Closed),
            _ if has_declined => Some(OfferEnd::Declined),
            _ => Some(OfferEnd::Expired),
        }
    }
}

impl OfferTime {
    /// The least number of seconds.
    pub const LEAST: u16 = 10;
    /// The greatest number of seconds.
    pub const MOST: u16 = 900;

    /// Returns the time in seconds.
    pub const fn seconds(self) -> u16 {
        self.0
    }
}

/// 45 seconds.
impl Default for OfferTime {
    fn default() -> Self {
        Self(45)
    }
}

impl Shaped for OfferTime {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The time to answer the offer, in seconds; 45 by default.",
        bounds: Bounds::Integer(Self::LEAST as i64, Self::MOST as i64),
    };
}

impl TryFrom<u64> for OfferTime {
    type Error = Invalid;

    fn try_from(seconds: u64) -> Result<Self, Invalid> {
        let seconds = u16::try_from(seconds).ok();
        let seconds = seconds.filter(|it| (Self::LEAST..=Self::MOST).contains(it));
        seconds.map(Self).ok_or(Invalid::new("must be from 10 to 900 seconds"))
    }
}
