//! The order in which a driver probably goes to several places.

use super::distance::distance_m;
use crate::Location;

/// Returns the number of `others` that a driver probably visits before `place`: those before it on the
/// route that goes from here to the nearest place, from there to the nearest of the rest, and so on. A
/// place whose location is unknown counts as before.
pub fn visited_before(
    from: Location,
    place: Option<Location>,
    others: impl IntoIterator<Item = Option<Location>>,
) -> usize {
    let (mut known, mut before) = (Vec::new(), 0);
    for other in others {
        match other.filter(|_| place.is_some()) {
            Some(other) => known.push(other),
            None => before += 1,
        }
    }
    let Some(place) = place else { return before };
    let mut here = from;
    loop {
        let to = |it: Location| distance_m(here, it);
        let nearest = (0..known.len()).min_by(|a, b| to(known[*a]).total_cmp(&to(known[*b])));
        let nearest = nearest.filter(|nearest| to(known[*nearest]) <= to(place));
        let Some(nearest) = nearest else { return before };
        here = known.swap_remove(nearest);
        before += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_place_comes_first() {
        let at = |lat: f64| Location::new(lat, 0.0).ok();
        for (from, place, others, expected) in [
            (0.0, at(1.0), vec![], 0),
            (0.0, at(1.0), vec![at(0.5)], 1),
            (0.0, at(1.0), vec![at(1.5)], 0),
            (0.0, at(1.0), vec![at(-0.5)], 1),
            // From the first place the second one is nearer than this one.
            (0.0, at(1.0), vec![at(-0.5), at(-0.9)], 2),
            (0.0, at(1.0), vec![at(0.5), at(-0.9)], 1),
            // At one door two orders can be delivered in any order.
            (0.0, at(1.0), vec![at(1.0)], 1),
            (0.0, at(1.0), vec![None, at(1.5)], 1),
            (0.0, None, vec![None, at(1.5)], 2),
            (0.0, None, vec![], 0),
        ] {
            let from = at(from).unwrap();
            assert_eq!(
                visited_before(from, place, others.clone()),
                expected,
                "{place:?} {others:?}"
            );
        }
    }
}
