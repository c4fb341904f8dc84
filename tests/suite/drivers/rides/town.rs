//! A town on a grid of streets, and rides through it.

use std::f64::consts::TAU;

use domain::{Location, distance_m};

use crate::harness::chance::Chance;

/// The distance between two streets, in metres.
const BLOCK_M: f64 = 90.0;

/// The distance of the outermost streets from the centre, in blocks: a radius of about 1.5 km.
const RADIUS: i32 = 17;

/// The part of the crossings with a red light, in percent.
const RED_PERCENT: usize = 10;

/// A number of streets to the east and to the north of the centre.
type Crossing = (i32, i32);

/// A place on a street between two crossings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address {
    ends: [Crossing; 2],
    /// The part of the way from the first end to the second.
    part: f64,
}

/// A place, in metres to the east and to the north of the centre.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    east: f64,
    north: f64,
}

impl Point {
    fn of((east, north): Crossing) -> Self {
        Self { east: BLOCK_M * f64::from(east), north: BLOCK_M * f64::from(north) }
    }

    /// Returns the point after this part of the way to another.
    fn towards(self, to: Self, part: f64) -> Self {
        let between = |from: f64, to: f64| from + (to - from) * part;
        Self { east: between(self.east, to.east), north: between(self.north, to.north) }
    }

    fn distance_m(self, to: Self) -> f64 {
        (to.east - self.east).hypot(to.north - self.north)
    }

    /// Returns the point as a receiver measures it, at most 10 m beside.
    pub(super) fn measured(self, chance: &mut Chance) -> Location {
        let (off_m, angle) = (within(chance, 0.0, 10.0), within(chance, 0.0, TAU));
        let (east, north) = (self.east + off_m * angle.cos(), self.north + off_m * angle.sin());
        Self { east, north }.location()
    }

    pub(super) fn location(self) -> Location {
        let (lat, lng) = (51.5 + self.north / 111_195.0, self.east / (111_195.0 * 0.622_5) - 0.1);
        Location::new(lat, lng).expect("a location")
    }
}

impl Address {
    /// Draws an address anywhere in the town.
    pub(super) fn any(chance: &mut Chance) -> Self {
        let streets = usize::try_from(2 * RADIUS + 1).expect("a number");
        let mut street = || i32::try_from(chance.below(streets)).expect("a number") - RADIUS;
        let (east, north) = loop {
            let crossing = (street(), street());
            if crossing.0.pow(2) + crossing.1.pow(2) <= RADIUS.pow(2) {
                break crossing;
            }
        };
        let other = if chance.percent(50) { (east + 1, north) } else { (east, north + 1) };
        Self { ends: [(east, north), other], part: within(chance, 0.0, 1.0) }
    }

    pub(super) fn point(self) -> Point {
        let [from, to] = self.ends.map(Point::of);
        from.towards(to, self.part)
    }

    /// Returns the straight line to another address, in metres.
    pub(super) fn line_m(self, to: Self) -> f64 {
        distance_m(self.point().location(), to.point().location())
    }

    /// Returns one of the shortest ways to another address: all its crossings and both ends.
    fn way(self, to: Self, chance: &mut Chance) -> Vec<Point> {
        let (from, door) = (self.point(), to.point());
        let length_m = |(first, last): (Crossing, Crossing)| {
            let blocks = first.0.abs_diff(last.0) + first.1.abs_diff(last.1);
            let streets = from.distance_m(Point::of(first)) + door.distance_m(Point::of(last));
            streets + BLOCK_M * f64::from(blocks)
        };
        let ways = self.ends.into_iter().flat_map(|first| to.ends.map(|last| (first, last)));
        let shortest = ways.min_by(|one, other| length_m(*one).total_cmp(&length_m(*other)));
        let ((mut east, mut north), last) = shortest.expect("a way");
        let mut way = vec![from, Point::of((east, north))];
        while (east, north) != last {
            if north == last.1 || (east != last.0 && chance.percent(50)) {
                east += (last.0 - east).signum();
            } else {
                north += (last.1 - north).signum();
            }
            way.push(Point::of((east, north)));
        }
        way.push(door);
        way
    }

    /// Rides to another address. Returns the place at each second, of which the last is the door.
    pub(super) fn ride(self, to: Self, mps: f64, chance: &mut Chance) -> Vec<Point> {
        let (mut places, mut gone_m) = (Vec::new(), mps);
        for (nth, street) in self.way(to, chance).windows(2).enumerate() {
            if nth > 0 && chance.percent(RED_PERCENT) {
                let red_s = 5 + chance.below(25);
                places.extend(std::iter::repeat_n(street[0], red_s));
            }
            let length_m = street[0].distance_m(street[1]);
            while gone_m < length_m {
                places.push(street[0].towards(street[1], gone_m / length_m));
                gone_m += mps;
            }
            gone_m -= length_m;
        }
        places.push(to.point());
        places
    }
}

/// Draws a number.
pub(super) fn within(chance: &mut Chance, from: f64, to: f64) -> f64 {
    let thousandths = f64::from(u32::try_from(chance.below(1_001)).expect("a number"));
    from + (to - from) * thousandths / 1_000.0
}
