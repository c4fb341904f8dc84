//! Reading addresses.

use domain::{Address, AddressText, Location, Shaped};
use serde_json::Value;

use super::{Content, Fields, Form, form_of_none, of_text};

const ABOUT: &str = "A postal address: its text, or an object that can have its location too, in degrees \
                     of WGS 84.";

impl Fields<'_> {
    /// Reads an optional address: its text, or `{"text", "location"?: {"lat", "lng"}}`.
    pub fn address(&mut self, name: &str) -> Option<Address> {
        self.address_of(name, false)
    }

    /// Reads a required address as [`Fields::address`] does.
    pub fn required_address(&mut self, name: &str) -> Option<Address> {
        self.address_of(name, true)
    }

    fn address_of(&mut self, name: &str, is_required: bool) -> Option<Address> {
        if let Some(form) = &mut self.form {
            let mut of = Form::default();
            form_of_none(&mut of, located);
            let (shape, title) = (AddressText::SHAPE, "GivenAddress");
            form.note(name, is_required, Content::TextOr { about: ABOUT, shape, title, of });
        }
        self.demand(name, is_required);
        match self.take(name)? {
            value @ Value::Object(_) => {
                Self::object_at(self.pointer_to(name), value, self.errors, None, located)
            }
            value @ Value::String(_) => {
                let text = of_text(Address::parse)(value);
                text.map_err(|invalid| self.wrong(name, invalid.0)).ok()
            }
            _ => {
                self.wrong(name, "must be a string or an object");
                None
            }
        }
    }
}

fn located(fields: &mut Fields<'_>) -> Option<Address> {
    let text = fields.required_text("text", AddressText::parse);
    let location = fields.object("location", location);
    Some(Address { text: text?, location })
}

fn location(fields: &mut Fields<'_>) -> Option<Location> {
    let lat = fields.required_decimal("lat", -Location::MAX_LAT, Location::MAX_LAT);
    let lng = fields.required_decimal("lng", -Location::MAX_LNG, Location::MAX_LNG);
    Location::new(lat?, lng?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(address: &Value) -> Result<Option<Address>, Value> {
        let body = json!({ "address": address });
        let read = Fields::read(body, |fields| Some(fields.address("address")));
        read.map_err(|problem| json!(problem.body())["errors"].clone())
    }

    #[test]
    fn an_address_is_text_or_text_with_a_location() {
        let plain = Address::parse("1 Mill Lane\nLeeds").unwrap();
        let location = Location::new(90.0, -180.0).ok();
        let located = Address { location, ..plain.clone() };
        let point = json!({ "lat": 90, "lng": -180.0 });
        for (given, expected) in [
            (Value::Null, None),
            (json!("1 Mill Lane\r\nLeeds"), Some(&plain)),
            (json!({ "text": "1 Mill Lane\rLeeds" }), Some(&plain)),
            (json!({ "text": "1 Mill Lane\nLeeds", "location": null }), Some(&plain)),
            (json!({ "text": "1 Mill Lane\nLeeds", "location": point }), Some(&located)),
        ] {
            assert_eq!(read(&given).unwrap().as_ref(), expected, "{given}");
        }
    }

    #[test]
    fn a_wrong_address_names_what_is_wrong() {
        let of = |location: Value| json!({ "text": "here", "location": location });
        for (given, pointers) in [
            (json!(""), vec!["/address"]),
            (json!(7), vec!["/address"]),
            (json!([]), vec!["/address"]),
            (json!({}), vec!["/address/text"]),
            (json!({ "text": null, "location": null }), vec!["/address/text"]),
            (json!({ "text": "\u{0}", "colour": 1 }), vec!["/address/text", "/address/colour"]),
            (json!({ "text": { "text": "here" } }), vec!["/address/text"]),
            (of(json!("51.5,-0.1")), vec!["/address/location"]),
            (of(json!([51.5, -0.1])), vec!["/address/location"]),
            (of(json!({})), vec!["/address/location/lat", "/address/location/lng"]),
            (of(json!({ "lat": null, "lng": 0 })), vec!["/address/location/lat"]),
            (of(json!({ "lat": 90.000_000_1, "lng": 0 })), vec!["/address/location/lat"]),
            (of(json!({ "lat": 0, "lng": -180.000_000_1 })), vec!["/address/location/lng"]),
            (
                of(json!({ "lat": "51.5", "lng": "NaN" })),
                vec!["/address/location/lat", "/address/location/lng"],
            ),
            (of(json!({ "lat": 0, "lng": 0, "alt": 0 })), vec!["/address/location/alt"]),
        ] {
            let errors = read(&given).unwrap_err();
            let named = errors.as_array().unwrap().iter();
            let named: Vec<_> = named.map(|it| it["pointer"].as_str().unwrap()).collect();
            assert_eq!(named, pointers, "{given}");
        }
        let body = json!({});
        let missing = Fields::read(body, |fields| Some(fields.required_address("address")));
        let errors = json!(missing.unwrap_err().body())["errors"].clone();
        assert_eq!(errors, json!([{ "pointer": "/address", "detail": "is required" }]));
    }
}
