//! The positions of drivers as those who may see them read them.

use std::collections::HashMap;

use domain::{DriverId, Fix};
use serde::Deserialize;
use serde_json::Value;

use super::{LastPosition, Whereabouts};
use crate::drivers::{drivers_of, roster};
use crate::{Consistency, Db, DbError, Item, keys};

/// The driver and the position in a record of the stream of `positions`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MovedDriver {
    pub driver_id: DriverId,
    /// `None` if no fix was exact enough yet.
    #[serde(default)]
    pub fix: Option<Fix>,
}

impl MovedDriver {
    /// Parses an image of an item `last`, in the stream's JSON.
    pub fn from_image(image: &Value) -> Result<Self, DbError> {
        // The others are of no interest here, and some are binary.
        let attributes = ["driver_id", "fix"].into_iter().filter_map(|name| {
            let value = image.get(name)?.clone();
            Some((name.to_owned(), value))
        });
        let image = Value::Object(attributes.collect());
        let item: serde_dynamo::Item = serde_json::from_value(image).map_err(DbError::corrupt)?;
        Ok(serde_dynamo::from_item(item)?)
    }
}

impl Db {
    /// Returns the rosters and the positions of at most 100 different drivers, in no order. Those that
    /// do not exist are left out.
    pub async fn whereabouts_of(
        &self,
        drivers: &[DriverId],
        consistency: Consistency,
    ) -> Result<Vec<Whereabouts>, DbError> {
        let keys_of = |key: fn(&DriverId) -> Item| drivers.iter().map(key).collect();
        let (rosters, positions) = futures_util::try_join!(
            self.get_all(&self.tables.drivers, keys_of(keys::roster), consistency),
            self.get_all(&self.tables.positions, keys_of(keys::last_position), consistency),
        )?;
        let mut last = HashMap::new();
        for (driver, item) in drivers_of(&positions)?.into_iter().zip(positions) {
            last.insert(driver, LastPosition::of(item)?);
        }
        let found = rosters.into_iter().map(|item| {
            let (cell, roster) = (keys::cell_of(&item), roster(item)?);
            let last = last.remove(&roster.driver);
            Ok(Whereabouts { roster, cell, last })
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_says_whose_position_it_is_and_of_when() {
        let mut image = json!({
            "driver_id": { "S": "d1" },
            "item": { "S": "last" },
            "run": { "B": "AAEC" },
            "fix": { "M": {
                "at": { "S": "2026-11-21T09:30:00.000Z" },
                "location": { "M": { "lat": { "N": "51.5" }, "lng": { "N": "-0.1" } } },
            } },
        });
        let moved = MovedDriver::from_image(&image).unwrap();
        assert_eq!(moved.driver_id.as_str(), "d1");
        assert_eq!(moved.fix.map(|fix| fix.at.to_string()).unwrap(), "2026-11-21T09:30:00.000Z");
        image.as_object_mut().unwrap().remove("fix");
        assert_eq!(MovedDriver::from_image(&image).unwrap().fix, None);
        image.as_object_mut().unwrap().remove("driver_id");
        assert!(MovedDriver::from_image(&image).is_err());
    }
}
