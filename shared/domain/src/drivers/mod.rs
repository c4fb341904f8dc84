//! Drivers: the rosters that say who works for whom and carries which orders, and their profiles.

mod access;
mod capacity;
mod courier;
mod fleet;
mod photo;
mod roster;
mod vehicle;

pub use access::DriverRights;
pub use capacity::Capacity;
pub use courier::{Courier, FirstName, first_name};
pub use fleet::Fleet;
pub use photo::PhotoUrl;
pub use roster::{Drivers, Duty, Profile, Roster, Unavailable};
pub use vehicle::{Vehicle, VehicleKind};
