//! All tables, and a record of the rows that were observed.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

use super::crowd::Who;
use super::grid::{Cell, Grid, fields, rows};
use super::scenario::CODE;
use super::situation::{Event, Situation, Stretch};
use super::tables::{
    AFTER_OFFERS, AROUND, EVENT, KINDS, OFFERED, ORDER, PARTIES, PLACES, PROBLEMS,
};
use crate::harness::marked::MARK;

/// The tables, against which everything that a person sees is checked.
pub(super) struct Ledger {
    orders: Grid,
    events: Grid,
    /// The observed pairs: a place or a type of event and a party, `around` and the name of a
    /// wrapper, or the subject and the kind of a problem.
    met: Mutex<BTreeSet<(String, String)>>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self { orders: Grid::read(ORDER), events: Grid::read(EVENT), met: Mutex::default() }
    }

    pub(super) fn meet(&self, what: &str, by: &str) {
        self.met.lock().expect("no panic").insert((what.to_owned(), by.to_owned()));
    }

    /// Checks our order as `who` sees it in a place.
    pub(super) fn order(&self, place: &str, who: &Who, situation: &Situation<'_>, view: &Value) {
        let mut seen = fields(view);
        if place == "export-csv"
            && let Some(reference) = seen.remove("customer")
        {
            seen.insert("customer.reference".to_owned(), reference);
        }
        let is_in = |shown: &str| match place {
            "order" | "creation" => true,
            "export-csv" => shown == "column",
            _ => shown != "whole",
        };
        let case = format!("{} at {place} after {:?}", who.name, situation.events.last());
        self.orders.check(
            who.party,
            &seen,
            |row| is_in(row.on[0]) && situation.holds(Stretch(row.on[1])),
            |cell| cell == Cell::WhileOpen && situation.is_open(),
            &case,
        );
        self.meet(place, PARTIES[who.party]);
    }

    /// Checks a list that must contain our order and their order, or not, and nothing else.
    pub(super) fn orders(
        &self,
        place: &str,
        who: &Who,
        situation: &Situation<'_>,
        [ours, theirs]: [bool; 2],
        orders: &Value,
    ) {
        let orders = orders.as_array().expect("orders");
        let mut listed: Vec<_> =
            orders.iter().map(|it| it["id"].as_str().expect("an id")).collect();
        listed.sort_unstable();
        let expected = [ours.then_some(situation.id), theirs.then_some(situation.theirs)];
        let mut expected: Vec<_> = expected.into_iter().flatten().collect();
        expected.sort_unstable();
        assert_eq!(listed, expected, "{} at {place} after {:?}", who.name, situation.events.last());
        for order in orders.iter().filter(|order| order["id"] == situation.id) {
            self.order(place, who, situation, order);
        }
    }

    /// True if the person may use a place.
    pub(super) fn is_open_to(place: &str, who: &Who) -> bool {
        let row = rows(PLACES).find(|row| row[0] == place).expect("a row of places");
        row[1 + who.party] == "+"
    }

    /// Checks consecutive events of our order as `who` sees them in a place.
    pub(super) fn events(&self, place: &str, who: &Who, events: &[Event], views: &Value) {
        let views = views.as_array().expect("events");
        assert_eq!(views.len(), events.len(), "{} at {place}: {views:?}", who.name);
        for (event, view) in events.iter().zip(views) {
            assert_eq!(view["type"], event.kind, "{} at {place}", who.name);
            let case = format!("{} at {place} of {event:?}", who.name);
            let is_there = |of: &str| match of {
                "every" => true,
                "said" => event.is_said(),
                "silent" => event.is_silent(),
                it => it.split(',').any(|it| it == event.kind || it == event.name),
            };
            self.events.check(
                who.party,
                &fields(view),
                |row| is_there(row.on[0]),
                |cell| match cell {
                    Cell::ToItsAuthor => event.by == who.name,
                    Cell::OfStaff => event.by != "customer" && event.kind != "offer_declined",
                    _ => false,
                },
                &case,
            );
            self.meet(event.kind, PARTIES[who.party]);
        }
        self.meet(place, PARTIES[who.party]);
    }

    /// Checks that a wrapper of orders or events has exactly the members of its row.
    #[track_caller]
    pub(super) fn around(&self, name: &str, body: &Value) {
        let row = rows(AROUND).find(|row| row[0] == name).expect("a row of what surrounds");
        assert_eq!(members(body), row[1..].iter().copied().collect(), "{name}: {body}");
        self.meet("around", name);
    }

    /// Checks a problem about an order, a list or a topic.
    #[track_caller]
    pub(super) fn problem(&self, about: &str, problem: &Value) {
        let kind = problem["type"].as_str().unwrap_or_default();
        let kind = kind.trim_start_matches("urn:waybill:problem:");
        let row = rows(PROBLEMS).find(|row| row[..2] == [about, kind]);
        let row = row.unwrap_or_else(|| panic!("no such problem of an {about}: {problem}"));
        let always = ["type", "title", "status", "detail"];
        assert_eq!(members(problem), row[2..].iter().chain(&always).copied().collect(), "{kind}");
        let text = problem.to_string();
        assert!(!text.contains(MARK) && !text.contains(CODE), "{problem}");
        self.meet(about, kind);
    }

    /// Panics if a table has a row that was never observed, or lacks one that was.
    pub(super) fn check_met(&self) {
        self.orders.check_met();
        self.events.check_met();
        let of_parties =
            |name: &'static str| PARTIES.map(|party| (name.to_owned(), party.to_owned()));
        let mut expected: BTreeSet<_> = KINDS.into_iter().flat_map(of_parties).collect();
        expected.retain(|(kind, party)| party != OFFERED || !AFTER_OFFERS.contains(&kind.as_str()));
        for row in rows(PLACES) {
            let cells = of_parties(row[0]).into_iter().zip(&row[1..]);
            expected.extend(cells.filter(|(_, cell)| **cell == "+").map(|(it, _)| it));
        }
        expected.extend(rows(AROUND).map(|row| ("around".to_owned(), row[0].to_owned())));
        expected.extend(rows(PROBLEMS).map(|row| (row[0].to_owned(), row[1].to_owned())));
        let met = self.met.lock().expect("no panic");
        let (rotten, unknown): (Vec<_>, Vec<_>) =
            (expected.difference(&met).collect(), met.difference(&expected).collect());
        assert!(
            rotten.is_empty() && unknown.is_empty(),
            "never met: {rotten:?}; no row: {unknown:?}"
        );
    }
}

fn members(body: &Value) -> BTreeSet<&str> {
    body.as_object().expect("an object").keys().map(String::as_str).collect()
}
