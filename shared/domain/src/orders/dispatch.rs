//! Automatic dispatch: the rounds in which Waybill looks for a driver by itself.

use std::fmt;

use clock::Timestamp;

use crate::values::{name_enum, text_form};
use crate::{Invalid, OfferTime, Operation, Order};

/// The time after the first round until the next, in seconds. It doubles with each round.
const BACK_OFF_S: i64 = 15;

/// The longest time between rounds, in seconds: the longest delay of a message in SQS.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html>
const LONGEST_BACK_OFF_S: i64 = 15 * 60;

/// The growth of the radius from round to round.
const GROWTH: f64 = 1.6;

/// The greatest radius of any round, in metres.
const WIDEST_M: f64 = 50_000.0;

/// A merchant's way to find drivers for its orders. Orders keep the one that they are created with,
/// as the text `MODE:FLEETS:OFFERS_AT_ONCE:OFFER_SECONDS:ROUNDS:RADIUS`, because heads have little
/// room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    pub mode: DispatchMode,
    /// The fleets that are asked. The drivers of a fleet come before those of later ones.
    pub fleets: Vec<FleetChoice>,
    /// The number of drivers whom a round asks.
    pub offers_at_once: u8,
    pub offer_time: OfferTime,
    /// The number of rounds before people are alerted.
    pub rounds: u8,
    /// The radius of the first round around the pickup, in metres.
    pub radius_m: u32,
}

name_enum! {
    /// The mode of dispatch.
    pub enum DispatchMode as "DispatchMode": "The way in which orders get drivers." {
        /// People assign drivers, or offer orders to them.
        Manual = "manual",
        /// Waybill offers the order to the nearest drivers.
        Offer = "offer",
        /// Waybill assigns the best driver without asking.
        Assign = "assign",
    }
}

name_enum! {
    /// A fleet of a merchant's dispatch.
    pub enum FleetChoice as "FleetChoice": "A fleet: the merchant's own drivers, or the platform's." {
        Own = "own",
        Platform = "platform",
    }
}

/// The next thing that dispatch does about an order by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextDispatch {
    pub at: Timestamp,
    pub task: DispatchTask,
}

/// A task of dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispatchTask {
    /// Ends the offer that stands.
    EndOffer,
    /// Looks for drivers.
    Search(Round),
    /// Alerts people, because the last round found nobody.
    Escalate,
}

impl DispatchTask {
    /// True if the task looks for drivers.
    pub(super) const fn is_search(self) -> bool {
        matches!(self, Self::Search(_))
    }
}

/// A round of the search for a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Counts the offers since the order entered its status, from 1.
    pub number: u32,
    /// The radius around the pickup, in metres.
    pub radius_m: u32,
}

impl Dispatch {
    /// The maximum number of rounds.
    pub const MOST_ROUNDS: u8 = 10;
    /// The least radius of the first round, in metres. A merchant learns which of the platform's
    /// drivers are asked, and with it that they are in the circle.
    pub const LEAST_RADIUS_M: u32 = 500;
    /// The greatest radius of the first round, in metres.
    pub const MOST_RADIUS_M: u32 = 20_000;

    /// Returns the number of drivers that a round needs.
    pub fn asks(&self) -> usize {
        match self.mode {
            DispatchMode::Assign => 1,
            DispatchMode::Manual | DispatchMode::Offer => self.offers_at_once.into(),
        }
    }

    /// Returns a round with its radius.
    fn round(&self, number: u32) -> Round {
        let growth = GROWTH.powi(i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX));
        let radius = (f64::from(self.radius_m) * growth).min(WIDEST_M);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to 50,000")]
        let radius_m = radius as u32;
        Round { number, radius_m }
    }

    /// Parses the stored text.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<_> = text.split(':').collect();
        let &[mode, fleets, at_once, time, rounds, radius] = &parts[..] else {
            return Err(Invalid::new("must have six parts"));
        };
        let parsed = || {
            Some(Self {
                mode: DispatchMode::named(mode)?,
                fleets: fleets.split('+').map(FleetChoice::named).collect::<Option<_>>()?,
                offers_at_once: at_once.parse().ok()?,
                offer_time: OfferTime::try_from(time.parse::<u64>().ok()?).ok()?,
                rounds: rounds.parse().ok()?,
                radius_m: radius.parse().ok()?,
            })
        };
        parsed().ok_or(Invalid::new("must be a way to find drivers"))
    }
}

impl Default for Dispatch {
    fn default() -> Self {
        Self {
            mode: DispatchMode::Manual,
            fleets: vec![FleetChoice::Own, FleetChoice::Platform],
            offers_at_once: 3,
            offer_time: OfferTime::default(),
            rounds: 4,
            radius_m: 3000,
        }
    }
}

impl fmt::Display for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, fleets, offers_at_once, offer_time, rounds, radius_m } = self;
        let fleets: Vec<_> = fleets.iter().map(|fleet| fleet.name()).collect();
        let (mode, fleets, seconds) = (mode.name(), fleets.join("+"), offer_time.seconds());
        write!(f, "{mode}:{fleets}:{offers_at_once}:{seconds}:{rounds}:{radius_m}")
    }
}

text_form!(Dispatch);

impl Order {
    /// Returns the next thing that dispatch does about the order, unless somebody acts before.
    pub fn next_dispatch(&self) -> Option<NextDispatch> {
        if let Some(at) = self.offer_ends() {
            return Some(NextDispatch { at, task: DispatchTask::EndOffer });
        }
        let dispatch = self.dispatch()?;
        let Some((number, ended_at)) = self.last_round() else {
            let task = DispatchTask::Search(dispatch.round(1));
            return Some(NextDispatch { at: self.status_since, task });
        };
        if number < dispatch.rounds.into() {
            let doublings = number.saturating_sub(1).min(16);
            let wait = (BACK_OFF_S << doublings).min(LONGEST_BACK_OFF_S);
            let task = DispatchTask::Search(dispatch.round(number + 1));
            return Some(NextDispatch { at: ended_at.plus_seconds(wait), task });
        }
        let task = DispatchTask::Escalate;
        self.delayed_since.is_none().then_some(NextDispatch { at: ended_at, task })
    }

    /// Returns the way in which Waybill finds a driver by itself, while the order waits for one.
    pub(super) fn dispatch(&self) -> Option<&Dispatch> {
        let mut accepting = self.placed.workflow.transitions_of(Operation::Accept, self.status);
        let waits = self.is_open() && accepting.next().is_some();
        let dispatch = self.placed.terms.dispatch.as_ref().filter(|_| waits);
        dispatch.filter(|dispatch| dispatch.mode != DispatchMode::Manual)
    }

    /// Returns the last round since the order entered its status, and its end, if it is over.
    fn last_round(&self) -> Option<(u32, Timestamp)> {
        let offer = self.offer.as_ref()?;
        Some((offer.round, offer.ended_at?))
    }
}
