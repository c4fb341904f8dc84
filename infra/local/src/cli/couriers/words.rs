//! Words of the lines that couriers print.

use super::order::Stop;

/// Returns a distance in metres or kilometres.
pub(super) fn distance(metres: f64) -> String {
    if metres < 1000.0 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1000.0) }
}

/// Names a stop of an order.
pub(super) fn stop(stop: Stop, order: &str, has_location: bool) -> String {
    let name = stop.name();
    if has_location {
        return format!("the {name} of order {order}");
    }
    format!("the centre of the town: the {name} of order {order} has no location")
}
