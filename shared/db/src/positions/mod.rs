//! The positions of drivers: the item `last` of each, the complete runs of fixes before it, and the
//! search for the drivers nearest to a point.
//!
//! An upload writes the item `last` alone, every few dozen fixes a complete run, and the roster only when
//! the driver comes into another cell: the roster's transactions would collide with it.

mod change;
mod encoding;
mod erasure;
mod last;
mod search;
mod sources;
mod stops;
mod tracks;
mod watches;

pub use last::{Kept, LastPosition, Whereabouts};
pub use sources::MovedDriver;
