//! A table of fields, and the check of what people see against it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::Value;

use super::tables::{MASKED, PARTIES};
use crate::harness::marked::MARK;

/// The access of one party to one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    Hidden,
    Shown,
    Masked,
    /// Shown until the order is closed.
    WhileOpen,
    /// Shown to the author of the event.
    ToItsAuthor,
    /// Shown unless a customer is the author of the event, or a driver who declined an offer.
    OfStaff,
}

impl Cell {
    fn parse(text: &str) -> Self {
        match text {
            "." => Self::Hidden,
            "+" => Self::Shown,
            "masked" => Self::Masked,
            "open" => Self::WhileOpen,
            "own" => Self::ToItsAuthor,
            "staff" => Self::OfStaff,
            other => panic!("no such cell: {other}"),
        }
    }
}

/// A row of a table of fields.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) field: &'static str,
    /// The words between the field's name and its expected value, such as a place and a time.
    pub(super) on: Vec<&'static str>,
    says: &'static str,
    cells: [Cell; PARTIES.len()],
}

impl Row {
    fn parse(words: &[&'static str]) -> Self {
        let (front, cells) = words.split_at(words.len() - PARTIES.len());
        let [field, on @ .., says] = front else { panic!("no row: {words:?}") };
        let cells: Vec<_> = cells.iter().map(|it| Cell::parse(it)).collect();
        Self { field, on: on.to_vec(), says, cells: cells.try_into().expect("a cell a party") }
    }

    /// True if a party with this cell may see this value in the field.
    fn allows(&self, cell: Cell, value: &str) -> bool {
        match self.says {
            _ if cell == Cell::Masked => value == MASKED,
            "*" => !value.contains(MARK) && !value.contains(super::scenario::CODE),
            says => value.strip_prefix(says).is_some_and(|rest| !rest.contains(MARK)),
        }
    }
}

/// Returns the rows of a table as words, without its header.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.trim().lines().skip(1).map(|line| line.split_whitespace().collect())
}

/// A table of fields, with the cells that were observed so far.
pub(super) struct Grid {
    rows: Vec<Row>,
    met: Mutex<BTreeSet<(usize, usize)>>,
}

impl Grid {
    pub(super) fn read(text: &'static str) -> Self {
        let rows = rows(text).map(|words| Row::parse(&words)).collect();
        Self { rows, met: Mutex::default() }
    }

    /// Panics unless a party (an index into the [`PARTIES`]) sees exactly the fields that are
    /// there and that it may see, each with an expected value.
    pub(super) fn check(
        &self,
        party: usize,
        seen: &BTreeMap<String, Vec<String>>,
        is_there: impl Fn(&Row) -> bool,
        is_shown: impl Fn(Cell) -> bool,
        case: &str,
    ) {
        let rows = self.rows.iter().enumerate().filter(|(_, row)| {
            let cell = row.cells[party];
            is_there(row) && (matches!(cell, Cell::Shown | Cell::Masked) || is_shown(cell))
        });
        let expected: BTreeMap<_, _> = rows.map(|(n, row)| (row.field, (n, row))).collect();
        let fields: BTreeSet<_> = seen.keys().map(String::as_str).collect();
        let own: BTreeSet<_> = expected.keys().copied().collect();
        let (more, less): (Vec<_>, Vec<_>) =
            (fields.difference(&own).collect(), own.difference(&fields).collect());
        assert!(more.is_empty() && less.is_empty(), "{case}: sees {more:?}, misses {less:?}");
        for (field, (n, row)) in expected {
            for value in &seen[field] {
                assert!(row.allows(row.cells[party], value), "{case}: {field} says {value}");
            }
            self.met.lock().expect("no panic").insert((n, party));
        }
    }

    /// Panics if a party never saw a field that it may see: the table is out of date.
    pub(super) fn check_met(&self) {
        let met = self.met.lock().expect("no panic");
        for (n, row) in self.rows.iter().enumerate() {
            for (party, cell) in row.cells.iter().enumerate() {
                let is_met = met.contains(&(n, party)) || *cell == Cell::Hidden;
                assert!(is_met, "nothing shows {} to {}: {row:?}", row.field, PARTIES[party]);
            }
        }
    }
}

/// Returns the path of each field (`items[].sku`) with all its values. An empty object or list is
/// a field by itself.
pub(super) fn fields(value: &Value) -> BTreeMap<String, Vec<String>> {
    let mut fields = BTreeMap::new();
    collect(value, String::new(), &mut fields);
    fields
}

fn collect(value: &Value, path: String, fields: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                collect(member, format!("{path}{dot}{name}"), fields);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                collect(item, format!("{path}[]"), fields);
            }
        }
        Value::String(text) => fields.entry(path).or_default().push(text.clone()),
        other => fields.entry(path).or_default().push(other.to_string()),
    }
}
