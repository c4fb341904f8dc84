//! The answers of couriers to offers.

use domain::Location;

use super::town;

/// The distance of a pickup, in metres, from which on every courier declines.
const FAR_M: f64 = 10_000.0;

/// The answer of a courier to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Accept,
    /// Declines for this reason.
    Decline(&'static str),
    /// Does not answer.
    Ignore,
}

impl Choice {
    /// Returns the answer of the courier with this number, from 1, to an offer after `earlier`
    /// others. Of ten offers, a courier declines two and ignores one. The first offer is accepted
    /// by the couriers 1 to 3, so that a demonstration with these takes one course.
    pub(super) const fn of(number: u8, earlier: usize) -> Self {
        match (number as usize).wrapping_add(earlier) % 10 {
            0 => Self::Ignore,
            4 => Self::Decline("The road is closed."),
            8 => Self::Decline("I am about to have a break."),
            _ => Self::Accept,
        }
    }

    /// Returns this answer, or a refusal if the pickup is too far away.
    pub(super) fn at_distance(self, place: Location, pickup: Location) -> Self {
        let is_far = town::metres(place, pickup) > FAR_M;
        if is_far { Self::Decline("The pickup is too far away.") } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(number: u8) -> Vec<Choice> {
        (0..10).map(|earlier| Choice::of(number, earlier)).collect()
    }

    #[test]
    fn most_offers_are_accepted_and_each_courier_gives_every_answer() {
        for number in 1..=100 {
            let answers = answers(number);
            let count = |is: fn(&Choice) -> bool| answers.iter().filter(|it| is(it)).count();
            assert_eq!(count(|it| *it == Choice::Accept), 7, "{number}");
            assert_eq!(count(|it| matches!(it, Choice::Decline(_))), 2, "{number}");
            assert_eq!(count(|it| *it == Choice::Ignore), 1, "{number}");
        }
    }

    #[test]
    fn the_first_three_couriers_accept_their_first_offer() {
        let first = [1, 2, 3].map(|number| Choice::of(number, 0));
        assert_eq!(first, [Choice::Accept; 3]);
    }

    #[test]
    fn a_pickup_in_another_town_is_declined() {
        let place = Location::new(51.51, -0.13).unwrap();
        let near = Location::new(51.59, -0.13).unwrap();
        let far = Location::new(51.61, -0.13).unwrap();
        for choice in [Choice::Accept, Choice::Ignore] {
            assert_eq!(choice.at_distance(place, near), choice);
            assert!(matches!(choice.at_distance(place, far), Choice::Decline(_)));
        }
    }
}
