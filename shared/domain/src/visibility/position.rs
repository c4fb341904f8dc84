//! The position of an order's driver, as principals see it.

use std::collections::BTreeSet;

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::sees_whole;
use crate::values::name_enum;
use crate::{
    Cell, DriverId, Eta, Fix, Fleet, MerchantId, Operation, Order, OrderId, Party, Phase,
    PositionsFrom, Principal, Roster, Stamp, Stop, visited_before, way_to,
};

/// The age in seconds beyond which a position is not shown to those who see what customers see.
const HIDDEN_AFTER_S: i64 = 10 * 60;

/// The time in seconds for which a driver may still be at the door after the order was delivered, or
/// turned back.
const AT_DOOR_S: i64 = 2 * 60;

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
        comes first, or was left in the last two minutes." {
        Exact = "exact",
        Coarse = "coarse",
    }
}

/// A driver with orders, as it is known now.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    roster: &'a Roster,
    fix: Option<&'a Fix>,
    /// The places of the driver's orders, as far as they are known.
    stops: &'a [Stop],
    /// Those of them that the driver has still to go to.
    to_visit: Vec<Stop>,
    on_the_way: BTreeSet<OrderId>,
    /// The time at which the driver left a door last.
    door_left_at: Option<Timestamp>,
    /// True if an order of the roster is not known, or not the driver's any more: it was perhaps delivered
    /// a moment ago, after the roster was read.
    is_unsure: bool,
}

/// A position of a driver that may be shown to those who see the order.
#[derive(Clone, Copy, Debug)]
pub struct ShownPosition<'a> {
    pub fix: &'a Fix,
    /// The number of the driver's other deliveries that probably come before this one.
    pub stops_before: usize,
    /// The time at which the driver probably comes to the customer.
    pub eta: Option<Timestamp>,
}

/// The position of an order's driver.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Position")]
pub struct PositionView {
    #[serde(flatten)]
    fix: FixView,
    precision: Precision,
    /// The number of the driver's other deliveries that probably come before this one.
    stops_before: usize,
    /// The time at which the driver probably comes to the customer, by this position; absent if it is
    /// not known, if the position is coarse, and for those who see what customers see while another stop
    /// comes first. An order's own `eta` is the last one that was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<Timestamp>,
}

/// The position of a driver, for those who follow the fleet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FleetPosition")]
pub struct FleetPositionView {
    driver: DriverId,
    /// The merchant whose own fleet the driver belongs to; absent for the platform's.
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<MerchantId>,
    #[serde(flatten)]
    fix: FixView,
}

/// A measured position.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
struct FixView {
    /// The time at which the driver's device measured it.
    at: Timestamp,
    /// Degrees north of the equator.
    lat: f64,
    /// Degrees east of Greenwich.
    lng: f64,
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
            Party::Merchant { .. } if roster.fleet == own_fleet(order) => {
                Some(match order.placed.terms.positions_from {
                    PositionsFrom::Assignment => Self::Trip,
                    PositionsFrom::Pickup => Self::FromPickup,
                })
            }
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
///   of a driver of their own fleet from the pickup on, or as the merchant's terms say.
/// - Customers see it while the order is on the way, for ten minutes, and coarsely while another stop
///   comes first, and until two minutes after another was left: a route betrays the doors of others.
///   Merchants see so the platform's drivers.
///
/// [`fleet_position`] follows from it.
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
    let stops_before = source.stops_before(order.id, fix);
    let eta = source.eta(reach, order, fix, now);
    let shown = ShownPosition { fix, stops_before, eta };
    match reach {
        Reach::Customers if fix.at.plus_seconds(HIDDEN_AFTER_S) < now => Err(PositionState::Stale),
        Reach::Customers if shown.stops_before > 0 || source.is_at_a_door(fix, now) => {
            Ok((shown, Precision::Coarse))
        }
        Reach::Trip | Reach::FromPickup | Reach::Customers => Ok((shown, Precision::Exact)),
    }
}

