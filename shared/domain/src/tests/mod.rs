//! Tests of the rules as a whole; a single type's guarantees are tested next to the type.

mod clocks;
mod creation;
mod dispatch;
mod facts;
mod heads;
mod histories;
mod issues;
mod loads;
mod money;
mod offers;
mod paths;
mod reach;
mod refusals;
mod sight;
mod sight_of_baskets;
mod sight_of_couriers;
mod sight_of_events;
mod sight_of_positions;
mod workflows;

use crate::Principal;
use crate::samples::{clerk, customer, driver, merchant, ops, support, system};

/// Returns a person of the tables of sights: one who has to do with an order of driver d1 for merchant m1's
/// store s1 and customer c1, or one of others.
fn principal_called(name: &str) -> Principal {
    match name {
        "ops" => ops(),
        "support" => support(),
        "system" => system(),
        "merchant" => merchant("m1"),
        "clerk" => clerk("m1", "s1"),
        "driver" => driver("d1"),
        "customer" => customer("m1", "c1"),
        "other-merchant" => merchant("m2"),
        "other-clerk" => clerk("m1", "s2"),
        "other-driver" => driver("d2"),
        "other-customer" => customer("m1", "c2"),
        "their-customer" => customer("m2", "c1"),
        other => panic!("nobody is called {other}"),
    }
}
