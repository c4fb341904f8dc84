//! A point on the Earth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Invalid;

/// The number of parts of a degree that a location is kept in.
const PARTS: f64 = 1e6;

/// The number of those parts in the unit of a coarse location.
const COARSE: i32 = 10_000;

/// The number of those parts in the unit of a location that is exact to a metre.
const METRE: i32 = 10;

/// A point on the Earth in WGS 84, with six decimals at most: 11 cm.
// The bounds are those of RFC 5870, section 3.4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "Degrees", try_from = "Degrees")]
pub struct Location {
    /// Millionths of a degree.
    lat: i32,
    /// Millionths of a degree.
    lng: i32,
}

impl Location {
    /// The greatest latitude, in degrees; the least is its negative.
    pub const MAX_LAT: i32 = 90;
    /// The greatest longitude, in degrees; the least is its negative.
    pub const MAX_LNG: i32 = 180;

    /// Accepts degrees from −90 to 90 and from −180 to 180, and rounds them to millionths.
    pub fn new(lat: f64, lng: f64) -> Result<Self, Invalid> {
        let lat = parts(lat, Self::MAX_LAT);
        let lat = lat.ok_or(Invalid::new("must have a latitude from -90 to 90"))?;
        let lng = parts(lng, Self::MAX_LNG);
        let lng = lng.ok_or(Invalid::new("must have a longitude from -180 to 180"))?;
        Ok(Self { lat, lng })
    }

    /// Returns the location to a hundredth of a degree: an area of about a kilometre.
    #[must_use]
    pub fn coarse(self) -> Self {
        self.rounded_to(COARSE)
    }

    /// Returns the location to a hundred-thousandth of a degree: 1.1 m.
    #[must_use]
    pub fn to_a_metre(self) -> Self {
        self.rounded_to(METRE)
    }

    fn rounded_to(self, unit: i32) -> Self {
        let rounded = |parts: i32| (parts + parts.signum() * unit / 2) / unit * unit;
        let [lat, lng] = [self.lat, self.lng].map(rounded);
        Self { lat, lng }
    }

    /// Returns latitude and longitude in millionths of a degree.
    pub const fn millionths(self) -> (i32, i32) {
        (self.lat, self.lng)
    }

    /// Returns the location of [`Location::millionths`]; `None` if they are beyond the bounds.
    pub fn of_millionths((lat, lng): (i32, i32)) -> Option<Self> {
        let degrees = |parts: i32| f64::from(parts) / PARTS;
        Self::new(degrees(lat), degrees(lng)).ok()
    }

    /// Returns the latitude, in degrees north of the equator.
    pub fn lat(self) -> f64 {
        f64::from(self.lat) / PARTS
    }

    /// Returns the longitude, in degrees east of Greenwich.
    pub fn lng(self) -> f64 {
        f64::from(self.lng) / PARTS
    }
}

/// Returns degrees as millionths; `None` if they are beyond `most`, or no number.
#[expect(clippy::cast_possible_truncation, reason = "180 million fits an i32")]
fn parts(degrees: f64, most: i32) -> Option<i32> {
    let fits = degrees.abs() <= f64::from(most);
    fits.then(|| (degrees * PARTS).round() as i32)
}

/// The external form of a [`Location`]. The quotient of a whole number and a million is the float
/// nearest to six decimals, so that no more than six are printed.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Degrees {
    /// Degrees north of the equator.
    #[schemars(range(min = -90, max = 90))]
    lat: f64,
    /// Degrees east of Greenwich.
    #[schemars(range(min = -180, max = 180))]
    lng: f64,
}

impl From<Location> for Degrees {
    fn from(location: Location) -> Self {
        Self { lat: location.lat(), lng: location.lng() }
    }
}

impl TryFrom<Degrees> for Location {
    type Error = Invalid;

    fn try_from(degrees: Degrees) -> Result<Self, Invalid> {
        Self::new(degrees.lat, degrees.lng)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_location_is_on_the_earth() {
        for (lat, lng, fits) in [
            (0.0, 0.0, true),
            (90.0, 180.0, true),
            (-90.0, -180.0, true),
            (90.000_000_1, 0.0, false),
            (-90.000_000_1, 0.0, false),
            (0.0, 180.000_000_1, false),
            (0.0, -180.000_000_1, false),
            (f64::NAN, 0.0, false),
            (0.0, f64::NAN, false),
            (f64::INFINITY, 0.0, false),
            (0.0, f64::NEG_INFINITY, false),
            (f64::MAX, 0.0, false),
        ] {
            assert_eq!(Location::new(lat, lng).is_ok(), fits, "{lat} {lng}");
        }
    }

    #[test]
    fn degrees_are_rounded_to_millionths() {
        for (given, kept) in [
            (51.507_351, "51.507351"),
            (51.507_350_9, "51.507351"),
            (0.1 + 0.2, "0.3"),
            (-0.127_758, "-0.127758"),
            (-0.000_000_4, "0.0"),
            (-0.0, "0.0"),
            (89.999_999_9, "90.0"),
        ] {
            let location = Location::new(given, given).unwrap();
            let expected = format!(r#"{{"lat":{kept},"lng":{kept}}}"#);
            assert_eq!(serde_json::to_string(&location).unwrap(), expected);
        }
    }

    #[test]
    fn a_coarse_location_is_the_nearest_hundredth_of_a_degree() {
        for (given, kept) in [
            ((51.507_351, -0.127_758), (51.51, -0.13)),
            ((-51.505, 0.124_999), (-51.51, 0.12)),
            ((90.0, -180.0), (90.0, -180.0)),
            ((0.0, 0.004), (0.0, 0.0)),
        ] {
            let [given, kept] = [given, kept].map(|(lat, lng)| Location::new(lat, lng).unwrap());
            assert_eq!(given.coarse(), kept);
        }
    }

    #[test]
    fn a_location_that_is_not_on_the_earth_is_not_read() {
        for wrong in [
            json!({ "lat": 91, "lng": 0 }),
            json!({ "lat": 0, "lng": -181 }),
            json!({ "lat": 0 }),
            json!({ "lat": "0", "lng": "0" }),
        ] {
            assert!(serde_json::from_value::<Location>(wrong.clone()).is_err(), "{wrong}");
        }
        let whole = serde_json::from_value::<Location>(json!({ "lat": 51, "lng": 0 }));
        assert_eq!(whole.unwrap(), Location::new(51.0, 0.0).unwrap());
    }

    proptest! {
        #[test]
        fn a_location_reads_back_as_it_was(lat in -90.0..=90.0, lng in -180.0..=180.0) {
            let location = Location::new(lat, lng).unwrap();
            prop_assert_eq!(Location::new(location.lat(), location.lng()).unwrap(), location);
            let text = serde_json::to_string(&location).unwrap();
            prop_assert_eq!(serde_json::from_str::<Location>(&text).unwrap(), location);
            for degrees in [location.lat(), location.lng()] {
                let text = degrees.to_string();
                let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                prop_assert!(decimals <= 6, "{}", text);
            }
        }
    }
}