/// Returns the exact position of a driver, whose `orders` these are, if `principal` sees it with the
/// driver's fleet: operations that of a driver on duty, and a merchant with an own fleet as far as
/// [`position`] shows it for one of its orders.
pub fn fleet_position<'a>(
    principal: &Principal,
    source: &Source<'a>,
    orders: &[&Order],
    now: Timestamp,
) -> Option<&'a Fix> {
    let Source { roster, fix, .. } = source;
    match &principal.party {
        Party::Ops => fix.filter(|fix| fix.is_of_duty(roster)),
        Party::Merchant { merchant, store: None } if roster.fleet.merchant() == Some(merchant) => {
            let shown = orders.iter().find_map(|order| {
                let seen = position(principal, order, Some(source), now);
                seen.ok().filter(|(_, precision)| *precision == Precision::Exact)
            });
            shown.map(|(shown, _)| shown.fix)
        }
        _ => None,
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

impl<'a> Source<'a> {
    /// Returns a driver with the position, perhaps of an earlier duty or trip, the known places of its
    /// orders, and these orders as they are now. Others among them do not count.
    pub fn new<'b>(
        roster: &'a Roster,
        fix: Option<&'a Fix>,
        stops: &'a [Stop],
        orders: impl IntoIterator<Item = &'b Order>,
    ) -> Self {
        let (mut to_visit, mut on_the_way) = (Vec::new(), BTreeSet::new());
        let (mut door_left_at, mut missing) = (roster.order_left_at, roster.orders.clone());
        for order in orders.into_iter().filter(|it| it.driver.as_ref() == Some(&roster.driver)) {
            let stop = stops.iter().find(|stop| stop.order == order.id);
            to_visit.extend(stop.and_then(|stop| stop.remaining(order)));
            if order.carrier().is_some() {
                missing.remove(&order.id);
            }
            match order.status.phase() {
                Phase::OnTheWay => drop(on_the_way.insert(order.id)),
                Phase::Returning => door_left_at = door_left_at.max(Some(order.status_since)),
                _ => {}
            }
        }
        let is_unsure = !missing.is_empty();
        Self { roster, fix, stops, to_visit, on_the_way, door_left_at, is_unsure }
    }

    /// True if the driver may have been at the door of another order, which was just left or is about to
    /// be. A device's clock can be fast.
    fn is_at_a_door(&self, fix: &Fix, now: Timestamp) -> bool {
        let is_near = |left: Timestamp| fix.at.min(now) < left.plus_seconds(AT_DOOR_S);
        self.is_unsure || self.door_left_at.is_some_and(is_near)
    }

    /// Estimates when the driver comes to the customer of this order. To a customer, a way by the door of
    /// another would tell how far that one is.
    fn eta(&self, reach: Reach, order: &Order, fix: &Fix, now: Timestamp) -> Option<Timestamp> {
        order.next_stop().filter(|_| !fix.is_stale(now))?;
        let way = way_to(order.id, fix.location, &self.to_visit)?;
        let is_direct = way.stops_before == 0;
        let eta = Eta::of(fix, way, self.roster.vehicle.kind, now).arrives_at;
        Some(eta).filter(|_| is_direct || reach != Reach::Customers)
    }

    /// Returns the view of a position that [`fleet_position`] shows.
    pub fn view(&self, fix: &Fix) -> FleetPositionView {
        let driver = self.roster.driver.clone();
        let merchant = self.roster.fleet.merchant().cloned();
        FleetPositionView { driver, merchant, fix: FixView::exact(fix) }
    }

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
        let Self { fix, stops_before, eta } = *self;
        let (fix, eta) = match precision {
            Precision::Exact => (FixView::exact(fix), eta),
            Precision::Coarse => (FixView::coarse(fix), None),
        };
        PositionView { fix, precision, stops_before, eta }
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

impl FixView {
    fn exact(fix: &Fix) -> Self {
        let Fix { at, location, accuracy_m: accuracy, speed, heading } = *fix;
        Self { at, lat: location.lat(), lng: location.lng(), accuracy, heading, speed }
    }

    fn coarse(fix: &Fix) -> Self {
        let (lat, lng) = Cell::of(fix.location).centre();
        Self { at: fix.at, lat, lng, accuracy: None, heading: None, speed: None }
    }
}
