//! The position of an order's driver, as principals see it.

use std::collections::BTreeSet;

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::sees_whole;
use crate::values::name_enum;
use crate::{
    Cell, DriverId, Fix, Fleet, Operation, Order, OrderId, Party, Phase, Principal, Roster, Stamp,
    Stop, visited_before,
};

/// The age in seconds beyond which a position is not shown to those who see what customers see.
const HIDDEN_AFTER_S: i64 = 10 * 60;

name_enum! {
    /// The state of the position of an order's driver, for one principal.
    pub enum PositionState as "PositionState": "`no_driver`: the order has no driver. `no_position`: \
        the driver has sent no position on this trip. `not_shown`: you do not see the position now. \
        `stale`: the position is older than three minutes; customers do not see one older than ten. \
        `current`: it is not older." {
        NoDriver = "no_driver",
        NoPosition = "no_position",
        NotShown = "not_shown",
        Stale = "stale",
        Current = "current",
    }
}

name_enum! {
    /// How exactly a principal sees a position.
    pub enum Precision as "PositionPrecision": "`exact`, or `coarse`: the centre of a geohash cell of \
        six digits (1.2 km by 0.6 km at the equator) in which the driver is, because another stop \
        comes first." {
        Exact = "exact",
        Coarse = "coarse",
    }
}

/// The driver of an order, as it is known now.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub roster: &'a Roster,
    /// The driver's position, perhaps of an earlier duty or trip.
    pub fix: Option<&'a Fix>,
    /// The places of the driver's orders, as far as they are known.
    pub stops: &'a [Stop],
    /// The driver's orders that are [`on_the_way`].
    pub on_the_way: &'a BTreeSet<OrderId>,
}

/// A position of a driver that may be shown to those who see the order.
#[derive(Clone, Copy, Debug)]
pub struct ShownPosition<'a> {
    pub fix: &'a Fix,
    /// The number of the driver's other deliveries that probably come before this one.
    pub stops_before: usize,
}

/// The position of an order's driver.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Position")]
pub struct PositionView {
    /// The time at which the driver's device measured it.
    at: Timestamp,
    /// Degrees north of the equator.
    lat: f64,
    /// Degrees east of Greenwich.
    lng: f64,
    precision: Precision,
    /// The radius within which the driver is with a probability of 95 %, in metres; absent if the
    /// device did not say it or the position is coarse.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
    /// The direction of travel, in degrees clockwise from true north; absent like `accuracy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<f64>,
    /// In metres per second; absent like `accuracy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<f64>,
    /// The number of the driver's other deliveries that probably come before this one.
    stops_before: usize,
}

/// The part of a driver's trip that a principal sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The trip from the assignment on.
    Trip,
    /// The trip from the pickup on, and back.
    FromPickup,
    /// The part that customers see.
    Customers,
}

impl Reach {
    /// Returns what `principal`, who sees the order, sees of a driver of this fleet.
    fn of(principal: &Principal, order: &Order, roster: &Roster) -> Option<Self> {
        match &principal.party {
            Party::Ops | Party::Support => Some(Self::Trip),
            Party::Driver => principal.is_driver(&roster.driver).then_some(Self::Trip),
            Party::Merchant { .. } if roster.fleet == own_fleet(order) => Some(Self::FromPickup),
            Party::Merchant { .. } | Party::Customer { .. } => Some(Self::Customers),
            Party::System => None,
        }
    }

    const fn includes(self, phase: Phase) -> bool {
        match (self, phase) {
            (Self::Trip, phase) => phase.is_open(),
            (Self::FromPickup, Phase::OnTheWay | Phase::Returning)
            | (Self::Customers, Phase::OnTheWay) => true,
            (Self::FromPickup | Self::Customers, _) => false,
        }
    }

    /// Returns the time before which no position is of the trip.
    fn begin(self, order: &Order) -> Option<Timestamp> {
        let stamp = |stamp| order.stamps.get(&stamp).copied();
        let assigned = stamp(Stamp::DriverAssigned)?;
        match self {
            Self::Trip => Some(assigned),
            Self::FromPickup | Self::Customers => Some(stamp(Stamp::PickedUp)?.max(assigned)),
        }
    }
}

fn own_fleet(order: &Order) -> Fleet {
    Fleet::of(Some(order.placed.merchant.clone()))
}

