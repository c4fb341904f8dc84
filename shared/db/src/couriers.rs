//! Drivers as customers see them.

use domain::{Courier, DriverId, Name, PhotoUrl, Vehicle, first_name};
use serde::Deserialize;

use crate::{Db, DbError, Item, keys};

/// The attributes of a driver's profile and roster that a customer's view is made of.
const SHOWN: &str = "#name, photo_url, vehicle";

/// The shown attributes of both items together.
#[derive(Deserialize)]
struct CourierItem {
    name: Option<Name>,
    photo_url: Option<PhotoUrl>,
    vehicle: Option<Vehicle>,
}

impl CourierItem {
    /// Returns the courier, if the driver has both a profile and a roster.
    fn courier(self) -> Option<Courier> {
        let Self { name, photo_url, vehicle } = self;
        Some(Courier { first_name: first_name(&name?), vehicle: vehicle?, photo_url })
    }
}

impl Db {
    /// Returns a driver as a customer sees it (read eventually consistently); `None` if the driver is
    /// not registered.
    ///
    /// The two items are neighbours of at most 4 KB together, so a query reads them for half a unit,
    /// on one page.
    pub async fn courier(&self, driver: &DriverId) -> Result<Option<Courier>, DbError> {
        let page = self
            .client
            .query()
            .table_name(&self.tables.drivers)
            .key_condition_expression("driver_id = :driver AND #item BETWEEN :profile AND :roster")
            .projection_expression(SHOWN)
            .expression_attribute_names("#item", "item")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":driver", keys::text(driver.as_str()))
            .expression_attribute_values(":profile", keys::text(keys::PROFILE))
            .expression_attribute_values(":roster", keys::text(keys::ROSTER))
            .send()
            .await?;
        let both: Item = page.items.into_iter().flatten().flatten().collect();
        Ok(serde_dynamo::from_item::<_, CourierItem>(both)?.courier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_driver_is_no_courier() {
        let name = || Name::parse("Dan Smith").ok();
        let vehicle = || Some(Vehicle::default());
        for (name, vehicle, is_one) in [
            (name(), vehicle(), true),
            (name(), None, false),
            (None, vehicle(), false),
            (None, None, false),
        ] {
            let item = CourierItem { name, photo_url: None, vehicle };
            assert_eq!(item.courier().is_some(), is_one);
        }
    }
}
