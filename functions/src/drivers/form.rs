//! The bodies of requests.

use domain::{
    Capacity, DriverId, Invalid, MerchantId, Name, Phone, PhotoUrl, Profile, Text, Vehicle,
    VehicleKind,
};
use http_api::Fields;
use serde_json::{Value, json};

/// A driver to register.
pub(super) struct NewDriver {
    pub(super) driver: DriverId,
    pub(super) merchant: Option<MerchantId>,
    pub(super) profile: Profile,
    pub(super) vehicle: Vehicle,
    pub(super) capacity: Capacity,
}

/// The fields to change; `None` for those that stay.
pub(super) struct Changes {
    pub(super) name: Option<Name>,
    pub(super) phone: Option<Phone>,
    pub(super) plate: Option<Text<20>>,
    pub(super) photo_url: Option<PhotoUrl>,
    pub(super) vehicle: Option<Vehicle>,
    pub(super) capacity: Option<Capacity>,
}

impl Changes {
    /// True if a driver may make this change to its own record.
    pub(super) const fn is_a_drivers_own(&self) -> bool {
        let Self { name, phone, plate, photo_url, vehicle: _, capacity } = self;
        let is_profile =
            name.is_some() || phone.is_some() || plate.is_some() || photo_url.is_some();
        !is_profile && capacity.is_none()
    }
}

pub(super) fn example() -> Value {
    json!({
        "driver": "driver-7",
        "name": "Dan Smith",
        "phone": "+44 20 7946 0021",
        "photo_url": "https://cdn.example.com/drivers/7.jpg",
        "vehicle": { "kind": "bike", "label": "red cargo bike" },
        "capacity": 3,
    })
}

/// `{"driver", "merchant"?, "name", "phone"?, "plate"?, "photo_url"?, "vehicle"?, "capacity"?}`
pub(super) fn new_driver(fields: &mut Fields<'_>) -> Option<NewDriver> {
    let driver = fields.required_text("driver", DriverId::parse);
    let merchant = fields.text("merchant", MerchantId::parse);
    let name = fields.required_text("name", Name::parse);
    let Changes { phone, plate, photo_url, vehicle, capacity, .. } = optional(fields);
    let (vehicle, capacity) = (vehicle.unwrap_or_default(), capacity.unwrap_or_default());
    let profile = Profile { name: name?, phone, plate, photo_url };
    Some(NewDriver { driver: driver?, merchant, profile, vehicle, capacity })
}

/// `{"name"?, "phone"?, "plate"?, "photo_url"?, "vehicle"?, "capacity"?}`; at least one is required.
pub(super) fn changes(fields: &mut Fields<'_>) -> Changes {
    fields.some_of(&["name", "phone", "plate", "photo_url", "vehicle", "capacity"]);
    let name = fields.text("name", Name::parse);
    Changes { name, ..optional(fields) }
}

fn optional(fields: &mut Fields<'_>) -> Changes {
    Changes {
        name: None,
        phone: fields.text("phone", Phone::parse),
        plate: fields.text("plate", Text::parse),
        photo_url: fields.text("photo_url", PhotoUrl::parse),
        vehicle: fields.object("vehicle", vehicle),
        capacity: fields.number("capacity"),
    }
}

/// `{"kind", "label"?}`
fn vehicle(fields: &mut Fields<'_>) -> Option<Vehicle> {
    let kind = fields.required_text("kind", kind);
    let label = fields.text("label", Text::parse);
    Some(Vehicle { kind: kind?, label })
}

fn kind(name: &str) -> Result<VehicleKind, Invalid> {
    let named = VehicleKind::named(name);
    named.ok_or(Invalid::new("must be foot, bike, scooter, car or van"))
}

/// `{"on_duty", "force"?}`
pub(super) fn duty(fields: &mut Fields<'_>) -> Option<(bool, bool)> {
    let on_duty = fields.required_flag("on_duty");
    let force = fields.flag("force");
    Some((on_duty?, force))
}
