//! The way of a driver through the stops of several orders.

use super::Stop;
use super::distance::distance_m;
use crate::values::name_enum;
use crate::{Location, OrderId};

name_enum! {
    /// A stop of an order.
    pub enum StopKind as "StopKind": "A stop of an order: where it is picked up, or where it is delivered." {
        Pickup = "pickup",
        Dropoff = "dropoff",
    }
}

/// The way to a stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// The length, in metres; of straight lines from stop to stop.
    pub distance_m: f64,
    /// The number of stops that are made before.
    pub stops_before: u32,
}

/// Returns the way to the last stop of an order, for a driver who always goes to the nearest stop next;
/// `None` if the order has none that is known. Nobody tells Waybill the driver's own plan.
pub fn way_to(order: OrderId, from: Location, stops: &[Stop]) -> Option<Way> {
    let (mut at, mut left) = (from, stops.to_vec());
    let mut way = Way { distance_m: 0.0, stops_before: 0 };
    loop {
        let stops = left.iter().enumerate();
        let stops = stops.filter_map(|(place, of)| Some((place, *of, of.next()?)));
        let nearest = stops.min_by(|(_, one, to), (_, other, there)| {
            let by_distance = distance_m(at, *to).total_cmp(&distance_m(at, *there));
            by_distance.then(one.order.cmp(&other.order))
        });
        let (place, of, stop) = nearest?;
        way.distance_m += distance_m(at, stop);
        at = stop;
        if of.pickup.is_some() && of.dropoff.is_some() {
            left[place].pickup = None;
        } else if of.order == order {
            return of.dropoff.map(|_| way);
        } else {
            left.remove(place);
        }
        way.stops_before += 1;
    }
}

impl Stop {
    /// Returns the place that comes first, as far as it is known.
    fn next(&self) -> Option<Location> {
        self.pickup.or(self.dropoff)
    }
}