/// Returns the position that `principal` sees of the driver of `order` at `now`, and how exactly; or
/// the reason why it sees none. This is the one table of positions:
///
/// - Nobody sees the position of a driver off duty, of an order that is closed, or from before the
///   driver's trip on this order.
/// - Operations, support and the driver see it from the assignment on; a merchant and its stores that
///   of a driver of their own fleet from the pickup on.
/// - Customers see it while the order is on the way, for ten minutes, and coarsely while another stop
///   comes first: a route betrays the doors of others. Merchants see so the platform's drivers.
pub fn position<'a>(
    principal: &Principal,
    order: &Order,
    source: Option<&Source<'a>>,
    now: Timestamp,
) -> Result<(ShownPosition<'a>, Precision), PositionState> {
    if !sees_whole(principal, order) || !order.is_open() {
        return Err(PositionState::NotShown);
    }
    let driver = order.driver.as_ref().ok_or(PositionState::NoDriver)?;
    let source = source.filter(|source| source.roster.driver == *driver);
    let source = source.ok_or(PositionState::NoPosition)?;
    let reach = Reach::of(principal, order, source.roster);
    let reach = reach.filter(|it| it.includes(order.status.phase()));
    let reach = reach.ok_or(PositionState::NotShown)?;
    if source.roster.on_duty_since.is_none() {
        return Err(PositionState::NotShown);
    }
    let begin = reach.begin(order).ok_or(PositionState::NoPosition)?;
    let fix = source.fix.filter(|fix| fix.is_of_duty(source.roster) && begin <= fix.at);
    let fix = fix.ok_or(PositionState::NoPosition)?;
    let shown = ShownPosition { fix, stops_before: source.stops_before(order.id, fix) };
    match reach {
        Reach::Customers if fix.at.plus_seconds(HIDDEN_AFTER_S) < now => Err(PositionState::Stale),
        Reach::Customers if shown.stops_before > 0 => Ok((shown, Precision::Coarse)),
        Reach::Trip | Reach::FromPickup | Reach::Customers => Ok((shown, Precision::Exact)),
    }
}

/// True if `principal`, who sees the open order, sees positions of its driver at some time, and waits
/// for them: a driver knows where it is.
pub fn may_watch(principal: &Principal, order: &Order) -> bool {
    let is_follower = match &principal.party {
        Party::Ops | Party::Support | Party::Merchant { .. } | Party::Customer { .. } => true,
        Party::Driver | Party::System => false,
    };
    is_follower && order.is_open() && order.placed.workflow.has(Operation::Assign)
}

/// Returns those of `orders` that this driver has and that are on the way.
pub fn on_the_way<'a>(
    driver: &DriverId,
    orders: impl IntoIterator<Item = &'a Order>,
) -> BTreeSet<OrderId> {
    let is_one = |order: &&Order| {
        order.driver.as_ref() == Some(driver) && order.status.phase() == Phase::OnTheWay
    };
    orders.into_iter().filter(is_one).map(|order| order.id).collect()
}

impl Source<'_> {
    /// Returns the number of drop-offs that probably come before that of this order.
    fn stops_before(&self, order: OrderId, fix: &Fix) -> usize {
        let dropoff = |id: &OrderId| {
            self.stops.iter().find(|stop| stop.order == *id).and_then(|stop| stop.dropoff)
        };
        let others = self.on_the_way.iter().filter(|other| **other != order).map(dropoff);
        visited_before(fix.location, dropoff(&order), others)
    }
}

impl ShownPosition<'_> {
    /// Returns the view of the position.
    pub fn view(&self, precision: Precision) -> PositionView {
        let Fix { at, location, accuracy_m, speed, heading } = *self.fix;
        let stops_before = self.stops_before;
        match precision {
            Precision::Exact => {
                let (lat, lng, accuracy) = (location.lat(), location.lng(), accuracy_m);
                PositionView { at, lat, lng, precision, accuracy, heading, speed, stops_before }
            }
            Precision::Coarse => {
                let (lat, lng) = Cell::of(location).centre();
                let (accuracy, heading, speed) = (None, None, None);
                PositionView { at, lat, lng, precision, accuracy, heading, speed, stops_before }
            }
        }
    }

    /// Returns the state of the position at `now`.
    pub fn state(&self, now: Timestamp) -> PositionState {
        if self.fix.is_stale(now) { PositionState::Stale } else { PositionState::Current }
    }

    /// Returns the age of the position at `now`, in seconds, rounded up.
    pub fn age_s(&self, now: Timestamp) -> u64 {
        now.seconds_since(self.fix.at)
    }
}
