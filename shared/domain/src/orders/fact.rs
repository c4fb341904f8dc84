//! The trip of a driver with an order: the stop that the driver goes to, and the facts that have been
//! told about it.

use std::fmt;

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::values::text_form;
use crate::{Eta, Event, EventData, Invalid, Order, Outage, Phase, Stamp, StopKind};

/// A fact about the driver's trip, which Waybill tells by itself. It changes no status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Arrived(Arrived),
    /// The driver arrives at the customer's within five minutes.
    Approaching {
        arrives_at: Timestamp,
    },
    /// The driver is estimated to arrive at the customer's at another time than was told before.
    EtaChanged(Eta),
    /// The driver's device has been silent for too long.
    GpsGap(GpsGap),
    /// The driver's device, silent since this time, has sent a position again.
    GpsBack {
        since: Timestamp,
    },
}

/// The arrival of a driver at a stop; history stores this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    pub stop: StopKind,
    /// The time at which the device measured the position, which can have come later.
    pub measured_at: Timestamp,
    /// The distance of the position from the stop, in metres. Visible to those who see the ids of
    /// drivers, as is the accuracy.
    pub distance_m: u32,
    /// The accuracy of the position, in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<u32>,
}

/// The beginning of a gap in a driver's positions; history stores this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpsGap {
    /// The time of the last position.
    pub since: Timestamp,
    /// The reason that the device has given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Outage>,
}

impl From<Fact> for EventData {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Arrived(arrived) => Self::Arrived(arrived),
            Fact::Approaching { arrives_at } => Self::Approaching { arrives_at },
            Fact::EtaChanged(eta) => Self::EtaChanged(eta),
            Fact::GpsGap(gap) => Self::GpsGap(gap),
            Fact::GpsBack { since } => Self::GpsBack { since },
        }
    }
}

/// The facts that have been told about the trip of the order's driver, until the driver or the order's
/// way ends. A head stores them as the text `ARRIVED:APPROACHING:ESTIMATES:OF:ETA:SILENT`, with letters
/// for stops and milliseconds since 1970 for times, because heads have little room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The stops at which the driver has arrived.
    pub arrived: Vec<StopKind>,
    /// True if the driver was said to arrive within minutes.
    pub is_approaching: bool,
    /// The number of estimates that have been told.
    pub estimates: u8,
    /// The last of them: the time of arrival at the customer's, and the stop that the driver went to
    /// when it was told.
    pub eta: Option<(StopKind, Timestamp)>,
    /// The beginning of the gap that lasts.
    pub silent_since: Option<Timestamp>,
}

impl Order {
    /// Returns the stop that the order's driver goes to; `None` without a driver whose roster counts the
    /// order, once the order is closed or on its way back, and after a failed delivery, until the next
    /// attempt.
    pub fn next_stop(&self) -> Option<StopKind> {
        self.carrier()?;
        match self.status.phase() {
            Phase::Placed | Phase::Preparing | Phase::Ready => Some(StopKind::Pickup),
            Phase::OnTheWay => {
                let leads = self.placed.workflow.leads_to_customer(self.status);
                leads.then_some(StopKind::Dropoff)
            }
            Phase::Returning
            | Phase::Delivered
            | Phase::Returned
            | Phase::Cancelled
            | Phase::Failed => None,
        }
    }

    /// Returns the time since which the driver goes to the [next stop](Self::next_stop). Positions from
    /// before are not of this way.
    pub(super) fn next_stop_since(&self) -> Option<Timestamp> {
        let assigned = self.stamps.get(&Stamp::DriverAssigned).copied()?;
        match self.next_stop()? {
            StopKind::Pickup => Some(assigned),
            // Also after the order was opened again, or the next attempt began.
            StopKind::Dropoff => Some(assigned.max(self.status_since)),
        }
    }

    /// True if the order's driver had the order at this time already.
    pub(super) fn has_been_carried_at(&self, at: Timestamp) -> bool {
        self.stamps.get(&Stamp::DriverAssigned).is_some_and(|assigned| *assigned <= at)
    }

    /// Returns the last estimate of the driver's arrival at the customer's, while it is of use.
    pub fn eta(&self) -> Option<Timestamp> {
        let has_arrived = self.told.arrived.contains(&StopKind::Dropoff);
        let told = self.told.eta.filter(|_| self.next_stop().is_some() && !has_arrived);
        told.map(|(_, arrives_at)| arrives_at)
    }
}

impl Told {
    /// Returns the facts that have been told after `event` of `order`, to which the event is already applied.
    pub(super) fn after(mut self, event: &Event, order: &Order) -> Self {
        match &event.data {
            // An assignment begins a trip, and a failed delivery another way to the customer.
            EventData::DriverAssigned { .. }
            | EventData::DriverUnassigned { .. }
            | EventData::DeliveryFailed { .. } => return Self::default(),
            EventData::Arrived(arrived) => self.arrived.push(arrived.stop),
            EventData::Approaching { arrives_at } => {
                self.is_approaching = true;
                self.eta = order.next_stop().map(|stop| (stop, *arrives_at));
            }
            EventData::EtaChanged(Eta { arrives_at, .. }) => {
                self.estimates = self.estimates.saturating_add(1);
                self.eta = order.next_stop().map(|stop| (stop, *arrives_at));
            }
            EventData::GpsGap(GpsGap { since, .. }) => self.silent_since = Some(*since),
            EventData::GpsBack { .. } => self.silent_since = None,
            _ => {}
        }
        match order.status.phase() {
            Phase::Placed | Phase::Preparing | Phase::Ready | Phase::OnTheWay => self,
            Phase::Returning
            | Phase::Delivered
            | Phase::Returned
            | Phase::Cancelled
            | Phase::Failed => Self::default(),
        }
    }

    /// True if nothing has been told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Parses the stored text.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<_> = text.split(':').collect();
        let &[arrived, approaching, estimates, of, eta, silent] = &parts[..] else {
            return Err(Invalid::new("must have six parts"));
        };
        let parsed = || {
            let times = [eta, silent].map(|time| match time {
                "" => Some(None),
                millis => millis.parse().ok().and_then(Timestamp::from_epoch_millis).map(Some),
            });
            let [Some(eta), Some(silent_since)] = times else { return None };
            let eta = match (of.chars().next(), eta) {
                (None, None) => None,
                (Some(of), Some(eta)) => Some((StopKind::of_letter(of)?, eta)),
                _ => return None,
            };
            Some(Self {
                arrived: arrived.chars().map(StopKind::of_letter).collect::<Option<_>>()?,
                is_approaching: approaching == "a",
                estimates: estimates.parse().ok()?,
                eta,
                silent_since,
            })
        };
        parsed().ok_or(Invalid::new("must be the facts of a trip"))
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |at: Option<Timestamp>| at.map(|at| at.epoch_millis().to_string());
        let arrived: String = self.arrived.iter().map(|stop| stop.letter()).collect();
        let approaching = if self.is_approaching { "a" } else { "" };
        let of = self.eta.map(|(stop, _)| stop.letter().to_string()).unwrap_or_default();
        let eta = millis(self.eta.map(|(_, at)| at)).unwrap_or_default();
        let silent = millis(self.silent_since).unwrap_or_default();
        write!(f, "{arrived}:{approaching}:{}:{of}:{eta}:{silent}", self.estimates)
    }
}

text_form!(Told);

impl StopKind {
    const fn letter(self) -> char {
        match self {
            Self::Pickup => 'p',
            Self::Dropoff => 'd',
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|stop| stop.letter() == letter)
    }
}
