//! The body of a request.

use domain::{
    Address, Invalid, MAX_OPENINGS, MerchantId, Name, Opening, OpeningHours, Phone, Store, StoreId,
    TimeOfDay, TimeZone, Weekday,
};
use http_api::Fields;
use serde_json::{Value, json};

/// A store's record as requested.
pub(super) struct Record {
    name: Name,
    address: Address,
    phone: Option<Phone>,
    hours: Option<OpeningHours>,
}

impl Record {
    /// Returns the store with this record.
    pub(super) fn of(self, merchant: MerchantId, id: StoreId) -> Store {
        let Self { name, address, phone, hours } = self;
        Store { merchant, id, name, address, phone, hours }
    }
}

pub(super) fn example() -> Value {
    json!({
        "name": "Green Grocer, High Street",
        "address": {
            "text": "1 High Street, London",
            "location": { "lat": 51.514_941, "lng": -0.099_301 },
        },
        "phone": "+44 20 7946 0018",
        "hours": {
            "time_zone": "Europe/London",
            "weekly": [
                { "days": ["mon", "tue", "wed", "thu"], "opens": "08:00", "closes": "20:00" },
                { "days": ["fri", "sat"], "opens": "08:00", "closes": "01:00" },
            ],
        },
    })
}

/// `{"name", "address", "phone"?, "hours"?: {"time_zone", "weekly": [OPENING, …]}}`
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Record> {
    let name = fields.required_text("name", Name::parse);
    let address = fields.required_address("address");
    let phone = fields.text("phone", Phone::parse);
    let hours = fields.object("hours", hours);
    Some(Record { name: name?, address: address?, phone, hours })
}

fn hours(fields: &mut Fields<'_>) -> Option<OpeningHours> {
    let time_zone = fields.required_text("time_zone", TimeZone::parse);
    let weekly = fields.list("weekly", 1..=MAX_OPENINGS, opening);
    Some(OpeningHours { time_zone: time_zone?, weekly })
}

/// `{"days": [DAY, …], "opens", "closes"}`
fn opening(fields: &mut Fields<'_>) -> Option<Opening> {
    let days = fields.required_texts("days", 1..=Weekday::ALL.len(), weekday);
    let opens = fields.required_text("opens", TimeOfDay::parse);
    let closes = fields.required_text("closes", TimeOfDay::parse);
    Some(Opening { days: days?.into_iter().collect(), opens: opens?, closes: closes? })
}

fn weekday(name: &str) -> Result<Weekday, Invalid> {
    Weekday::named(name).ok_or(Invalid::new("must be mon, tue, wed, thu, fri, sat or sun"))
}
