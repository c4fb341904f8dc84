//! The records of the couriers.

use serde_json::{Value, json};

const NAMES: [&str; 8] = ["Ann", "Ben", "Cleo", "Dev", "Eva", "Finn", "Gita", "Hugo"];

const SURNAMES: [&str; 5] = ["Miles", "Rhodes", "Lane", "Field", "Brook"];

/// Returns the id of the courier with a number, from 1. It is the same in each run.
pub(super) fn id(number: u8) -> String {
    format!("courier-{number}")
}

/// True for each third courier, who has a van and not a car.
const fn has_van(number: u8) -> bool {
    number.is_multiple_of(3)
}

/// Returns the body of `POST /drivers` for a courier of the platform's fleet.
pub(super) fn record(number: u8) -> Value {
    let name = NAMES[usize::from(number.wrapping_sub(1)) % NAMES.len()];
    let surname = SURNAMES[usize::from(number.wrapping_sub(1)) % SURNAMES.len()];
    let (kind, label, capacity) =
        if has_van(number) { ("van", "white van", 2) } else { ("car", "blue car", 1) };
    json!({
        "driver": id(number),
        "name": format!("{name} {surname}"),
        "vehicle": { "kind": kind, "label": label },
        "capacity": capacity,
    })
}

/// Describes the vehicle of a courier.
pub(super) const fn vehicle(number: u8) -> &'static str {
    if has_van(number) {
        "in a van with room for two orders"
    } else {
        "in a car with room for one order"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn couriers_are_told_apart() {
        let records: Vec<_> = (1..=40).map(record).collect();
        let names: BTreeSet<_> = records.iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), 40);
        assert_eq!((id(1), id(100)), ("courier-1".to_owned(), "courier-100".to_owned()));
        assert_eq!(record(3)["capacity"], 2);
        assert_eq!(record(4)["capacity"], 1);
    }
}
