//! Decides the facts of a driver's trip that Waybill tells by itself.

use clock::Timestamp;

use super::decide_all;
use crate::{
    APPROACHING_S, Advice, Arrived, Context, Decision, DriverId, Eta, Fact, Fix, GpsGap, InPlace,
    Order, Outage, Principal, Rejection, Stop, StopKind, VehicleKind, arrival, distance_m, way_to,
};

/// The greatest number of estimates that are told about a trip: a driver can make no history long.
pub const MAX_ESTIMATES: u8 = 10;

/// The least difference by which an estimate has changed, in seconds.
const LEAST_CHANGE_S: i64 = 2 * 60;

/// The part of the time that was left by which it has changed, if that is more.
const LEAST_CHANGE: i64 = 5;

/// The news of the driver of orders.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Positions have come.
    Positions(Sighting),
    /// None has come.
    Silence(Silence),
}

/// The positions of a driver, and the places that the driver has to go to.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    pub driver: DriverId,
    pub vehicle: VehicleKind,
    /// The fixes that are known, in order of time.
    pub fixes: Vec<Fix>,
    /// The position of the driver: the newest fix that is not coarse or doubted.
    pub last: Fix,
    /// The stops of the driver's orders that have not been made yet, as far as the orders were read.
    pub stops: Vec<Stop>,
}

/// The time for which a driver has been silent.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    pub driver: DriverId,
    /// The time of the last position.
    pub since: Timestamp,
    /// The intervals at which the driver's device was to send.
    pub advised: Advice,
    /// The reason that the device has given.
    pub reason: Option<Outage>,
}

/// Returns the decision on the news of an order's driver: the facts that are new. An order that has
/// moved, or has another driver, has none.
pub fn tell(order: &Order, news: &News, now: Timestamp) -> Result<Decision, Rejection> {
    let principal = Principal::system("positions");
    let commands = facts(order, news, now).into_iter().map(|fact| InPlace::Tell(fact).into());
    decide_all(order, commands, &Context::new(now, &principal))
}

/// Returns the facts that are new with the news of the order's driver.
pub fn facts(order: &Order, news: &News, now: Timestamp) -> Vec<Fact> {
    let driver = match news {
        News::Positions(sighting) => &sighting.driver,
        News::Silence(silence) => &silence.driver,
    };
    let is_theirs = order.carrier() == Some(driver);
    let (Some(stop), Some(since)) = (order.next_stop(), order.next_stop_since()) else {
        return Vec::new();
    };
    match news {
        _ if !is_theirs => Vec::new(),
        News::Positions(sighting) => {
            let way = OnWay { order, sighting, stop, since };
            let arrived = way.arrived();
            let has_arrived = arrived.is_some() || order.told.arrived.contains(&stop);
            let eta = way.eta(now).filter(|_| !has_arrived);
            let told = eta.into_iter().flat_map(|eta| way.estimates(eta, now));
            way.back().into_iter().chain(told).chain(arrived).collect()
        }
        News::Silence(silence) => gap(order, stop, silence, now).into_iter().collect(),
    }
}

/// Returns the gap in the positions of an order on its way. A device that has not sent any position
/// since the driver has the order is not missed.
fn gap(order: &Order, stop: StopKind, silence: &Silence, now: Timestamp) -> Option<Fact> {
    let Silence { since, reason, .. } = *silence;
    let is_new = stop == StopKind::Dropoff && order.told.silent_since.is_none();
    let is_of_trip = order.has_been_carried_at(since);
    let after = silence.advised.silent_after_s().filter(|_| is_new && is_of_trip)?;
    (since.plus_seconds(after) < now).then_some(Fact::GpsGap(GpsGap { since, reason }))
}

/// The way of an order's driver to a stop.
#[derive(Clone, Copy)]
struct OnWay<'a> {
    order: &'a Order,
    sighting: &'a Sighting,
    stop: StopKind,
    since: Timestamp,
}

impl OnWay<'_> {
    fn back(self) -> Option<Fact> {
        let since = self.order.told.silent_since?;
        (since < self.sighting.last.at).then_some(Fact::GpsBack { since })
    }

    fn arrived(self) -> Option<Fact> {
        let Self { order, sighting, stop, since } = self;
        let places = self.places().filter(|_| !order.told.arrived.contains(&stop))?;
        let place = match stop {
            StopKind::Pickup => places.pickup?,
            StopKind::Dropoff => places.dropoff?,
        };
        let begins = sighting.fixes.partition_point(|fix| fix.at < since);
        let fix = arrival(&sighting.fixes[begins..], place)?;
        Some(Fact::Arrived(Arrived {
            stop,
            measured_at: fix.at,
            distance_m: whole(distance_m(fix.location, place)),
            accuracy_m: fix.accuracy_m.map(whole),
        }))
    }

    /// Estimates the arrival at the customer's.
    fn eta(self, now: Timestamp) -> Option<Eta> {
        let Self { order, sighting, stop, since } = self;
        let Sighting { vehicle, last, stops, .. } = sighting;
        let is_fresh = since <= last.at && !last.is_stale(now);
        let places = self.places().filter(|_| is_fresh)?;
        // The way by a pickup whose place is unknown is unknown.
        if stop == StopKind::Pickup && places.pickup.is_none() {
            return None;
        }
        let left = |places: &Stop| match stop {
            StopKind::Dropoff if places.order == order.id => Stop { pickup: None, ..*places },
            _ => *places,
        };
        let stops: Vec<_> = stops.iter().map(left).collect();
        let way = way_to(order.id, last.location, &stops)?;
        Some(Eta::of(last, way, *vehicle, now))
    }

    /// Returns what there is to tell about an estimate.
    fn estimates(self, eta: Eta, now: Timestamp) -> Vec<Fact> {
        let last = &self.order.told;
        let arrives_at = eta.arrives_at;
        let has_changed = last.eta.is_none_or(|(stop, told)| {
            stop != self.stop
                || seconds(told, arrives_at).abs() > least_change(told, now) << self.moves()
        });
        let changed = has_changed && last.estimates < MAX_ESTIMATES;
        let approaches = self.stop == StopKind::Dropoff
            && !last.is_approaching
            && seconds(now, arrives_at) <= APPROACHING_S;
        let changed = changed.then_some(Fact::EtaChanged(eta));
        let approaching = approaches.then_some(Fact::Approaching { arrives_at });
        changed.into_iter().chain(approaching).collect()
    }

    /// Returns the number of times that a changed estimate has been told. Each needs twice the change of the
    /// one before: one that swings is told seldom, and one that grows again and again is still told.
    fn moves(self) -> u8 {
        let first = match self.stop {
            StopKind::Pickup => 1,
            StopKind::Dropoff => 2,
        };
        self.order.told.estimates.saturating_sub(first).min(MAX_ESTIMATES)
    }

    fn places(self) -> Option<Stop> {
        self.sighting.stops.iter().find(|places| places.order == self.order.id).copied()
    }
}

fn least_change(told: Timestamp, now: Timestamp) -> i64 {
    LEAST_CHANGE_S.max(seconds(now, told) / LEAST_CHANGE)
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    (to.epoch_millis() - from.epoch_millis()) / 1000
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "on the Earth")]
fn whole(metres: f64) -> u32 {
    metres.max(0.0).round() as u32
}
