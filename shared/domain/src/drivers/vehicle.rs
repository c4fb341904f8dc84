//! The vehicles of drivers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Text;
use crate::values::name_enum;

name_enum! {
    /// The kind of a vehicle, which decides how fast a driver can be.
    #[derive(Default)]
    pub enum VehicleKind as "VehicleKind": "The kind of the driver's vehicle; `bike` by default." {
        Foot = "foot",
        #[default]
        Bike = "bike",
        Scooter = "scooter",
        Car = "car",
        Van = "van",
    }
}

/// The vehicle of a driver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vehicle {
    pub kind: VehicleKind,
    /// Words by which a customer recognises it, such as `red cargo bike`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text<40>>,
}
