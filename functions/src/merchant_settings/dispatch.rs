//! The setting `dispatch`.

use domain::{Dispatch, DispatchMode, FleetChoice, Invalid, MAX_OFFERED};
use http_api::Fields;
use schemars::JsonSchema;
use serde::Serialize;

/// Reads `{"mode", "fleets"?, "offers_at_once"?, "offer_seconds"?, "rounds"?, "radius_m"?}`.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Dispatch> {
    let default = Dispatch::default();
    let mode = fields.required_text("mode", mode);
    let fleets = fields.texts("fleets", 1..=FleetChoice::ALL.len(), fleet);
    if let Some([one, other]) = fleets.as_deref()
        && one == other
    {
        fields.wrong("fleets", "must not name a fleet twice");
    }
    let most = i64::try_from(MAX_OFFERED).unwrap_or(i64::MAX);
    let at_once = fields.integer("offers_at_once", 1, most);
    let offer_time = fields.number("offer_seconds");
    let rounds = fields.integer("rounds", 1, Dispatch::MOST_ROUNDS.into());
    let (least, most) = (Dispatch::LEAST_RADIUS_M.into(), Dispatch::MOST_RADIUS_M.into());
    let radius_m = fields.integer("radius_m", least, most);
    let small = |number: Option<i64>| number.and_then(|it| u8::try_from(it).ok());
    Some(Dispatch {
        mode: mode?,
        fleets: fleets.unwrap_or(default.fleets),
        offers_at_once: small(at_once).unwrap_or(default.offers_at_once),
        offer_time: offer_time.unwrap_or_default(),
        rounds: small(rounds).unwrap_or(default.rounds),
        radius_m: radius_m.and_then(|it| u32::try_from(it).ok()).unwrap_or(default.radius_m),
    })
}

fn mode(name: &str) -> Result<DispatchMode, Invalid> {
    DispatchMode::named(name).ok_or(Invalid::new("must be manual, offer or assign"))
}

fn fleet(name: &str) -> Result<FleetChoice, Invalid> {
    FleetChoice::named(name).ok_or(Invalid::new("must be own or platform"))
}

/// The way in which the merchant's orders get drivers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Dispatch")]
pub(super) struct DispatchView<'a> {
    mode: DispatchMode,
    /// The fleets that are asked. The drivers of a fleet come before those of later ones.
    fleets: &'a [FleetChoice],
    /// The number of drivers whom a round asks.
    offers_at_once: u8,
    /// The time that drivers have to answer, in seconds.
    offer_seconds: u16,
    /// The number of rounds before people are alerted.
    rounds: u8,
    /// The radius of the first round around the pickup, in metres.
    radius_m: u32,
}

impl<'a> From<&'a Dispatch> for DispatchView<'a> {
    fn from(dispatch: &'a Dispatch) -> Self {
        let Dispatch { mode, fleets, offers_at_once, offer_time, rounds, radius_m } = dispatch;
        Self {
            mode: *mode,
            fleets,
            offers_at_once: *offers_at_once,
            offer_seconds: offer_time.seconds(),
            rounds: *rounds,
            radius_m: *radius_m,
        }
    }
}
