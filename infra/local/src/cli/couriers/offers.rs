//! The offers that a courier thinks about.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Location;

use super::choice::Choice;
use super::order::{Order, Stop};

/// The offers to a courier, by order.
#[derive(Debug)]
pub(super) struct Offers {
    /// The courier's number, from 1.
    number: u8,
    /// The number of offers so far.
    met: usize,
    by_order: BTreeMap<String, Offered>,
}

/// An offer to a courier.
#[derive(Debug)]
struct Offered {
    round: u64,
    choice: Choice,
    /// The time at which the courier answers.
    at: Duration,
    state: State,
    /// The location of the pickup, if the order has one that was read.
    pickup: Option<Location>,
}

/// The state of an offer, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The order's details were not read yet.
    Unseen,
    /// The courier thinks about the offer.
    Considered,
    Answered,
}

/// The next thing to do about an offer.
#[derive(Debug, PartialEq)]
pub(super) enum Due {
    /// Read the order's details.
    Read { order: String },
    /// Give the answer of a courier at the given place.
    Answer { order: String, choice: Choice },
}

impl Offers {
    pub(super) fn new(number: u8) -> Self {
        Self { number, met: 0, by_order: BTreeMap::new() }
    }

    /// Takes an offer, which is answered at the time `at`. A round that is known is no news.
    pub(super) fn take(&mut self, order: &str, round: u64, at: Duration) {
        if self.by_order.get(order).is_some_and(|known| known.round == round) {
            return;
        }
        let choice = Choice::of(self.number, self.met);
        self.met += 1;
        let offered = Offered { round, choice, at, state: State::Unseen, pickup: None };
        self.by_order.insert(order.to_owned(), offered);
    }

    /// Notes the details of an offered order; true if the courier thinks about it from now on.
    pub(super) fn seen(&mut self, order: &Order) -> bool {
        let Some(offered) = self.by_order.get_mut(&order.id) else { return false };
        offered.state = State::Considered;
        offered.pickup = order.location(Stop::Pickup);
        true
    }

    /// Notes that an answer was not received, and is to be given again.
    pub(super) fn not_answered(&mut self, order: &str) {
        if let Some(offered) = self.by_order.get_mut(order)
            && offered.state == State::Answered
        {
            offered.state = State::Considered;
        }
    }

    /// Forgets the offer of an order; true if the courier had not answered it.
    pub(super) fn remove(&mut self, order: &str) -> bool {
        self.by_order.remove(order).is_some_and(|offered| offered.state != State::Answered)
    }

    /// Returns what to do about an offer now, for a courier at this place, and notes that it is
    /// being done.
    pub(super) fn next(&mut self, now: Duration, place: Location) -> Option<Due> {
        let is_unseen = |offered: &Offered| offered.state == State::Unseen;
        if let Some((order, _)) = self.by_order.iter().find(|(_, offered)| is_unseen(offered)) {
            return Some(Due::Read { order: order.clone() });
        }
        self.by_order.iter_mut().find_map(|(order, offered)| {
            if offered.state != State::Considered || now < offered.at {
                return None;
            }
            offered.state = State::Answered;
            let at_distance = |pickup| offered.choice.at_distance(place, pickup);
            let choice = offered.pickup.map_or(offered.choice, at_distance);
            Some(Due::Answer { order: order.clone(), choice })
        })
    }

    /// Returns the time of the next answer.
    pub(super) fn due(&self) -> Option<Duration> {
        let open = self.by_order.values().filter(|offered| offered.state != State::Answered);
        open.map(|offered| offered.at).min()
    }
}
