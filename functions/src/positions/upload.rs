//! The form of an upload, and of the decision about it.

use std::ops::RangeInclusive;

use domain::{Advice, Fix, Ignored, Invalid, Location, Outage, Verdicts};
use http_api::{FieldError, Fields, time};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The number of fixes of an upload: half an hour of them, if one is measured each ten seconds.
const FIXES: RangeInclusive<usize> = 0..=200;

/// The upload of a device.
#[derive(Debug, PartialEq)]
pub(crate) struct Upload {
    /// The fixes, each by itself: one that cannot be read does not fail the others.
    pub(super) fixes: Vec<Result<Fix, FieldError>>,
    pub(super) outage: Option<Outage>,
}

/// The decision about an upload.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PositionsReceipt")]
pub struct Receipt {
    /// The number of fixes that were not ignored.
    accepted: usize,
    /// The fixes that were ignored. To send one again is of no use.
    ignored: Vec<IgnoredView>,
    /// The intervals from now on.
    next: Advice,
}

impl Receipt {
    /// Returns the decision about an upload with these fixes.
    pub(super) fn of(
        verdicts: Verdicts,
        fixes: Vec<Result<Fix, FieldError>>,
        next: Advice,
    ) -> Self {
        let mut errors: Vec<_> = fixes.into_iter().map(Result::err).collect();
        let ignored = verdicts.ignored.into_iter().map(|(index, reason)| {
            let error = errors.get_mut(index).and_then(Option::take);
            IgnoredView { index, reason, error }
        });
        Self { accepted: verdicts.accepted.len(), ignored: ignored.collect(), next }
    }

    /// Returns an example.
    pub(crate) fn example() -> Self {
        let ignored = IgnoredView { index: 3, reason: Ignored::Known, error: None };
        let next = Advice { fix_every_s: 15, send_every_s: 60 };
        Self { accepted: 5, ignored: vec![ignored], next }
    }
}

/// A fix that was ignored.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "IgnoredPosition")]
struct IgnoredView {
    /// The fix's index in `fixes`, from 0.
    index: usize,
    reason: Ignored,
    /// The first invalid field of a malformed fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<FieldError>,
}

impl Upload {
    /// `{"fixes": [FIX], "outage"?}`; without an outage there is at least one fix.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        let has_outage = fields.has("outage");
        let outage = fields.text("outage", outage);
        let fixes = fields.each_of("fixes", FIXES, fix);
        if fixes.is_empty() && !has_outage {
            fields.wrong("fixes", "must be a list of 1 to 200 objects, or there must be an outage");
        }
        Self { fixes, outage }
    }
}

/// Returns an example of a fix.
pub(crate) fn example_fix() -> Value {
    json!({
        "at": "2026-11-21T09:30:00.000Z",
        "lat": 51.5074,
        "lng": -0.1278,
        "accuracy": 12.5,
        "speed": 4.2,
        "heading": 270,
    })
}

/// `{"at", "lat", "lng", "accuracy"?, "speed"?, "heading"?}`
fn fix(fields: &mut Fields<'_>) -> Option<Fix> {
    let at = fields.required_text("at", time);
    let lat = fields.required_decimal("lat", -Location::MAX_LAT, Location::MAX_LAT);
    let lng = fields.required_decimal("lng", -Location::MAX_LNG, Location::MAX_LNG);
    let accuracy_m = fields.decimal("accuracy", 0, Fix::MAX_ACCURACY_M);
    let speed = fields.decimal("speed", 0, Fix::MAX_SPEED);
    let heading = fields.decimal("heading", 0, Fix::MAX_HEADING);
    let location = Location::new(lat?, lng?).ok()?;
    Some(Fix { at: at?, location, accuracy_m, speed, heading })
}

fn outage(name: &str) -> Result<Outage, Invalid> {
    Outage::named(name).ok_or(Invalid::new(
        "must be permission_denied, services_disabled, low_battery, app_closed or no_signal",
    ))
}
