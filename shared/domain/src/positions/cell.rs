//! Cells of the Earth's surface.

use std::fmt;

use crate::{Invalid, Location};

/// The digits of a geohash, in their order, which is that of their bytes.
const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// A cell of a geohash of 1 to 6 digits: those that begin with a cell's digits are its parts. Cells
/// of six digits are 1.2 km by 0.6 km at the equator. Texts of cells sort as they follow each other.
/// <https://en.wikipedia.org/wiki/Geohash>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(String);

/// The bounds of a cell, in degrees.
#[derive(Debug)]
pub(super) struct Area {
    pub(super) south: f64,
    pub(super) north: f64,
    pub(super) west: f64,
    pub(super) east: f64,
}

impl Cell {
    /// The number of digits of the smallest cells.
    pub const FINEST: usize = 6;

    /// Returns the smallest cell that contains a point.
    pub fn of(location: Location) -> Self {
        let (row, column) = place_of(location, Self::FINEST);
        Self::at(row, column, Self::FINEST)
    }

    /// Returns the cell of these digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_one = (1..=Self::FINEST).contains(&text.len())
            && text.bytes().all(|digit| DIGITS.contains(&digit));
        if is_one { Ok(Self(text.to_owned())) } else { Err(Invalid::new("must be a geohash")) }
    }

    /// Returns the cell's digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the cell in this row from the south and this column from the west, among those of
    /// `digits` digits. Bits of column and row alternate, from the highest.
    pub(super) fn at(row: u32, column: u32, digits: usize) -> Self {
        let (rows, columns) = bits(digits);
        let bit = |nth: u32| {
            let (of, bits) = if nth.is_multiple_of(2) { (column, columns) } else { (row, rows) };
            of >> (bits - 1 - nth / 2) & 1
        };
        let digit = |first: u32| (first..first + 5).fold(0, |digit, nth| digit << 1 | bit(nth));
        let digits = (0..rows + columns).step_by(5).map(digit);
        Self(digits.map(|digit| char::from(DIGITS[digit as usize])).collect())
    }

    fn row_and_column(&self) -> (u32, u32) {
        let digit = |byte| DIGITS.iter().position(|digit| *digit == byte).unwrap_or_default();
        let bits =
            self.0.bytes().map(digit).flat_map(|digit| (0..5).rev().map(move |n| digit >> n & 1));
        bits.enumerate().fold((0, 0), |(row, column), (nth, bit)| {
            let bit = u32::from(bit == 1);
            if nth.is_multiple_of(2) { (row, column << 1 | bit) } else { (row << 1 | bit, column) }
        })
    }

    pub(super) fn area(&self) -> Area {
        let (row, column) = self.row_and_column();
        let (height, width) = size(self.0.len());
        let (south, west) = (f64::from(row) * height - 90.0, f64::from(column) * width - 180.0);
        Area { south, north: south + height, west, east: west + width }
    }

    /// Returns the latitude and the longitude of the cell's centre, in degrees.
    pub fn centre(&self) -> (f64, f64) {
        let Area { south, north, west, east } = self.area();
        (f64::midpoint(south, north), f64::midpoint(west, east))
    }

    /// Returns the largest cells that this one is made of after `last`, one of its smallest cells.
    pub(super) fn parts_after(&self, last: &Self) -> Vec<Self> {
        let mut after = Vec::new();
        for digits in self.0.len()..Self::FINEST {
            let (parent, rest) = last.0.split_at(digits);
            let parts = DIGITS.iter().filter(|digit| **digit > rest.as_bytes()[0]);
            after.extend(parts.map(|digit| Self(format!("{parent}{}", char::from(*digit)))));
        }
        after
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the numbers of bits of a row and of a column.
fn bits(digits: usize) -> (u32, u32) {
    let all = (1..=digits).map(|_| 5).sum::<u32>();
    (all / 2, all.div_ceil(2))
}

/// Returns the numbers of rows and of columns.
pub(super) fn grid(digits: usize) -> (u32, u32) {
    let (rows, columns) = bits(digits);
    (1 << rows, 1 << columns)
}

/// Returns the height and the width of cells, in degrees.
pub(super) fn size(digits: usize) -> (f64, f64) {
    let (rows, columns) = grid(digits);
    (180.0 / f64::from(rows), 360.0 / f64::from(columns))
}

/// Returns the row and the column of a point. Multiplication before division is exact on the borders
/// of cells.
pub(super) fn place_of(location: Location, digits: usize) -> (u32, u32) {
    let (rows, columns) = grid(digits);
    let row = (location.lat() + 90.0) * f64::from(rows) / 180.0;
    let column = (location.lng() + 180.0) * f64::from(columns) / 360.0;
    (floor(row).min(rows - 1), floor(column).min(columns - 1))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 32,768")]
fn floor(number: f64) -> u32 {
    number.floor() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first ones are those of <https://en.wikipedia.org/wiki/Geohash>.
    #[test]
    fn a_cell_is_the_beginning_of_a_geohash() {
        for (lat, lng, expected) in [
            (57.649_11, 10.407_44, "u4pruy"),
            (42.605, -5.603, "ezs42s"),
            (0.0, 0.0, "s00000"),
            (-0.000_001, -0.000_001, "7zzzzz"),
            (90.0, 180.0, "zzzzzz"),
            (-90.0, -180.0, "000000"),
            (1.406_25, 1.406_25, "s03000"),
        ] {
            let location = Location::new(lat, lng).unwrap();
            assert_eq!(Cell::of(location).as_str(), expected, "{lat} {lng}");
        }
    }

    #[test]
    fn only_digits_of_a_geohash_are_a_cell() {
        for (text, is_one) in [
            ("s", true),
            ("zzzzzz", true),
            ("", false),
            ("zzzzzzz", false),
            ("a", false),
            ("S", false),
        ] {
            assert_eq!(Cell::parse(text).is_ok(), is_one, "{text}");
        }
    }

    #[test]
    fn the_parts_after_a_cell_are_as_large_as_can_be() {
        let last = Cell::parse("u4wxyx").unwrap();
        for (cell, expected) in [
            ("u4w", vec!["u4wy", "u4wz", "u4wxz", "u4wxyy", "u4wxyz"]),
            ("u4wxy", vec!["u4wxyy", "u4wxyz"]),
            ("u4wxyx", vec![]),
        ] {
            let parts = Cell::parse(cell).unwrap().parts_after(&last);
            let parts: Vec<_> = parts.iter().map(Cell::as_str).collect();
            assert_eq!(parts, expected, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_cell_contains_its_points(lat in -90.0..=90.0, lng in -180.0..=180.0, digits in 1..=6_usize) {
            let location = Location::new(lat, lng).unwrap();
            let finest = Cell::of(location);
            let cell = Cell::parse(&finest.as_str()[..digits]).unwrap();
            let (row, column) = place_of(location, digits);
            prop_assert_eq!(&Cell::at(row, column, digits), &cell);
            let Area { south, north, west, east } = cell.area();
            prop_assert!((south..=north).contains(&location.lat()), "{:?}", cell.area());
            prop_assert!((west..=east).contains(&location.lng()), "{:?}", cell.area());
        }
    }
}
